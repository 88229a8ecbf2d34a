"""booking_form: its turns, and what happens when it ends."""

from __future__ import annotations

import re
from dataclasses import replace

from phrases import Phrases
from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from convai_rasa.capture import read

from ..booking.dialogue import BookingDialogue
from ..booking.state import BOOK, CANCEL, CHANGE, SHOW, SLOTS, BookingState, Reply, Turn
from ..booking.wishes import WISHES, gives_up_table
from ..booking.words import CANCELED, NOT_UNDERSTOOD
from ..conversation import (
    BOOKING_FORM,
    COMPLAINT_FORM,
    Events,
    Part,
    acted_since_user,
    add_notes,
    bot_turns,
    confidence,
    intent,
    notes_of,
    parts,
    people,
    phone_words,
    said_before,
    say,
    words,
)
from ..food.replies import names_food
from ..hearing.heard import Heard
from ..hearing.naming import read_name
from ..hearing.notes import asks_for_a_wish, asks_something, find_notes, is_question, revised_notes, say_noted
from ..hearing.utterance import hear
from ..house import settings
from ..house.bookings import BookingBook, NoRoom, Request, UnknownBooking
from ..spoken import say_when
from .complaints import is_sure_complaint
from .follow_up import follow_up
from .overview import TellBookings, about_own_booking, booking_words
from .patience import is_losing_patience, offer_person
from .questions import QUESTIONS, SURE, answer_questions, questions
from .smalltalk import say_not_understood

FORM = BOOKING_FORM
HELP_OUT = "action_help_out"
COMPLAINT_ACTIONS = (COMPLAINT_FORM, f"validate_{COMPLAINT_FORM}", "action_finish_complaint")
KEPT = ("name", "notes")  # slots that outlive a booking
SAID = Phrases(__file__)
# How sure a "yes" or a "stop" must be, unless the words say it plainly.
_ACTS_FROM = 0.6
_PLAIN = {
    "affirm": r"yes|yeah|yep|sure|right|correct|ok(?:ay)?|please|go ahead|perfect|absolutely|exactly|of course|fine",
    "stop": r"stop|forget|never ?mind|leave it|quit|cancel|abort|changed my mind|enough|don't want|drop|skip|later",
    "goodbye": r"bye|goodbye|see you|good night",
    "cancel_booking": r"cancel|call off|delete|remove|not coming|can't (?:come|make)",
}
_LONGEST_NAME = 4  # words
_ASIDE = QUESTIONS - {"ask_bookings", "ask_hours"}
_DOUBTFUL = 0.3
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
        # Before a new form: what hands the details of a booking on without a word, and a complaint that is left for it.
        begins = () if asked else (HELP_OUT, *COMPLAINT_ACTIONS)
        answered = acted_since_user(tracker, FORM, TakeDetails.action_name, TellBookings.action_name, *begins)
        if asked is None and not answered:  # a new form; what is left in the slots belongs to an earlier one
            state = BookingState(notes=notes_of(tracker) or None, name=tracker.get_slot("name"))
        inquiries = [] if answered else _inquiries(tracker, asked)
        said = _besides(tracker, inquiries)
        if _answers(tracker, asked):
            said = [Part(words(tracker), "inform", 1.0)]
        if answered:
            lost = NOT_UNDERSTOOD in " ".join(bot_turns(tracker)[-1])
            reply = dialogue.ask_again(state, _turn(tracker, asked, said) if lost else None)
        elif inquiries:
            events = answer_questions(inquiries, dispatcher, tracker)
            state = state.with_(notes=next((event["value"] for event in events), state.notes))
            state = state.with_(date=state.date or _day_asked_about(inquiries, said))
            reply = dialogue.take(state, _turn(tracker, asked, said)) if said else dialogue.ask_again(state)
            reply = replace(reply, say=tuple(each for each in reply.say if each != NOT_UNDERSTOOD))  # it was answered
        else:
            reply = dialogue.take(state, _turn(tracker, asked, said))
        if asked and state.task == BOOK and gives_up_table(words(tracker)) is not None:
            reply = Reply(state, stopped=True)
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
        said = words(tracker)
        if follow := follow_up(tracker, QUESTIONS):  # "are you open on Sunday" - "and Monday?"
            return answer_questions(follow, dispatcher, tracker)
        events = about_own_booking(dispatcher, tracker)
        if events is not None:
            return events
        heard = hear(said, now=settings.now(), people=people(tracker))
        details = sum(bool(value) for value in (heard.day, heard.times, heard.party_size))
        if details > 1 or (details and not SAID.question.search(said.lower())):
            return [FollowupAction(FORM)]
        notes = find_notes(said)
        if questions(tracker) or names_food(said):
            return answer_questions(questions(tracker) or [Part(said, "ask_menu", 1.0)], dispatcher, tracker)
        if notes:
            say(dispatcher, tracker, say_noted(notes))
            return add_notes(tracker, notes)
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
        forget = [SlotSet(slot, getattr(state, slot) if slot in KEPT else None) for slot in SLOTS]
        if not state.confirmed:
            say(dispatcher, tracker, _nothing_done(state))
            return forget
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
                f"That booking was canceled already. If you didn't do that, please call us on {phone}.",
            )
            return forget
        say(dispatcher, tracker, _done(state, request))
        return forget


def _request(state: BookingState) -> Request:
    day, time = state.day, state.clock
    if day is None or time is None or state.party_size is None or state.name is None:
        raise ValueError("the form confirmed a booking that is not complete")
    return Request(state.name, day, time, state.party_size, ", ".join(state.notes or ()))


