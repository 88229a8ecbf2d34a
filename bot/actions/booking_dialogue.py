"""The conversation about a booking, as a function: what is known and what was said → what is known and what to say.

No Rasa here, so that every turn can be tested as a value. ``booking`` wraps it as the validation of booking_form.
"""

from __future__ import annotations

import datetime as dt
import re

from .booking_rules import problem_with_day, problem_with_party, problem_with_time, resolve_time
from .booking_state import BOOK, CANCEL, CHANGE, BookingState, Reply, Turn
from .bookings import BookingBook, Request, UnknownBooking
from .hearing import Heard, hear
from .restaurant import Restaurant
from .spoken import say_day, say_guests, say_list, say_time, say_when

QUESTIONS = {
    "date": "Which day would you like to come?",
    "time": "And at what time?",
    "party_size": "How many people will you be?",
    "name": "And what name may I put it under?",
}
FIND_QUESTIONS = {"name": "What name is the booking under?", "date": "And which day is it for?"}
WHAT_TO_CHANGE = "What should I change: the day, the time, the number of people, or the name?"
PEOPLE_OR_TIME = "Do you mean {number} people, or {number} o'clock?"
NOT_UNDERSTOOD = "Sorry, I didn't get that."
# Intents that answer no question of the form: Rasa's rules answer them, then the form asks again.
INTERRUPTING = frozenset(
    {
        "ask_hours", "ask_menu", "ask_allergens", "ask_directions", "ask_contact", "ask_robot", "ask_how_are_you",
        "ask_help", "repeat", "greet", "thank", "out_of_scope", "nlu_fallback", "praise", "complaint",
    }
)  # fmt: skip
_NEVER_AN_ANSWER = frozenset({"ask_hours", "ask_menu", "ask_allergens", "ask_directions", "complaint", "repeat"})
_CHANGE_WORDS = re.compile(r"\b(?:change|move|make it|reschedule|instead)\b")
_PART_NAMES = {
    "date": r"\b(?:day|date)\b",
    "time": r"\b(?:time|hour)\b",
    "party_size": r"\b(?:people|persons|guests|number|size|party)\b",
    "name": r"\bname\b",
}


