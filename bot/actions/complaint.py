"""complaint_form: an apology, a note for the staff, and how to reach the guest."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from . import settings
from .callbacks import CallbackList
from .conversation import Events, acted_since_user, intent, people, phone_words, say, sentiment, words
from .names import find_name
from .numbers import to_digits

FORM = "complaint_form"
# Scores from here down count as upset. A plain "no" or "stop" scores as low, so this is only asked about messages that
# were praise or not understood, never about an answer.
UPSET = -0.9
_ASK = "May I have your name and phone number, so that the manager can call you back?"
_ASK_PHONE = "And your phone number, please?"
_QUESTIONS = frozenset(
    {"ask_hours", "ask_menu", "ask_allergens", "ask_directions", "ask_contact", "ask_robot", "repeat"}
)


class ValidateComplaintForm(Action):
    """Apologise and write the complaint down at once; then ask, at most twice, how to reach the guest."""

    def name(self) -> str:
        """Return the name under which Rasa's form calls this action."""
        return f"validate_{FORM}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Take one turn."""
        callbacks = CallbackList(settings.database())
        if tracker.get_slot("requested_slot") is None:
            return _begin(callbacks, dispatcher, tracker)
        if acted_since_user(tracker, FORM):
            say(dispatcher, tracker, _ASK)
            return [_asks()]
        if intent(tracker) in _QUESTIONS and find_phone(words(tracker)) is None:
            return [ActionExecutionRejected(FORM)]
        return _contact(callbacks, dispatcher, tracker)


class FinishComplaint(Action):
    """Tell the guest what happens now."""

    def name(self) -> str:
        """Return the name used in the rules."""
        return "action_finish_complaint"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Say whether somebody will call, and forget the complaint."""
        phone = tracker.get_slot("callback_phone")
        if phone:
            say(dispatcher, tracker, f"Thank you. The manager will call you back on {phone_words(tracker, phone)}.")
        else:
            reach = phone_words(tracker, settings.restaurant().phone)
            say(dispatcher, tracker, f"I have passed it on to the manager. You can also reach us on {reach}.")
        return [SlotSet(slot, None) for slot in ("callback_id", "callback_phone", "contact")]


class ReactToPraise(Action):
    """Thank for praise; but when the sentiment says the words were not meant kindly, apologise instead."""

    def name(self) -> str:
        """Return the name used in the rules."""
        return "action_react_to_praise"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Thank, or begin the complaint form."""
        if is_upset(tracker):
            return [FollowupAction(FORM)]
        say(dispatcher, tracker, "Thank you, that's lovely to hear. I'll tell the team.")
        return []


def is_upset(tracker: Tracker) -> bool:
    """Say whether the latest message sounds strongly negative."""
    label, score = sentiment(tracker)
    return label == "negative" and score <= UPSET


def _begin(callbacks: CallbackList, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    label, score = sentiment(tracker)
    name = tracker.get_slot("name")
    callback_id = callbacks.add(
        words(tracker),
        conversation=tracker.sender_id,
        sentiment=label,
        score=score,
        name=name,
        now=settings.now(),
    )
    apology = "I'm so sorry. That should never have happened." if label == "negative" else "I'm sorry to hear that."
    ask = f"Which phone number may the manager call you back on, {name}?" if name else _ASK
    say(dispatcher, tracker, f"{apology} I'm passing it on to our manager right away.")
    say(dispatcher, tracker, ask)
    return [SlotSet("callback_id", callback_id), SlotSet("callback_phone", None), SlotSet("contact", None), _asks()]


def _contact(callbacks: CallbackList, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    said, callback_id = words(tracker), tracker.get_slot("callback_id")
    phone = find_phone(said)
    name = None
    if intent(tracker) != "complaint" or phone:  # "this is awful" is no name
        name = find_name(re.sub(r"[\d+()-][\d\s+()-]{5,}", " ", said), asked=phone is None, people=people(tracker))
    callbacks.add_contact(callback_id, name=name, phone=phone)
    if phone:
        done: list[dict[str, Any]] = [SlotSet("callback_phone", phone), SlotSet("contact", "given")]
    elif tracker.get_slot("contact") is None and intent(tracker) not in ("deny", "stop", "goodbye"):
        say(dispatcher, tracker, f"Thank you, {name}. {_ASK_PHONE}" if name else _ASK)
        return [SlotSet("contact", "asked twice"), _asks()]
    else:
        done = [SlotSet("contact", "refused")]
    return [*done, SlotSet("requested_slot", None)]


def find_phone(text: str) -> str | None:
    """Find a telephone number of at least six digits, typed or spoken ("five five five, double one four two")."""
    lowered = re.sub(r"\b(?:oh|o)\b", "zero", text.lower())
    lowered = re.sub(r"\b(double|triple) (\w+)", lambda m: f"{m[2]} " * (2 if m[1] == "double" else 3), lowered)
    match = re.search(r"\+?\d[\d\s().,/-]{4,}\d", to_digits(lowered))
    if match is None:
        return None
    digits = re.sub(r"\D", "", match[0])
    return f"{'+' if match[0].startswith('+') else ''}{digits}" if len(digits) >= 6 else None


def _asks() -> dict[str, Any]:
    return SlotSet("requested_slot", "contact")
