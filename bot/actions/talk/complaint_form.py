"""complaint_form: an apology, a note for the staff, and how to reach the guest."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

from phrases import Phrases
from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from convai_rasa.capture import Taken, read
from convai_rasa.nlu.values import find_name

from ..booking.words import COMPLAINT_QUESTION
from ..conversation import (
    BOOKING_FORM,
    COMPLAINT_FORM,
    Events,
    acted_since_user,
    bot_turns,
    earlier_words,
    intent,
    people,
    phone_words,
    say,
    sentiment,
    words,
)
from ..food.safety import ASK_KITCHEN
from ..hearing.utterance import hear
from ..hearing.yes_no import begins_with_answer
from ..house import settings
from ..house.callbacks import CallbackList
from .callback_number import ASKING, answered, is_an_answer, is_read_back, needs_reading_back, read_back
from .complaints import (
    asks_to_act,
    is_sure_complaint,
    is_upset,
    may_complain,
    sounds_bad,
    takes_back,
    tells_a_complaint,
)
from .questions import QUESTIONS

FORM = COMPLAINT_FORM
_ASK = "May I have your name and phone number, so that the manager can call you back?"
_APOLOGY = "I'm so sorry. That should never have happened."
_ASK_PHONE = "And your phone number, please?"
SAID = Phrases(__file__)
_FEWEST_DIGITS = 6  # of a telephone number
_KITCHEN, _MANAGER = "kitchen", "manager"
_QUESTIONS = QUESTIONS | {"repeat", "several_questions", "foreign_language", "emergency"}


class ValidateComplaintForm(Action):
    """Apologize and write the complaint down at once; then ask, at most twice, how to reach the guest."""

    def name(self) -> str:
        """Return the name under which Rasa's form calls this action."""
        return f"validate_{FORM}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Take one turn."""
        callbacks = CallbackList(settings.database())
        begun = tracker.get_slot("callback_id") is not None
        if acted_since_user(tracker, FORM) and tracker.get_slot("requested_slot"):
            say(dispatcher, tracker, _ASK if begun else COMPLAINT_QUESTION)
            return [_asks()]
        if not begun:
            return _begin(callbacks, dispatcher, tracker)
        answers = find_phone(words(tracker)) or is_an_answer(tracker) or SAID.when_to_call.search(words(tracker))
        if intent(tracker) in _QUESTIONS and not answers:
            return [ActionExecutionRejected(FORM)]
        if goes_on_to_book(tracker) and not answers:
            return [SlotSet("contact", "refused"), SlotSet("requested_slot", None)]
        return _contact(callbacks, dispatcher, tracker)


class FinishComplaint(Action):
    """Tell the guest what happens now."""

    def name(self) -> str:
        """Return the name used in the rules."""
        return "action_finish_complaint"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Say whether somebody will call, and forget the complaint."""
        phone, who = tracker.get_slot("callback_phone"), tracker.get_slot("callback_by") or _MANAGER
        if tracker.get_slot("callback_id") is None:
            say(dispatcher, tracker, "All right. Just tell me if there is anything else.")
        elif phone:
            say(dispatcher, tracker, f"Thank you. The {who} will call you back on {phone_words(tracker, phone)}.")
        else:
            reach = phone_words(tracker, settings.restaurant().phone)
            say(dispatcher, tracker, f"I have passed it on to the {who}. You can also reach us on {reach}.")
        events = [SlotSet(slot, None) for slot in ("callback_id", "callback_phone", "callback_by", "contact", ASKING)]
        return [*events, FollowupAction(BOOKING_FORM)] if goes_on_to_book(tracker) and not phone else events


class TrackDoubt(Action):
    """Set the slot ``doubt`` to what the bot has just asked back, so that a "yes" means that."""

    def name(self) -> str:
        """Return the name used in the slot's mapping."""
        return "action_track_doubt"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Look at the assistant's last words."""
        return [SlotSet("doubt", asked_back(tracker))]


class ReactToPraise(Action):
    """Thank for praise; but when the sentiment says the words were not meant kindly, ask whether to complain."""

    def name(self) -> str:
        """Return the name used in the rules."""
        return "action_react_to_praise"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Thank, or begin the complaint form."""
        if is_upset(tracker) or sounds_bad(words(tracker)):
            return [FollowupAction(FORM)]  # which asks whether it is a complaint
        say(dispatcher, tracker, "Thank you, that's lovely to hear. I'll tell the team.")
        return []


def goes_on_to_book(tracker: Tracker) -> bool:
    """Say whether the latest message leaves the complaint for a table: "can I book for Sunday at one, two people"."""
    if intent(tracker) not in ("book_table", "change_booking", "cancel_booking", "inform"):
        return False
    heard = hear(words(tracker), now=settings.now())
    details = sum(bool(value) for value in (heard.day, heard.times, heard.party_size))
    return details > 1 or (intent(tracker) != "inform" and "table" in words(tracker).lower())


def asked_back(tracker: Tracker) -> str | None:
    """Return what the assistant's last words offered: to ask the kitchen, or to pass on a complaint."""
    said = next((turn for turn in reversed(bot_turns(tracker)[:-1]) if turn), [""])[-1]
    if said.endswith(ASK_KITCHEN):
        return _KITCHEN
    return _MANAGER if said == COMPLAINT_QUESTION else None