class BookingDialogue:
    """One restaurant's way of taking, changing and cancelling bookings.

    Args:
        restaurant: hours and rules.
        book: the booking book.
        now: local time.
        conversation: id of this conversation; a booking made in it need not be looked up by name.
        phone: the restaurant's number, as the channel should say or show it.
    """

    def __init__(
        self, restaurant: Restaurant, book: BookingBook, now: dt.datetime, conversation: str, phone: str
    ) -> None:
        self._restaurant = restaurant
        self._book = book
        self._now = now
        self._today = now.date()
        self._conversation = conversation
        self._phone = phone

    def take(self, state: BookingState, turn: Turn) -> Reply:
        """Advance by one turn of the guest."""
        if state.task is None:
            state = self._begin(turn)
        heard = self._hear(turn, state)
        if turn.asked and self._is_interruption(turn, heard):
            return Reply(state, rejected=True, ask=turn.asked)
        gives_up = turn.intent in ("stop", "goodbye") or (turn.intent == "cancel_booking" and state.task != CANCEL)
        if turn.asked and gives_up and not heard:
            return Reply(state, stopped=True)
        if state.task != BOOK and state.booking_id is None:
            return self._find(state, turn, heard)
        return self._fill(state, turn, heard)

    def ask_again(self, state: BookingState) -> Reply:
        """Repeat the open question, after somebody else has answered an interruption."""
        return self._ask(state, [])

    # --- the beginning ------------------------------------------------------------------------------------------

    def _begin(self, turn: Turn) -> BookingState:
        own = self._book.upcoming(now=self._now, conversation=self._conversation)
        task = {"change_booking": CHANGE, "cancel_booking": CANCEL}.get(turn.intent or "", BOOK)
        if turn.intent == "inform" and own and _CHANGE_WORDS.search(turn.text.lower()):
            task = CHANGE  # "make it five people", said after booking
        state = BookingState(task=task)
        if task == BOOK:
            return state
        return self._open(state, *own[0]) if len(own) == 1 else state

    def _hear(self, turn: Turn, state: BookingState) -> Heard:
        return hear(turn.text, today=self._today, asked=turn.asked, people=turn.people)

    def _is_interruption(self, turn: Turn, heard: Heard) -> bool:
        if turn.intent not in INTERRUPTING:
            return False
        if turn.intent in _NEVER_AN_ANSWER:
            return True
        # a classifier that misses must not make the form deaf: "Marta" may look like a greeting
        return not heard

    # --- finding a booking to change or cancel ------------------------------------------------------------------

    def _find(self, state: BookingState, turn: Turn, heard: Heard) -> Reply:
        """Look a booking up by name and day; both are needed, so that nobody learns a stranger's plans."""
        if heard.name:
            state = state.with_(name=heard.name)
        new_day = turn.asked is None and state.task == CHANGE and re.search(r"\bto\b", turn.text.lower())
        if heard.day and heard.day.date and not new_day:
            state = state.with_(date=heard.day.date.isoformat())
        if not state.name or not state.date:
            missing = turn.asked is not None and not heard
            return self._ask(state, [NOT_UNDERSTOOD] if missing else [])
        found = self._book.upcoming(now=self._now, name=state.name, day=state.day)
        if heard.clock and len(found) > 1:
            found = [one for one in found if one[1].time in heard.clock.candidates()]
        if len(found) == 1:
            return self._ask(self._open(state, *found[0]), [])
        if found:
            times = say_list([say_time(request.time) for _, request in found])
            return Reply(state, (f"I see bookings at {times}.", "Which one do you mean?"), ask="time")
        day = say_day(state.day, self._today) if state.day else "that day"
        sorry = f"I can't find a booking under {state.name} for {day}. You can also call us on {self._phone}."
        return self._ask(state.with_(name=None, date=None), [sorry])

    def _open(self, state: BookingState, booking_id: int, request: Request) -> BookingState:
        return state.with_(
            booking_id=booking_id,
            date=request.day.isoformat(),
            time=request.time.strftime("%H:%M"),
            party_size=request.party_size,
            name=request.name,
        )

    # --- filling in what was said -------------------------------------------------------------------------------

    def _fill(self, state: BookingState, turn: Turn, heard: Heard) -> Reply:
        say: list[str] = []
        before, refused = state, None
        if state.task != CANCEL:
            state, refused = self._take_values(state, heard, say)
        changed = state != before
        if not changed and not say:
            answered = self._yes_or_no(state, turn, heard)
            if answered is not None:
                return answered
        if state.task == CANCEL:
            return self._ask(state, [NOT_UNDERSTOOD] if turn.asked else [])
        if not heard and turn.asked:
            say.append(NOT_UNDERSTOOD)
        return self._ask(self._with_room(state, say), say, first=refused)

    def _take_values(self, state: BookingState, heard: Heard, say: list[str]) -> tuple[BookingState, str | None]:
        """Take over what was said and is possible; return also the slot whose value was refused."""
        refused = None
        if heard.day:
            problem = problem_with_day(heard.day.date, self._now, self._restaurant)
            if problem:
                say.append(problem)
                state, refused = state.with_(date=None), "date"
            elif heard.day.date:
                state = state.with_(date=heard.day.date.isoformat())
        if heard.clock:
            time = resolve_time(heard.clock, state.day, self._now, self._restaurant)
            state = state.with_(time=time.strftime("%H:%M"))
        if heard.party_size is not None:
            problem = problem_with_party(heard.party_size, self._restaurant, self._phone)
            if problem:
                say.append(problem)
                refused = refused or "party_size"
            state = state.with_(party_size=None if problem else heard.party_size)
        if heard.name:
            state = state.with_(name=heard.name)
        clock = state.clock
        if clock is not None and (heard.clock or heard.day):
            problem = problem_with_time(clock, state.day, self._now, self._restaurant)
            if problem and not (heard.day and state.date is None):
                say.append(problem)
                state, refused = state.with_(time=None), refused or "time"
        return state, refused

    def _with_room(self, state: BookingState, say: list[str]) -> BookingState:
        """Take the time back when the house is full then, and propose others."""
        if state.day is None or state.clock is None or state.party_size is None:
            return state
        request = Request(state.name or "", state.day, state.clock, state.party_size)
        if self._book.has_room(request, instead_of=state.booking_id):
            return state
        say.append(self.full_house(request, state.booking_id))
        others = self._book.nearest_times(request, now=self._now, instead_of=state.booking_id)
        return state.with_(time=None, date=state.date if others else None)

    def full_house(self, request: Request, instead_of: int | None = None) -> str:
        """Say that there is no room then, and when there is."""
        others = self._book.nearest_times(request, now=self._now, instead_of=instead_of)
        day = say_day(request.day, self._today)
        if not others:
            return f"I'm sorry, we have no table left for {say_guests(request.party_size)} {_on(day)}."
        return (
            f"I'm sorry, we are full at {say_time(request.time)} {_on(day)}. "
            f"I still have {say_list([say_time(time) for time in others], 'or')}."
        )

    def _yes_or_no(self, state: BookingState, turn: Turn, heard: Heard) -> Reply | None:
        """React to words that gave no new value."""
        if turn.asked != "confirmed":
            if turn.intent == "deny":
                return self._ask(state, ["If you'd rather not go on, just say stop."])
            return None
        agreed = turn.intent == "affirm" or (state.task == CANCEL and turn.intent == "cancel_booking")
        if agreed and (turn.last_question == WHAT_TO_CHANGE or (state.task == CHANGE and self._unchanged(state))):
            return Reply(state, (WHAT_TO_CHANGE,), ask="confirmed")  # "What would you like to change?" - "Yes."
        if agreed:
            return Reply(state.with_(confirmed=True))
        part = next((slot for slot, words in _PART_NAMES.items() if re.search(words, turn.text.lower())), None)
        if part and state.task != CANCEL:
            return self._ask(state.with_(**{part: None}), [])
        if heard.number is not None and state.task != CANCEL:
            return Reply(state, (PEOPLE_OR_TIME.format(number=heard.number),), ask="confirmed")
        if turn.intent == "deny":
            if state.task == CANCEL or turn.last_question == WHAT_TO_CHANGE:
                return Reply(state, stopped=True)
            return Reply(state, (WHAT_TO_CHANGE,), ask="confirmed")
        return None

    # --- asking -------------------------------------------------------------------------------------------------

    def _ask(self, state: BookingState, say: list[str], first: str | None = None) -> Reply:
        """Ask for the first thing that is missing, or for ``first``."""
        if state.task != BOOK and state.booking_id is None:
            slot = "name" if not state.name else "date"
            return Reply(state, (*say, FIND_QUESTIONS[slot]), ask=slot)
        for slot in [first, *QUESTIONS] if first else QUESTIONS:
            if getattr(state, slot) is None:
                return Reply(state, (*say, QUESTIONS[slot]), ask=slot)
        return Reply(state, (*say, self._open_question(state)), ask="confirmed")

    def _open_question(self, state: BookingState) -> str:
        """Sum the booking up and ask for a yes."""
        summary = self.summary(state)
        if state.task == BOOK:
            return f"{summary}. Shall I book it?"
        if state.task == CANCEL:
            return f"I found {summary[:1].lower()}{summary[1:]}. Shall I cancel it?"
        if self._unchanged(state):
            return f"I found {summary[:1].lower()}{summary[1:]}. What would you like to change?"
        return f"{summary}. Shall I change it to that?"

    def _unchanged(self, state: BookingState) -> bool:
        if state.booking_id is None:
            return False
        try:
            return state == self._open(state, state.booking_id, self._book.get(state.booking_id))
        except UnknownBooking:  # cancelled in another conversation meanwhile; saving will say so
            return False

    def summary(self, state: BookingState) -> str:
        """Say a complete booking: "A table for 4 people, tomorrow, …, at 8 in the evening, under the name of Marta"."""
        day, clock = state.day, state.clock
        if day is None or clock is None or state.party_size is None:
            raise ValueError("only a complete booking can be summed up")
        return (
            f"A table for {say_guests(state.party_size)}, {say_when(day, clock, self._today)}, "
            f"under the name of {state.name}"
        )


def _on(day: str) -> str:
    return day if day.startswith(("today", "tomorrow")) else f"on {day}"
