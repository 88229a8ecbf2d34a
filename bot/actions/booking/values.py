"""Taking over into a booking what was said: which number is meant, what the house allows, and if there is room."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from phrases import Phrases

from convai_rasa.nlu.values import find

from ..hearing.headcount import RELATIVE
from ..hearing.heard import Edge, Heard
from ..hearing.numbers import tells_a_time
from ..hearing.utterance import both_halves, hear
from ..house.bookings import BookingBook, Request
from ..house.restaurant import Restaurant
from ..spoken import say_day, say_guests, say_list, say_time
from .rules import problem_with_day, problem_with_party, problem_with_time, resolve_time
from .state import BookingState, Turn
from .words import PEOPLE_OR_TIME_ASKED, STILL_HAVE, on

SAID = Phrases(__file__, relative=RELATIVE)
TAKES_BACK = SAID.takes_back
_HOURS = 13
_EVENING = 16  # o'clock; what begins before is lunch
_NOTHING_ELSE = 5  # words; "and it'll be three" says little beside its number
_CLEARLY = 3  # a number is taken for the nearer of two without asking when it is so much nearer


class BookingValues:
    """What one restaurant takes over into a booking at one moment."""

    def __init__(self, restaurant: Restaurant, book: BookingBook, now: dt.datetime, phone: str) -> None:
        self._restaurant = restaurant
        self._book = book
        self._now = now
        self._today = now.date()
        self._phone = phone

    def which_number(self, state: BookingState, turn: Turn, heard: Heard) -> Heard:
        """Decide what a naked number is, by the number it replaces or by the answer to "people, or o'clock?"."""
        if heard.party_size is not None:
            return self._not_for_so_many(state, turn, heard)
        asked = PEOPLE_OR_TIME_ASKED.search(turn.last_question)
        if asked and re.search(r"\b(?:people|persons?|guests?|party|first|former|us)\b", turn.text.lower()):
            return Heard(party_size=int(asked[1]))
        if asked and re.search(r"\b(?:time|o'? ?clock|clock|hour|second|latter)\b", turn.text.lower()):
            return Heard(times=both_halves(int(asked[1])))
        if asked and heard.number is not None and not heard.times:  # another number, said of neither
            return self._instead_of(int(asked[1]), state, heard.number)
        old, new = heard.replaced or (self._old_and_new(state, turn) if not heard.times else (None, None))
        if new is None:
            hour = state.clock.hour % 12 or 12 if state.clock else None
            if heard.number is not None and heard.number == hour != state.party_size:  # "seven doesn't work for us"
                return Heard(times=both_halves(heard.number))
            number = self._corrected(state, turn, heard)
            if number is None:
                return heard
            if self._was_a_time(number, turn):
                return Heard(times=both_halves(number))
            moves = SAID.may_move.search(turn.text) is not None and self._seated_at(number, state)
            about_time = moves or SAID.moves.search(turn.text) or tells_a_time(turn.text)
            if about_time and number < _HOURS and not SAID.guests.search(turn.text):
                return Heard(times=both_halves(number))
            if SAID.counts.search(turn.text):
                return Heard(party_size=number)
            nearer = self._nearer(number, state)
            if nearer and not self._is_people(number, state, turn):
                return Heard(times=both_halves(number)) if nearer == "time" else Heard(party_size=number)
            if SAID.somebody.search(turn.text):
                return Heard(party_size=number)
            return Heard(party_size=number) if self._is_people(number, state, turn) else heard
        hour = state.clock.hour % 12 or 12 if state.clock else None
        if new == state.party_size != hour:  # "that's four, not fourteen"
            return Heard(party_size=new)
        if old == state.party_size and old != hour:
            return Heard(party_size=new, replaced=heard.replaced)
        if old == hour and old != state.party_size:
            return Heard(times=both_halves(new), replaced=heard.replaced)
        return heard

    def _instead_of(self, asked: int, state: BookingState, number: int) -> Heard:
        """Take the number that answers "Do you mean 7 people, or 7 o'clock?", unless it says nothing new."""
        hour = state.clock.hour % 12 or 12 if state.clock else None
        if number in (asked, hour, state.party_size):
            return Heard()
        if self._nearer(number, state) == "time":
            return Heard(times=both_halves(number))
        return Heard(party_size=number)

    def _not_for_so_many(self, state: BookingState, turn: Turn, heard: Heard) -> Heard:
        """Take "seven's too tight, let's go for eight" as a time where seven is the hour that was noted."""
        old, new = self._old_and_new(state, turn)
        hour = state.clock.hour % 12 or 12 if state.clock else None
        for_a_time = new == heard.party_size and old == hour != state.party_size and not heard.times
        return (
            replace(heard, party_size=None, times=both_halves(new))
            if new and for_a_time and not (SAID.guests.search(turn.text) or SAID.counts.search(turn.text))
            else heard
        )

    def _old_and_new(self, state: BookingState, turn: Turn) -> tuple[int, int] | tuple[None, None]:
        """Return the number that was noted and the other one beside it: "four was wrong, it's five"."""
        hour = state.clock.hour % 12 or 12 if state.clock else None
        text = re.sub(r"'s\b", "", turn.text)
        said = [one.value for one in find(text, "number", reference=self._now) if isinstance(one.value, int)]
        noted = (state.party_size, hour)
        if len(said) == 2 and said[0] in noted and said[1] not in noted and said[1] < _HOURS:
            return said[0], said[1]
        return None, None

    def take(self, state: BookingState, heard: Heard, say: list[str]) -> tuple[BookingState, str | None]:
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
        elif heard.edge and state.day and state.time is None:
            edge = self._at_the_edge(heard.edge, state.day)
            state = state.with_(time=edge.strftime("%H:%M") if edge else None)
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

    def with_room(self, state: BookingState, say: list[str]) -> BookingState:
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
            return f"I'm sorry, we have no table left for {say_guests(request.party_size)} {on(day)}."
        return (
            f"I'm sorry, we are full at {say_time(request.time)} {on(day)}. "
            f"{STILL_HAVE.format(times=say_list([say_time(time) for time in others], 'or'))}"
        )

    def _corrected(self, state: BookingState, turn: Turn, heard: Heard) -> int | None:
        """Return the naked number of "no sorry, three" where a number was noted before."""
        if state.party_size is None or turn.asked in ("party_size", "date") or heard.day or heard.name:
            return None
        if heard.number is None and not (turn.asked == "time" and heard.times and SAID.takes_back.search(turn.text)):
            return None
        found = hear(turn.text, now=self._now).number
        meant = any(
            words.search(turn.text)
            for words in (SAID.takes_back, SAID.counts, SAID.moves, SAID.may_move, SAID.somebody)
        )
        meant = meant or len(turn.text.split()) <= _NOTHING_ELSE
        return found if found is not None and meant else None

    def _was_a_time(self, number: int, turn: Turn) -> bool:
        """Say whether a number that was right before was a time: "nine was fine, let's go back to that"."""
        if not SAID.was_right.search(turn.text):
            return False
        earlier = [hear(text, now=self._now) for text in reversed(turn.before)]
        times = any(time.hour % 12 == number % 12 for one in earlier for time in one.times)
        return times and all(one.party_size != number for one in earlier)

    def _nearer(self, number: int, state: BookingState) -> str | None:
        """Return what a naked number corrects, the noted guests or the noted hour: five corrects four.

        As near to both it is the guests: who means the hour says "o'clock" or "half past" more often than not.
        """
        if state.party_size is None or state.clock is None or number >= _HOURS:
            return None
        guests, hour = abs(number - state.party_size), abs(number - (state.clock.hour % 12 or 12))
        if guests <= hour and not problem_with_party(number, self._restaurant, self._phone):
            return "people"
        return "time" if guests - hour >= _CLEARLY else None

    def _is_people(self, number: int, state: BookingState, turn: Turn) -> bool:
        """Say whether a number can only be the guests: by the rules of the house, or by what the guest said last."""
        if problem_with_party(number, self._restaurant, self._phone):
            return False
        if turn.asked == "time" and SAID.was_right.search(turn.text):
            return True
        if not self._seated_at(number, state):
            return True
        last = hear(turn.before[-1], now=self._now) if turn.before else Heard()
        hour = last.times and not SAID.named_time.search(turn.before[-1])
        return turn.asked != "time" and last.party_size is not None and not hour

    def _seated_at(self, hour: int, state: BookingState) -> bool:
        """Say whether a table can begin at an hour of the day that is noted, or of any day."""
        times = both_halves(hour)
        time = resolve_time(times, state.day, self._now, self._restaurant) if times else None
        return time is not None and problem_with_time(time, state.day, self._now, self._restaurant) is None

    def _at_the_edge(self, edge: Edge, day: dt.date) -> dt.time | None:
        """Return the first or the last time at which a table can begin; None where lunch and dinner both have one."""
        stretches = [one for one in self._restaurant.seatings(day) if dt.datetime.combine(day, one.end) > self._now]
        if edge.lunch is not None:
            stretches = [one for one in stretches if (one.start.hour < _EVENING) == edge.lunch]
        if not stretches:
            return None
        if edge.last:
            return stretches[-1].end
        first = stretches[0].start
        bookable = len(stretches) == 1 and dt.datetime.combine(day, first) > self._now
        return first if bookable else None
