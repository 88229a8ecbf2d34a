"""Words that go on with the question before and have no verb of their own: "and the curry?", "and on Monday?"."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from phrases import Phrases
from rasa_sdk import Tracker

from ..conversation import Part, text_of, words
from ..food.question import asked_again
from ..hearing.calendar import days_and_times
from ..house import settings
from .answers import facts_named, topic_of

FOOD = ("ask_menu", "ask_allergens")
SAID = Phrases(__file__)


def is_elliptic(text: str) -> bool:
    """Say whether words go on with the question before them, and have no verb of their own."""
    text = text.replace("\u2019", "'")
    return bool(SAID.goes_on.match(text)) and not SAID.verb.search(SAID.about.sub("", text))


def follow_up(tracker: Tracker, asking: Collection[str]) -> list[Part]:
    """Return the question that the latest message asks by going on with the one before it; nothing where it does not.

    Args:
        tracker: of the conversation.
        asking: the intents of questions.
    """
    if tracker.active_loop.get("name") or not is_elliptic(words(tracker)):
        return []
    asked: Part | None = None
    for event in [event for event in tracker.events if event["event"] == "user"][:-1]:
        said = text_of(event)
        again = _goes_on(asked, said) if asked and is_elliptic(said) else None
        asked = again or _question_in(event.get("parse_data") or {}, said, asking)
    found = _goes_on(asked, words(tracker)) if asked else None
    return [found] if found else []


def _question_in(parsed: dict[str, Any], text: str, asking: Collection[str]) -> Part | None:
    """Return the last question of a message."""
    understood = [{"text": text, "intent": parsed.get("intent") or {}}, *(parsed.get("parts") or ())]
    asked = [one for one in understood if (one.get("intent") or {}).get("name") in asking]
    return Part(text_of(asked[-1]), asked[-1]["intent"]["name"], 1.0) if asked else None


def _goes_on(asked: Part, said: str) -> Part | None:
    if asked.intent in FOOD:
        again = asked_again(asked.text, said, settings.restaurant().menu)
        return Part(again, asked.intent, 1.0) if again else None
    if asked.intent == "ask_hours" and any(days_and_times(said, settings.now())):
        return Part(said, asked.intent, 1.0)
    if topic_of(said):
        return Part(said, "ask_other", 1.0)
    return Part(said, "ask_directions", 1.0) if facts_named(said) else None