def _done(state: BookingState, request: Request) -> str:
    if state.task == CANCEL:
        when = say_when(request.day, request.time, settings.now().date())
        return f"{CANCELED}, {when}. Thank you for telling us."
    table = booking_words(request)
    if state.task == CHANGE:
        return f"It's changed: {table}. See you then!"
    return f"It's booked: {table}. We look forward to seeing you!"


def _nothing_done(state: BookingState) -> str:
    if state.task == SHOW:
        return "Is there anything else I can do for you?"
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


def _inquiries(tracker: Tracker, asked: str | None) -> list[Part]:
    """Return the questions in the latest message that the form answers itself, beside what it says of the booking."""
    noted = notes_of(tracker)
    if _answers(tracker, asked):  # whatever "Hargreaves", or "let's say eight", was taken for
        return []
    beside = gives_up_table(words(tracker)) if asked and not parts(tracker) else None
    if beside and intent(tracker) in _ASIDE:  # "forget the table I just wanted to know what the risotto is"
        return [Part(beside, str(intent(tracker)), 1.0)]
    found = [
        part
        for part in questions(tracker)
        if not (asks_for_a_wish(part.text) or (asked == "time" and WISHES.asks_for_room.search(part.text)))
        and (is_question(part.text) or not (find_notes(part.text) or revised_notes(part.text, noted)))
    ]
    if asked:  # a part that asks something is none of the booking, however doubtful it is what
        others = [part for part in parts(tracker) if part.text not in [one.text for one in found]]
        found += [
            Part(part.text, part.intent, 1.0)
            for part in others
            if part.intent in _ASIDE and part.confidence >= _DOUBTFUL and is_question(part.text)
            if not (asks_for_a_wish(part.text) or (asked == "time" and WISHES.asks_for_room.search(part.text)))
        ]
    if found or asked is None:
        return found
    # "what about the nuts?", taken for a complaint by somebody who is not sure, is a question about food
    doubtful = intent(tracker) == "complaint" and not is_sure_complaint(tracker)
    if doubtful and names_food(words(tracker)) and not find_notes(words(tracker)):
        return [Part(words(tracker), "ask_allergens", 1.0)]
    return []


def _answers(tracker: Tracker, asked: str | None) -> bool:
    """Say whether the latest message answers what the form asked, beyond doubt: a bare name, or "let's say eight"."""
    said = words(tracker)
    if asked == "name":
        return _is_a_name(tracker) and not WISHES.gives_up.search(said)
    heard = hear(said, now=settings.now(), asked=asked) if WISHES.commits.search(said) else Heard()
    given = {"date": heard.day, "time": heard.times, "party_size": heard.party_size}
    return bool(given.get(asked or ""))


def _is_a_name(tracker: Tracker) -> bool:
    """Say whether the latest message is nothing but a name, said or spelled."""
    said = words(tracker)
    spelled = read("name", said)
    if spelled is not None and spelled.spelled:
        return True
    short = len(said.split()) <= _LONGEST_NAME and not asks_something(said) and not names_food(said)
    return short and read_name(said, asked="name", people=people(tracker)) is not None


def _besides(tracker: Tracker, inquiries: list[Part]) -> list[Part]:
    """Return what a message says besides its questions."""
    if not inquiries:
        return [Part(words(tracker), intent(tracker) or "", confidence(tracker))]
    asked = [part.text for part in inquiries]
    rest = [part for part in parts(tracker) if part.text not in asked and not SAID.floor.fullmatch(part.text.lower())]
    return [part for part in rest if part.intent not in ("greet", "thank", "nlu_fallback") or part.confidence < SURE]


def _day_asked_about(inquiries: list[Part], said: list[Part]) -> str | None:
    """Return the day of "when do you close tonight, and could three of us come at nine", which both parts mean."""
    days = {day for part in inquiries for day in hear(part.text, now=settings.now()).days}
    heard = hear(" ".join(part.text for part in said), now=settings.now())
    return days.pop().isoformat() if len(days) == 1 and heard.times and not heard.day else None


def _turn(tracker: Tracker, asked: str | None, said: list[Part]) -> Turn:
    last = next((turn for turn in reversed(bot_turns(tracker)[:-1]) if turn), [""])
    meant = next((part for part in said if part.intent != "inform"), said[0])
    return Turn(
        text=" ".join(part.text for part in said),
        intent=meant.intent,
        asked=asked,
        people=people(tracker),
        last_question=last[-1],
        sure=_is_sure(meant, tracker),
        answered=" ".join(last),
        before=said_before(tracker),
        replies=[" ".join(turn) for turn in bot_turns(tracker)[:-1] if turn],
    )


def _is_sure(meant: Part, tracker: Tracker) -> bool:
    """Say whether an intent is sure enough to act on it where that has consequences."""
    if meant.intent == "complaint":
        return is_sure_complaint(tracker)
    plain = _PLAIN.get(meant.intent)
    return plain is None or meant.confidence >= _ACTS_FROM or bool(re.search(rf"\b(?:{plain})\b", meant.text.lower()))


def _slots(state: BookingState) -> Events:
    return [SlotSet(slot, value) for slot, value in state.as_slots().items()]


def _book() -> BookingBook:
    return BookingBook(settings.database(), settings.restaurant())


def _dialogue(tracker: Tracker) -> BookingDialogue:
    house = settings.restaurant()
    return BookingDialogue(house, _book(), settings.now(), tracker.sender_id, phone_words(tracker, house.phone))