def _begin(callbacks: CallbackList, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    offered, said = asked_back(tracker), words(tracker)
    if offered and _agrees(tracker):
        told = [earlier_words(tracker), said] if asks_to_act(said) else [earlier_words(tracker)]
        return _write_down(callbacks, dispatcher, tracker, ". ".join(told), offered)
    if is_sure_complaint(tracker):
        return _write_down(callbacks, dispatcher, tracker, said, _MANAGER)
    goes_on = tells_a_complaint(tracker) and not takes_back(said)
    if tracker.get_slot("requested_slot") is None or goes_on:
        if tells_a_complaint(tracker):
            say(dispatcher, tracker, _APOLOGY)
        elif intent(tracker) == "complaint" or sentiment(tracker)[0] == "negative" or may_complain(tracker):
            say(dispatcher, tracker, "I'm sorry if something was not right.")
        say(dispatcher, tracker, COMPLAINT_QUESTION)
        return [_asks()]
    if intent(tracker) in _QUESTIONS:
        return [ActionExecutionRejected(FORM)]
    return [SlotSet("contact", "refused"), SlotSet("requested_slot", None)]


def _agrees(tracker: Tracker) -> bool:
    """Say whether the guest wants passed on what was just offered, or tells at once how to be reached."""
    said = words(tracker)
    if begins_with_answer(said) == "deny" or takes_back(said):
        return False
    agreed = intent(tracker) == "affirm" or begins_with_answer(said) == "affirm"
    return agreed or asks_to_act(said) or find_phone(said) is not None


def _write_down(
    callbacks: CallbackList, dispatcher: CollectingDispatcher, tracker: Tracker, message: str, who: str
) -> Events:
    label, score = sentiment(tracker)
    name = tracker.get_slot("name")
    callback_id = callbacks.add(
        message,
        conversation=tracker.sender_id,
        sentiment=label,
        score=score,
        name=name,
        now=settings.now(),
    )
    if who == _MANAGER:
        negative = label == "negative"
        apology = f"{_APOLOGY} " if negative else "" if asked_back(tracker) else "I'm sorry to hear that. "
        say(dispatcher, tracker, f"{apology}I'm passing it on to our manager right away.")
    else:
        say(dispatcher, tracker, "I'm passing your question on to the kitchen.")
    called = f"Which phone number may the {who} call you back on, {name}?"
    say(dispatcher, tracker, called if name else _ASK.replace(_MANAGER, who))
    kept = [SlotSet("callback_id", callback_id), SlotSet("callback_by", who)]
    return [*kept, SlotSet("callback_phone", None), SlotSet("contact", None), _asks()]


def _contact(callbacks: CallbackList, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
    said, callback_id = words(tracker), tracker.get_slot("callback_id")
    if takes_back(said) and not (find_phone(said) or asks_to_act(said)):
        callbacks.withdraw(callback_id)
        return [SlotSet("callback_id", None), SlotSet("contact", "refused"), SlotSet("requested_slot", None)]
    if is_read_back(tracker):
        return _agreed(callbacks, dispatcher, tracker, answered(tracker))
    phone, before, after = _phone_in(said)
    name = None
    if intent(tracker) != "complaint" or phone:  # "this is awful" is no name
        found = find_name(SAID.calls.sub(" ", f"{before} {after}").strip(), asked=True, people=people(tracker))
        name = str(found.value) if found is not None else None
    if phone and needs_reading_back(tracker):
        callbacks.add_contact(callback_id, name=name)
        return _agreed(callbacks, dispatcher, tracker, read_back(phone))
    callbacks.add_contact(callback_id, name=name, phone=phone)
    if phone:
        done: list[dict[str, Any]] = [SlotSet("callback_phone", phone), SlotSet("contact", "given")]
    elif tracker.get_slot("contact") is None and intent(tracker) not in ("deny", "stop", "goodbye"):
        say(dispatcher, tracker, f"Thank you, {name}. {_ASK_PHONE}" if name else _ASK)
        return [SlotSet("contact", "asked twice"), _asks()]
    else:
        done = [SlotSet("contact", "refused")]
    return [*done, SlotSet("requested_slot", None)]


def _agreed(callbacks: CallbackList, dispatcher: CollectingDispatcher, tracker: Tracker, taken: Taken) -> Events:
    """Note a number once the guest agrees with it; until then, say what it needs."""
    if taken.value is None and not taken.left_out:
        say(dispatcher, tracker, taken.asking.say)
        return [SlotSet(ASKING, taken.asking.as_dict()), SlotSet("contact", "asked twice"), _asks()]
    callbacks.add_contact(tracker.get_slot("callback_id"), phone=taken.value)
    contact = "given" if taken.value else "refused"
    done = [SlotSet("callback_phone", taken.value), SlotSet("contact", contact), SlotSet("requested_slot", None)]
    return [SlotSet(ASKING, None), *done]


def find_phone(text: str) -> str | None:
    """Find a telephone number of at least six digits, typed or spoken ("five five five, double one four two")."""
    return _phone_in(text)[0]


def _phone_in(text: str) -> tuple[str | None, str, str]:
    """Return the telephone number in a text, and what is said before and after it."""
    said = text.split()
    places = range(len(said) + 1)
    for start, end in sorted(combinations(places, 2), key=lambda span: (span[0], -span[1])):
        taken = read("phone", " ".join(said[start:end]))
        if taken is not None and len(re.sub(r"\D", "", taken.value)) >= _FEWEST_DIGITS:
            return taken.value, " ".join(said[:start]), " ".join(said[end:])
    return None, text, ""


def _asks() -> dict[str, Any]:
    return SlotSet("requested_slot", "contact")
