"""The conversation about a booking, as a function: what is known and what was said → what is known and what to say.

No Rasa here, so that every turn can be tested as a value. ``booking`` wraps it as the validation of booking_form.
"""

from __future__ import annotations

import datetime as dt
import re

from .booking_rules import problem_with_day, problem_with_party, problem_with_time, resolve_time
from .booking_state import BOOK, CANCEL, CHANGE, SHOW, BookingState, Reply, Turn
from .bookings import BookingBook, Request, UnknownBooking
from .corrections import acknowledge
from .hearing import Heard, both_halves, days_and_times, hear
from .notes import find_notes, is_question, merged, say_noted
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
COMPLAINT_QUESTION = "Would you like me to pass a complaint on to our manager?"
STOP_QUESTION = "Would you like to stop here, without a booking?"
NOT_UNDERSTOOD = "Sorry, I didn't get that."
# Intents that answer no question of the form: Rasa's rules answer them, then the form asks again.
INTERRUPTING = frozenset(
    {
        "ask_hours", "ask_menu", "ask_allergens", "ask_directions", "ask_contact", "ask_robot", "ask_how_are_you",
        "ask_help", "repeat", "greet", "thank", "out_of_scope", "nlu_fallback", "praise", "complaint",
        "foreign_language", "several_questions", "ask_other",
    }
)  # fmt: skip
_NEVER_AN_ANSWER = frozenset(
    {"ask_hours", "ask_menu", "ask_allergens", "ask_directions", "repeat", "several_questions", "ask_other"}
)
_CHANGE_WORDS = re.compile(r"\b(?:change|move|make (?:it|that)|reschedule|instead|actually|meant)\b")
_TAKES_BACK = re.compile(r"\b(?:no|not|sorry|actually|wait|make (?:it|that)|meant|mean|rather|said|right)\b", re.I)
_WAS_RIGHT = re.compile(r"\b(?:was|is|were) (?:right|correct|fine)\b|\bback to\b|\bafter all\b", re.I)
_NAMED_TIME = re.compile(r"\b(?:noon|midday|lunch ?time)\b", re.I)
_MOVE_WORDS = re.compile(r"\b(?:change|move|reschedule|postpone|push|switch|shift|another (?:day|time)) ?\b", re.I)
_NOT_CANCEL = re.compile(r"\b(?:not|don't|didn't|no)(?: \w+){0,3} cancel", re.I)
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
            state = self._begin(turn).with_(notes=state.notes)
        state = self._other_task(state, turn)
        heard = self._hear(turn, state)
        passing = self._in_passing(state, turn)
        state, say = state.with_(notes=merged(state.notes or (), passing) or None), []
        if passing:
            say.append(say_noted(passing))
        if turn.asked:
            reply = self._beside_the_question(state, turn, heard, bool(passing))
            if reply is not None:
                return reply
        if state.task != BOOK and state.booking_id is None:
            return self._find(state, turn, heard)
        return self._fill(state, turn, heard, say)

    def _other_task(self, state: BookingState, turn: Turn) -> BookingState:
        """Turn canceling into changing, or changing into canceling, where the guest says so; both ask before acting."""
        if not turn.asked or state.booking_id is None:
            return state
        if state.task == CANCEL and turn.intent != "stop":
            moves = turn.intent == "change_booking" or _MOVE_WORDS.search(turn.text)
            if moves and (_NOT_CANCEL.search(turn.text) or "cancel" not in turn.text.lower()):
                return state.with_(task=CHANGE)
        if state.task == CHANGE and turn.intent == "cancel_booking" and not _NOT_CANCEL.search(turn.text):
            return self._open(state.with_(task=CANCEL, notes=None), state.booking_id, self._book.get(state.booking_id))
        return state

    def _in_passing(self, state: BookingState, turn: Turn) -> list[str]:
        """Return what the guest said in passing; what belongs to a question is noted by who answers it."""
        if state.task not in (BOOK, CHANGE) or (is_question(turn.text) and turn.intent in INTERRUPTING):
            return []
        found = find_notes(turn.text, wishes=True)
        return [note for note in found if note not in (state.notes or ())]

    def _beside_the_question(self, state: BookingState, turn: Turn, heard: Heard, noted: bool) -> Reply | None:
        """React to a turn that is no answer to what the form asked: a question, a complaint, the wish to stop."""
        if turn.last_question in (COMPLAINT_QUESTION, STOP_QUESTION) and not heard:
            if turn.intent == "deny":
                return self._ask(state, ["All right."])
            if turn.intent in ("affirm", "stop"):
                stops = turn.last_question == STOP_QUESTION or turn.intent == "stop"
                return Reply(state, stopped=True) if stops else Reply(state, rejected=True, ask=turn.asked)
        if turn.intent == "ask_bookings" and (not heard or is_question(turn.text)):
            return self._ask(state, [self.so_far(state)])
        if turn.intent == "complaint" and not turn.sure:
            return None if heard or noted else Reply(state, (COMPLAINT_QUESTION,), ask=turn.asked)
        if not noted and self._is_interruption(turn, heard):
            return Reply(state, rejected=True, ask=turn.asked)
        gives_up = turn.intent in ("stop", "goodbye") or (turn.intent == "cancel_booking" and state.task != CANCEL)
        said = heard.day or heard.times or heard.party_size
        if gives_up and not noted and not said and (turn.sure or not heard.name):  # "never mind" is no name
            return Reply(state, stopped=True) if turn.sure else Reply(state, (STOP_QUESTION,), ask=turn.asked)
        return None

    def so_far(self, state: BookingState) -> str:
        """Say what has been noted of a booking that is not complete yet."""
        known = []
        if state.party_size is not None:
            known.append(f"a table for {say_guests(state.party_size)}")
        if state.day is not None:
            known.append(say_day(state.day, self._today))
        if state.clock is not None:
            known.append(f"at {say_time(state.clock)}")
        if state.name:
            known.append(f"under the name of {state.name}")
        known += [f"the {note}" for note in state.notes or ()]
        return f"So far I have noted {say_list(known)}." if known else "I haven't noted anything yet."

    def ask_again(self, state: BookingState) -> Reply:
        """Repeat the open question, after somebody else has answered an interruption."""
        return self._ask(state, [])

    # --- the beginning ------------------------------------------------------------------------------------------

    def _begin(self, turn: Turn) -> BookingState:
        own = self._book.upcoming(now=self._now, conversation=self._conversation)
        task = {"change_booking": CHANGE, "cancel_booking": CANCEL, "ask_bookings": SHOW}.get(turn.intent or "", BOOK)
        if turn.intent == "inform" and own and _CHANGE_WORDS.search(turn.text.lower()):
            task = CHANGE  # "make it five people", said after booking
        state = BookingState(task=task)
        if task == BOOK:
            return state
        return self._open(state, *own[0]) if len(own) == 1 else state

    def _hear(self, turn: Turn, state: BookingState) -> Heard:
        day = state.day or self._day_talked_about(turn)
        noted = dt.datetime.combine(day, state.clock or dt.time()) if day else None
        return hear(
            turn.text,
            now=self._now,
            asked=turn.asked,
            people=turn.people,
            noted=noted,
            name=state.name,
            guests=state.party_size,
            before=turn.before,
        )

    def _day_talked_about(self, turn: Turn) -> dt.date | None:
        """Return the day that was named before a day was asked for: "We are open again on …" - "The Tuesday, then"."""
        if turn.asked != "date":
            return None
        days, _ = days_and_times(turn.answered, self._now)
        return max(days, default=None)

    def _is_interruption(self, turn: Turn, heard: Heard) -> bool:
        if turn.intent not in INTERRUPTING:
            return False
        if turn.intent in _NEVER_AN_ANSWER or turn.intent == "complaint":
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
            if missing and turn.intent == "deny":
                return Reply(state, stopped=True)
            return self._ask(state, [NOT_UNDERSTOOD] if missing else [])
        found = self._book.upcoming(now=self._now, name=state.name, day=state.day)
        if heard.times and len(found) > 1:
            found = [one for one in found if one[1].time in heard.times]
        if len(found) == 1:
            state = self._open(state, *found[0])
            if state.task == SHOW:
                return Reply(state, (f"{self.summary(state)}.",), stopped=True)
            return self._ask(state, [])
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
            notes=merged(request.notes, state.notes or ()) or None,
        )

    # --- filling in what was said -------------------------------------------------------------------------------

    def _fill(self, state: BookingState, turn: Turn, heard: Heard, say: list[str]) -> Reply:
        before, refused, noted = state, None, bool(say)
        if state.task != CANCEL:
            heard = self._which_number(state, turn, heard)
            state, refused = self._take_values(state, heard, say)
            replaced = acknowledge(before, state, self._today, heard.replaced[1] if heard.replaced else None)
            say[:0] = [replaced] if replaced else []
        if state == before and (noted or not say):
            answered = self._yes_or_no(state, turn, heard)
            if answered is not None:
                return answered if not noted else Reply(answered.state, (*say, *answered.say), answered.ask)
        if state.task == CANCEL:
            return self._ask(state, [NOT_UNDERSTOOD] if turn.asked else [])
        if heard.number is not None and state == before and not say and _TAKES_BACK.search(turn.text):
            return Reply(state, (PEOPLE_OR_TIME.format(number=heard.number),), ask=turn.asked)
        if not heard and turn.asked and not noted:
            say.append(NOT_UNDERSTOOD)
        return self._ask(self._with_room(state, say), say, first=refused)

    def _which_number(self, state: BookingState, turn: Turn, heard: Heard) -> Heard:
        """Decide what a naked number is, by the number it replaces or by the answer to "people, or o'clock?"."""
        if heard.party_size is not None:
            return heard
        asked = re.search(r"Do you mean (\d+) people", turn.last_question)
        if asked and re.search(r"\b(?:people|persons|guests|party|first)\b", turn.text.lower()):
            return Heard(party_size=int(asked[1]))
        if asked and re.search(r"\b(?:time|o'clock|clock|hour|second)\b", turn.text.lower()):
            return Heard(times=both_halves(int(asked[1])))
        old, new = heard.replaced or (None, None)
        if new is None:
            number = self._corrected(state, turn, heard)
            new = number if number is not None and self._is_people(number, state, turn) else None
            return Heard(party_size=new) if new is not None else heard
        hour = state.clock.hour % 12 or 12 if state.clock else None
        if old == state.party_size and old != hour:
            return Heard(party_size=new, replaced=heard.replaced)
        if old == hour and old != state.party_size:
            return Heard(times=both_halves(new), replaced=heard.replaced)
        return heard

    def _corrected(self, state: BookingState, turn: Turn, heard: Heard) -> int | None:
        """Return the naked number of "no sorry, three" where a number was noted before."""
        if state.party_size is None or turn.asked in ("party_size", "date") or heard.day or heard.name:
            return None
        if heard.number is None and not (turn.asked == "time" and heard.times and _TAKES_BACK.search(turn.text)):
            return None
        found = hear(turn.text, now=self._now).number
        return found if found is not None and _TAKES_BACK.search(turn.text) else None

    def _is_people(self, number: int, state: BookingState, turn: Turn) -> bool:
        """Say whether a number can only be the guests: by the rules of the house, or by what the guest said last."""
        if problem_with_party(number, self._restaurant, self._phone):
            return False
        if turn.asked == "time" and _WAS_RIGHT.search(turn.text):
            return True
        time = resolve_time(both_halves(number), state.day, self._now, self._restaurant) if number < 24 else None
        if time is None or problem_with_time(time, state.day, self._now, self._restaurant):
            return True
        last = hear(turn.before[-1], now=self._now) if turn.before else Heard()
        hour = last.times and not _NAMED_TIME.search(turn.before[-1])
        return turn.asked != "time" and last.party_size is not None and not hour

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
        if heard.times:
            time = resolve_time(heard.times, state.day, self._now, self._restaurant)
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
        if clock is not None and (heard.times or heard.day):
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
        agreed = turn.sure and (turn.intent == "affirm" or (state.task == CANCEL and turn.intent == "cancel_booking"))
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
        except UnknownBooking:  # canceled in another conversation meanwhile; saving will say so
            return False

    def summary(self, state: BookingState) -> str:
        """Say a complete booking: "A table for 4 people, tomorrow, …, at 8 in the evening, under the name of Marta"."""
        day, clock = state.day, state.clock
        if day is None or clock is None or state.party_size is None:
            raise ValueError("only a complete booking can be summed up")
        return (
            f"A table for {say_guests(state.party_size)}, {say_when(day, clock, self._today)}, "
            f"under the name of {state.name}{self._with_notes(state)}"
        )

    @staticmethod
    def _with_notes(state: BookingState) -> str:
        return f", with a note about the {say_list(state.notes)}" if state.notes else ""


def _on(day: str) -> str:
    return day if day.startswith(("today", "tomorrow")) else f"on {day}"
