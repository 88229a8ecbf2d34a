"""Rasa components around them: one before the intent classifier, one after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from .details import (
    asks_about_rules,
    asks_for_a_course,
    asks_for_a_robot,
    asks_for_room,
    asks_for_the_last_table,
    asks_what_canceling_costs,
    asks_what_is_noted,
    asks_where_to_park,
    backs_out,
    cancels,
    doubts_what_is_safe,
    is_elliptic,
    is_late,
    keeps,
    lost_something,
    moves_a_time,
    names_a_table,
    wants_a_person,
    wants_a_table,
)
from .grievances import is_about_a_grievance, is_emergency, tells_a_grievance
from .languages import foreign_language
from .parts import split

PARTS = "parts"  # DistilBertIntentClassifier classifies each of them as well
FOREIGN, SEVERAL, EMERGENCY = "foreign_language", "several_questions", "emergency"
COMPLAINT = "complaint"
# What a part may mean beside a question without changing that the question is what has to be answered.
_POLITE = frozenset({"greet", "thank", "affirm", "deny", "stop", "goodbye", "nlu_fallback", "out_of_scope", "repeat"})
MOST_READ = 2_000  # characters of one message: two minutes of speech; everybody else waits while it is read
_LANGUAGE = "en"
_ALARMING = 0.9  # how sure an emergency must be that no words show


class _Component(GraphComponent, IntentClassifier):
    """What needs no configuration and no training."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> _Component:
        """Make the component."""
        return cls()


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class SplitMessage(_Component):
    """Puts the ``parts`` of a message that has several sentences or questions beside its text."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Split each message; one that is an intent ("/greet") or has a single part gets none."""
        for message in messages:
            text = (message.get(TEXT) or "")[:MOST_READ]
            found = split(text) if not text.startswith("/") else [text]
            if len(found) > 1:
                message.set(PARTS, [{"text": part} for part in found], add_to_output=True)
        return messages


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class DecideWhatIsMeant(_Component):
    """Sets the intent of an emergency, of another language, or of a message with several parts, where that is another.

    "Stop. What desserts do you have?" asks for the menu, and "is there parking, and are you open on Sunday?" has the
    intent ``several_questions``. What the parts mean stays in ``parts``.
    """

    questions = (
        "ask_hours", "ask_menu", "ask_allergens", "ask_directions", "ask_contact", "ask_help", "ask_robot",
        "ask_how_are_you", "ask_bookings", "ask_other",
    )  # fmt: skip
    least_confidence = 0.5
    # What may name a number of guests and a day without being a booking.
    about_tables = ("book_table", "inform", "change_booking", "cancel_booking", "complaint")

    def process(self, messages: list[Message]) -> list[Message]:
        """Change the intent where the parts or the language show another."""
        for message in messages:
            text = (message.get(TEXT) or "")[:MOST_READ]
            if text.startswith("/"):
                continue
            if is_emergency(text):
                _set_intent(message, EMERGENCY, 1.0)
                continue
            heard = spoken_language(message)
            language = foreign_language(text) if heard in (None, _LANGUAGE) else heard
            if language is not None:
                message.set("language", language, add_to_output=True)
                _set_intent(message, FOREIGN, 1.0)
                continue
            if tells_a_grievance(text):
                message.set(PARTS, None, add_to_output=True)
                _set_intent(message, COMPLAINT, 1.0)
                continue
            meant = _without_false_alarm(message.get(INTENT), message.get(INTENT_RANKING_KEY))
            if meant:
                _set_intent(message, meant["name"], meant["confidence"])
            if message.get(PARTS):
                message.set(PARTS, self.in_context(message.get(PARTS)), add_to_output=True)
            decided = self.decide(message.get(PARTS) or (), message.get(INTENT)) or self.after_greeting(message)
            shown = self.shown(text)
            if shown and not message.get(PARTS):
                decided = shown, 1.0
            if (
                decided is None
                and not message.get(PARTS)
                and (self.is_a_booking(message.data) or self.unsure_of_it(message))
            ):
                decided = "book_table", 1.0
            if decided:
                _set_intent(message, *decided)
        return messages

    def in_context(self, parts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the parts with the intents they have beside each other.

        "And on New Year's Day?" asks what was asked before it, and what names a number of guests with a day or a time
        is a booking, however it is put.
        """
        found: list[dict[str, Any]] = []
        for part in parts:
            meant = part.get(INTENT) or {}
            asked = (found[-1].get(INTENT) or {}).get("name") if found else None
            if asked in self.questions and is_elliptic(part["text"]):
                part = {**part, INTENT: {**meant, "name": asked, "confidence": 1.0}}
            elif shown := self.shown(part["text"]):
                part = {**part, INTENT: {**meant, "name": shown, "confidence": 1.0}}
            elif self.is_a_booking(part):
                part = {**part, INTENT: {**meant, "name": "inform", "confidence": 1.0}}
            found.append(dict(part))
        return found

    def shown(self, text: str) -> str | None:
        """Return the intent that words show beyond doubt, whatever they are taken for."""
        for name, shows in (
            ("ask_other", is_late),
            ("ask_other", lost_something),
            ("ask_other", asks_about_rules),
            ("ask_directions", asks_where_to_park),
            ("ask_hours", asks_for_the_last_table),
            ("ask_robot", asks_for_a_robot),
            ("ask_allergens", doubts_what_is_safe),
            ("ask_contact", wants_a_person),
            ("ask_menu", asks_for_a_course),
            ("ask_bookings", asks_what_is_noted),
            ("change_booking", moves_a_time),
            ("ask_other", asks_what_canceling_costs),
            ("deny", keeps),
            ("cancel_booking", backs_out),
            ("cancel_booking", cancels),
            ("book_table", asks_for_room),
        ):
            if shows(text):
                return "complaint" if name == "ask_contact" and is_about_a_grievance(text) else name
        return None

    def is_a_booking(self, part: Mapping[str, Any]) -> bool:
        """Say whether a message, or a part, that was taken for something else holds the details of a booking."""
        name = (part.get(INTENT) or {}).get("name")
        text = (part.get(TEXT) or "")[:MOST_READ]
        return name is not None and name not in self.about_tables and (names_a_table(text) or wants_a_table(text))

    def unsure_of_it(self, message: Message) -> bool:
        """Say whether a message holds the details of a booking and was hardly taken for that."""
        intent = message.get(INTENT) or {}
        doubtful = intent.get("name") in ("book_table", "inform") and intent["confidence"] < self.least_confidence
        return doubtful and names_a_table((message.get(TEXT) or "")[:MOST_READ])

    def after_greeting(self, message: Message) -> tuple[str, float] | None:
        """Return what is said after a hello where the whole was taken for a greeting: "hi, two people at 19:15"."""
        if (message.get(INTENT) or {}).get("name") != "greet":
            return None
        meant = [part.get(INTENT) or {} for part in message.get(PARTS) or ()]
        said = [
            one for one in meant if one.get("name") not in (None, "greet") and one["confidence"] > self.least_confidence
        ]
        return (said[0]["name"], said[0]["confidence"]) if said else None

    def decide(
        self, parts: Sequence[Mapping[str, Any]], whole: Mapping[str, Any] | None = None
    ) -> tuple[str, float] | None:
        """Return the intent of a message that has these parts, with its confidence; None to leave it as it is.

        Args:
            parts: with what each of them was taken for.
            whole: what the whole message was taken for; where that is unsure, a sure part decides.
        """
        meant = [part.get(INTENT) or {} for part in parts]  # none where another classifier is in the pipeline
        sure = [intent for intent in meant if intent.get("name") and intent["confidence"] >= self.least_confidence]
        asked = [intent for intent in sure if intent["name"] in self.questions]
        others = [intent for intent in sure if intent["name"] not in (*self.questions, *_POLITE)]
        unsure = bool(whole) and (whole or {}).get("confidence", 1.0) < self.least_confidence
        if not (asked or (unsure and others)) or any(intent["name"] == "complaint" for intent in others):
            return None
        if others:
            first = next((intent for intent in others if intent["name"] != "inform"), others[0])
            return first["name"], first["confidence"]
        confidence = min(intent["confidence"] for intent in asked)
        about_a_booking = {intent["name"] for intent in asked} == {"ask_bookings"}  # which may have to be looked up
        return (SEVERAL if len(asked) > 1 and not about_a_booking else asked[0]["name"]), confidence


def spoken_language(message: Message) -> str | None:
    """Return the language in which a recognizer heard the message, ISO 639-1, where it says so."""
    metadata = message.get("metadata")
    voice = metadata.get("voice") if isinstance(metadata, dict) else None
    language = voice.get("language") if isinstance(voice, dict) else None
    return language.split("-")[0].lower() if isinstance(language, str) and language else None


def _without_false_alarm(
    intent: Mapping[str, Any] | None, ranking: Sequence[Mapping[str, Any]] | None
) -> Mapping[str, Any] | None:
    """Return what a message means that is doubtfully an emergency and no danger shows in; None to leave it."""
    name, confidence = (intent or {}).get("name"), (intent or {}).get("confidence", 0.0)
    if name != EMERGENCY or confidence >= _ALARMING:
        return None
    return next((other for other in ranking or () if other["name"] != EMERGENCY), None)


def _set_intent(message: Message, name: str, confidence: float) -> None:
    intent = {"name": name, "confidence": confidence}
    others = [one for one in message.get(INTENT_RANKING_KEY) or () if one.get("name") != name]
    left = (1 - confidence) / (
        sum(one["confidence"] for one in others) or 1
    )  # FallbackClassifier compares the first two
    others = [{**one, "confidence": one["confidence"] * left} for one in others]
    message.set(INTENT, intent, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [dict(intent), *others], add_to_output=True)
