"""Reading Rasa's tracker and answering through its dispatcher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from .spoken import say_phone

VOICE_CHANNEL = "voice"
BOOKING_FORM = "booking_form"
COMPLAINT_FORM = "complaint_form"
MOST_READ = 2_000  # characters of one text: two minutes of speech
Events = list[dict[str, Any]]


@dataclass(frozen=True)
class Answer:
    """What to say to one question.

    Attributes:
        spoken: words for the ear.
        shown: a text for the eye where a list or digits read better.
        kitchen: the answer offers to ask the kitchen this.
    """

    spoken: str
    shown: str | None = None
    kitchen: str | None = None


@dataclass(frozen=True)
class Part:
    """A part of a message that holds several, with what it means."""

    text: str
    intent: str
    confidence: float


def is_spoken(tracker: Tracker) -> bool:
    """Say whether the answer will be heard rather than read."""
    return tracker.get_latest_input_channel() == VOICE_CHANNEL


def say(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    text: str,
    *,
    shown: str | None = None,
    buttons: Sequence[tuple[str, str]] = (),
) -> None:
    """Answer with words for the ear, or on a written channel with a text for the eye and buttons.

    Args:
        text: the spoken answer.
        shown: the written one when a list or digits read better; the spoken text when None.
        buttons: titles and payloads, only sent to written channels.
    """
    if is_spoken(tracker):
        dispatcher.utter_message(text=text)
        return
    choices = [{"title": title, "payload": payload} for title, payload in buttons]
    dispatcher.utter_message(text=shown or text, buttons=choices)


def phone_words(tracker: Tracker, number: str) -> str:
    """Return a telephone number as the channel should have it: digit by digit for the ear, as written for the eye."""
    return say_phone(number) if is_spoken(tracker) else number


def text_of(message: Mapping[str, Any]) -> str:
    """Return the text of a message or event, as far as it is read: other callers wait while one text is."""
    return str(message.get("text") or "")[:MOST_READ]


def words(tracker: Tracker) -> str:
    """Return the latest message's text."""
    return text_of(tracker.latest_message)


def intent(tracker: Tracker) -> str | None:
    """Return the latest message's intent, ``nlu_fallback`` included."""
    return (tracker.latest_message.get("intent") or {}).get("name")


def confidence(tracker: Tracker) -> float:
    """Return how sure the intent is, from 0 to 1; a button or ``/intent`` is."""
    return float((tracker.latest_message.get("intent") or {}).get("confidence") or 0.0)


def parts(tracker: Tracker) -> list[Part]:
    """Return the parts of a message that holds several questions or sentences; none of one that holds a single one."""
    found = tracker.latest_message.get("parts") or ()
    return [
        Part(text_of(part), str(part["intent"]["name"]), float(part["intent"]["confidence"]))
        for part in found
        if (part.get("intent") or {}).get("name")
    ]


def earlier_words(tracker: Tracker) -> str:
    """Return what the user said before the latest message."""
    return next(reversed(said_before(tracker)), "")


def said_before(tracker: Tracker) -> list[str]:
    """Return everything the user said before the latest message, the latest last."""
    return [text_of(event) for event in tracker.events if event["event"] == "user"][:-1]


def people(tracker: Tracker) -> list[str]:
    """Return the names of people the entity extractor saw in the latest message."""
    entities = tracker.latest_message.get("entities") or ()
    return [str(entity["value"]) for entity in entities if entity.get("entity") == "PERSON"]


def sentiment(tracker: Tracker) -> tuple[str, float]:
    """Return the latest message's sentiment as (label, score from -1 to 1); neutral when nobody measured it."""
    found = tracker.latest_message.get("sentiment") or {}
    if found:
        return str(found["label"]), float(found["score"])
    label = next(
        (str(e["value"]) for e in tracker.latest_message.get("entities") or () if e.get("entity") == "sentiment"),
        "neutral",
    )
    return label, {"positive": 1.0, "negative": -1.0}.get(label, 0.0)


def bot_turns(tracker: Tracker) -> list[list[str]]:
    """Return what the assistant said, as one list of texts for each message of the user (and one before the first)."""
    turns: list[list[str]] = [[]]
    for event in tracker.events:
        if event["event"] == "user":
            turns.append([])
        elif event["event"] == "bot" and event.get("text"):
            turns[-1].append(text_of(event))
    return turns


def acted_since_user(tracker: Tracker, *but: str) -> bool:
    """Say whether an action has already answered the latest message, so that a form should only ask again.

    Args:
        but: actions that answer nothing, the form itself among them.
    """
    names = []
    for event in reversed(tracker.events):
        if event["event"] == "user":
            break
        if event["event"] == "action":
            names.append(event["name"])
    return any(name not in (*but, "action_listen", "action_extract_slots") for name in names)


def notes_of(tracker: Tracker) -> list[str]:
    """Return what has been noted in this conversation."""
    return list(tracker.get_slot("notes") or ())


def add_notes(tracker: Tracker, notes: Sequence[str]) -> Events:
    """Return what keeps further notes, or nothing where there are none."""
    return [SlotSet("notes", list(dict.fromkeys([*notes_of(tracker), *notes])))] if notes else []
