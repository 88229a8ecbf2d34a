"""A form that asks for spoken values, through rasa_sdk's own executor."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.executor import ActionExecutor

from convai_rasa.errors import ConfigurationError
from convai_rasa.spoken_form import ASKING, AskSpoken, SpokenForm

CONDITIONS = [{"active_loop": "contact_form"}]
DOMAIN: dict[str, Any] = {
    "slots": {
        "phone": {"spoken": "phone", "mappings": [{"type": "from_text", "conditions": CONDITIONS}]},
        "name": {"spoken": "name", "mappings": [{"type": "from_text", "conditions": CONDITIONS}]},
        "day": {"spoken": "date", "mappings": [{"type": "from_text", "conditions": CONDITIONS}]},
        "guests": {"mappings": [{"type": "from_text", "conditions": CONDITIONS}]},
        ASKING: {"mappings": [{"type": "custom"}]},
    },
    "forms": {"contact_form": {"required_slots": ["name", "phone", "day", "guests"]}},
    "responses": {"utter_ask_phone": [{"text": "What is your number?"}]},
}


class ValidateContactForm(SpokenForm, FormValidationAction):
    def name(self) -> str:
        return "validate_contact_form"

    def validate_phone(self, value: Any, dispatcher: Any, tracker: Tracker, domain: Any) -> dict[str, Any]:
        if value.startswith("900"):
            dispatcher.utter_message(text="That is an expensive number.")
            return {"phone": None}
        return {"phone": value}

    def validate_guests(self, value: Any, dispatcher: Any, tracker: Tracker, domain: Any) -> dict[str, Any]:
        return {"guests": value.upper()}


class AskPhone(AskSpoken):
    form, slot = "contact_form", "phone"


class Caller:
    """What Rasa does with a form, as far as one slot goes."""

    def __init__(self, slot: str, domain: dict[str, Any] = DOMAIN) -> None:
        self.executor = ActionExecutor()
        self.executor.register_action(ValidateContactForm)
        self.executor.register_action(AskPhone)
        self.slot, self.domain = slot, domain
        self.slots: dict[str, Any] = {"requested_slot": slot, slot: None, ASKING: None}

    def says(self, text: str, *, spoken: bool = True, language: str = "en") -> Any:
        voice = {"confidence": 0.9, "language": language} if spoken else {}
        latest = {"text": text, "metadata": {"voice": voice}, "intent": {}, "entities": []}
        events = [
            {"event": "user", "text": text, "timestamp": 1.0},
            {"event": "slot", "name": self.slot, "value": text, "timestamp": 2.0},
        ]
        answer = self._run("validate_contact_form", latest, events, {**self.slots, self.slot: text})
        for event in answer["events"]:
            self.slots[event["name"]] = event["value"]
        self.told = [response["text"] for response in answer["responses"]]
        return self.slots[self.slot]

    def asked(self) -> str:
        answer = self._run("action_ask_contact_form_phone", {}, [], self.slots)
        (response,) = answer["responses"]
        return str(response.get("text") or response.get("response"))

    def _run(self, action: str, latest: dict[str, Any], events: list[Any], slots: dict[str, Any]) -> Any:
        tracker = {
            "sender_id": "ann",
            "slots": slots,
            "latest_message": latest,
            "events": events,
            "active_loop": {"name": "contact_form"},
        }
        call = {"next_action": action, "tracker": tracker, "domain": self.domain}
        return asyncio.run(self.executor.run(call))


def test_a_number_is_asked_for_read_back_repaired_and_kept() -> None:
    caller = Caller("phone")
    assert caller.asked() == "utter_ask_phone"
    assert caller.says("555 012 3495") is None
    assert caller.asked() == "I have 5 5 5, 0 1 2, 3 4 9 5, is that right?"
    assert caller.says("no, the last digit is an 8") is None
    assert caller.asked() == "I have 5 5 5, 0 1 2, 3 4 9 8, is that right?"
    assert caller.says("yes") == "5550123498"
    assert caller.slots[ASKING] is None


def test_the_form_may_refuse_a_value_that_was_agreed_on() -> None:
    caller = Caller("phone")
    caller.says("900 012 3495")
    assert caller.says("yes") is None
    assert caller.told == ["That is an expensive number."]
    assert caller.asked() == "utter_ask_phone"


def test_what_was_pressed_or_typed_is_kept_at_once() -> None:
    assert Caller("phone").says("5550123495", spoken=False) == "5550123495"


def test_a_value_may_be_left_out() -> None:
    caller = Caller("name")
    assert caller.says("skip it") == "none"
    assert caller.told == ["All right, we'll leave that out."]


def test_other_slots_are_the_forms_own() -> None:
    assert Caller("guests").says("six of us") == "SIX OF US"


def test_a_day_is_read_as_days_are() -> None:
    caller = Caller("day")
    assert caller.says("the fourth of december 2031") is None
    assert caller.says("yes") == "2031-12-04"


def test_it_is_asked_in_the_language_that_was_spoken() -> None:
    caller = Caller("phone")
    caller.says("030 123 4567", language="de")
    assert caller.asked() == "Ich habe notiert: 0 3 0, 1 2 3, 4 5 6 7, ist das richtig?"


def test_a_domain_without_the_slot_that_remembers_is_told_what_to_add() -> None:
    slots = {name: slot for name, slot in DOMAIN["slots"].items() if name != ASKING}
    with pytest.raises(ConfigurationError, match=f"no slot '{ASKING}'.*add to its slots"):
        Caller("phone", {**DOMAIN, "slots": slots}).says("555 012 3495")
