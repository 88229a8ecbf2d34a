"""booking_form: its turns, and what happens when it ends."""

from __future__ import annotations

import re

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from . import settings
from .booking_dialogue import BookingDialogue
from .booking_state import CANCEL, CHANGE, SLOTS, BookingState, Reply, Turn
from .bookings import BookingBook, NoRoom, Request, UnknownBooking
from .conversation import Events, acted_since_user, bot_turns, intent, people, phone_words, say, words
from .hearing import hear
from .patience import is_losing_patience, offer_person
from .smalltalk import say_not_understood
from .spoken import say_guests, say_when

FORM = "booking_form"
_QUESTION = re.compile(r"^\W*(?:what|who|how|why|where|which|is|are|do|does|have)\b")  # "what's the special today"
_YES_NO = (("Yes", "/affirm"), ("No", "/deny"))


class ValidateBookingForm(Action):
    """One turn of the form: understand, check, ask for the next thing.

    It takes the place of one ``validate_<slot>`` method per slot because one sentence may fill, change and take
    back several slots, and because what a time means depends on the day.
    """

    def name(self) -> str:
        """Return the name under which Rasa's form calls this action."""
        return f"validate_{FORM}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Take one turn."""
        dialogue = _dialogue(tracker)
        asked = tracker.get_slot("requested_slot")
        state = BookingState.from_slots(tracker.slots)
        answered = acted_since_user(tracker, FORM, TakeDetails.action_name)
        if asked is None and not answered:  # a new form; what is left in the slots belongs to an earlier one
            state = BookingState()
        reply = dialogue.ask_again(state) if answered else dialogue.take(state, _turn(tracker, asked))
        if reply.rejected:
            return [ActionExecutionRejected(FORM)]
        offered = offer_person(dispatcher, tracker) if is_losing_patience(tracker) else []
        _speak(reply, dispatcher, tracker)
        if reply.stopped:
            state = reply.state.with_(confirmed=False)
            return [*offered, *_slots(state), SlotSet("requested_slot", None)]
        return [*offered, *_slots(reply.state), SlotSet("requested_slot", reply.ask)]


class TakeDetails(Action):
    """Begin a booking from bare details ("tomorrow at eight for two"), but not from words that hold none."""

    action_name = "action_take_details"

    def name(self) -> str:
        """Return the name used in the rules."""
        return self.action_name

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Go on with booking_form, or say what can be asked."""
        heard = hear(words(tracker), today=settings.now().date(), people=people(tracker))
        details = sum(value is not None for value in (heard.day, heard.clock, heard.party_size))
        if details > 1 or (details and not _QUESTION.search(words(tracker).lower())):
            return [FollowupAction(FORM)]
        say_not_understood(dispatcher, tracker)
        return []


class FinishBooking(Action):
    """Write down what the guest confirmed, or say that nothing was done."""

    def name(self) -> str:
        """Return the name used in the rules."""
        return "action_finish_booking"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Book, change or cancel, and forget the details except the name."""
        state = BookingState.from_slots(tracker.slots)
        kept = SlotSet("name", state.name)
        forget = [SlotSet(slot, None) for slot in SLOTS if slot != "name"]
        if not state.confirmed:
            say(dispatcher, tracker, _nothing_done(state))
            return [*forget, kept]
        request = _request(state)
        book, now = _book(), settings.now()
        try:
            if state.task == CANCEL:
                book.cancel(state.booking_id or 0, now=now)
            elif state.task == CHANGE:
                book.change(state.booking_id or 0, request)
            else:
                book.book(request, conversation=tracker.sender_id, now=now)
        except NoRoom:  # somebody else took the last seats between the question and the answer
            say(dispatcher, tracker, _dialogue(tracker).full_house(request, state.booking_id))
            return [SlotSet("confirmed", None), SlotSet("time", None), FollowupAction(FORM)]
        except UnknownBooking:
            phone = phone_words(tracker, settings.restaurant().phone)
            say(
                dispatcher,
                tracker,
                f"That booking was cancelled already. If you didn't do that, please call us on {phone}.",
            )
            return [*forget, kept]
        say(dispatcher, tracker, _done(state, request))
        return [*forget, kept]


def _request(state: BookingState) -> Request:
    day, time = state.day, state.clock
    if day is None or time is None or state.party_size is None or state.name is None:
        raise ValueError("the form confirmed a booking that is not complete")
    return Request(state.name, day, time, state.party_size)


def _done(state: BookingState, request: Request) -> str:
    when = say_when(request.day, request.time, settings.now().date())
    if state.task == CANCEL:
        return f"I've cancelled your table, {when}. Thank you for telling us."
    table = f"a table for {say_guests(request.party_size)}, {when}, under the name of {request.name}"
    if state.task == CHANGE:
        return f"It's changed: {table}. See you then!"
    return f"It's booked: {table}. We look forward to seeing you!"


def _nothing_done(state: BookingState) -> str:
    if state.task == CANCEL:
        return "All right, your booking stays as it is."
    if state.task == CHANGE:
        return "All right, I changed nothing."
    return "All right, I haven't booked anything."


def _speak(reply: Reply, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    for sentence in reply.say[:-1]:
        say(dispatcher, tracker, sentence)
    if reply.say:
        yes_no = reply.ask == "confirmed" and "Shall I" in reply.say[-1]
        say(dispatcher, tracker, reply.say[-1], buttons=_YES_NO if yes_no else ())


def _turn(tracker: Tracker, asked: str | None) -> Turn:
    said = [text for turn in bot_turns(tracker)[:-1] for text in turn]
    return Turn(words(tracker), intent(tracker), asked, people(tracker), said[-1] if said else "")


def _slots(state: BookingState) -> Events:
    return [SlotSet(slot, value) for slot, value in state.as_slots().items()]


def _book() -> BookingBook:
    return BookingBook(settings.database(), settings.restaurant())


def _dialogue(tracker: Tracker) -> BookingDialogue:
    house = settings.restaurant()
    return BookingDialogue(house, _book(), settings.now(), tracker.sender_id, phone_words(tracker, house.phone))
