"""Which booking is meant that there is already: the caller's own, or one that is looked up by name and day."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Sequence

from phrases import Phrases

from ..hearing.calendar import days_and_times
from ..hearing.headcount import change_in_guests
from ..hearing.heard import Heard
from ..hearing.naming import booked_under
from ..hearing.notes import drops_a_wish, find_notes, is_question, merged
from ..hearing.utterance import hear
from ..house.bookings import BookingBook, Request
from ..spoken import say_day, say_guests, say_list, say_time, say_when
from .state import BOOK, CANCEL, CHANGE, SHOW, BookingState, Reply, Turn
from .wishes import WISHES
from .words import CANCELED, FIND_QUESTIONS, NOT_UNDERSTOOD, summary

Own = tuple[int, Request]
WHICH_ONE = "Which one do you mean?"
_TOLD = re.compile(r"table for .* under the name of (?P<name>[^.,?]+)(?!.*Shall I book)", re.S)
SAID = Phrases(__file__)
_MONTH = re.compile(rf"\b(?:{'|'.join(calendar.month_name[1:])})\b", re.I)


class BookingFinder:
    """What one conversation may know of the booking book.

    Args:
        book: the booking book.
        now: local time.
        conversation: id of this conversation; a booking made in it need not be looked up by name.
        phone: the restaurant's number, as the channel should say or show it.
    """

    def __init__(self, book: BookingBook, now: dt.datetime, conversation: str, phone: str) -> None:
        self._book = book
        self._now = now
        self._conversation = conversation
        self._phone = phone

    def own(self) -> list[Own]:
        """Return the bookings that were made in this conversation."""
        return self._book.upcoming(now=self._now, conversation=self._conversation)

    def begin(self, turn: Turn) -> BookingState:
        """Return what a conversation about a booking begins with: its task, and the caller's booking where known."""
        own = self.own() or self._talked_about(turn)
        task = self._task(turn, own)
        if task == BOOK:
            return BookingState(task=task)
        meant = self._meant(own, turn.text)
        if len(meant) == 1:
            return opened(BookingState(task=task), *meant[0])
        names = {request.name for _, request in own}
        return BookingState(task=task, name=names.pop() if len(names) == 1 else None)

    def _talked_about(self, turn: Turn) -> list[Own]:
        """Return the booking that was told last, which its caller had named: "what time was it again?"."""
        for told in reversed(turn.replies):
            named = _TOLD.search(told)
            days, times = days_and_times(told, self._now) if named else ([], [])
            if named and days:
                found = self._book.upcoming(now=self._now, name=named["name"], day=days[0])
                return [one for one in found if one[1].time in times]
        return []

    def restored(self, state: BookingState, turn: Turn) -> BookingState | None:
        """Return the booking that was canceled just now, to be made again, where that was a mistake."""
        told = next(reversed(turn.replies), "")
        if not told.startswith(CANCELED) or not SAID.undo.search(turn.text) or not state.name:
            return None
        days, times = days_and_times(told, self._now)
        found = (self._book.canceled(day=days[0], time=time, name=state.name) for time in times if days)
        request = next((each for each in found if each), None)
        return None if request is None else opened(BookingState(task=BOOK), 0, request).with_(booking_id=None)

    def _task(self, turn: Turn, own: Sequence[Own]) -> str:
        text = turn.text
        task = {"change_booking": CHANGE, "cancel_booking": CANCEL, "ask_bookings": SHOW}.get(turn.intent or "", BOOK)
        heard = hear(text, now=self._now)
        told_more = turn.intent in ("inform", "nlu_fallback")
        that_day = heard.day is not None and heard.day.date in [request.day for _, request in own] and not heard.times
        changes = told_more and (WISHES.change_words.search(text.lower()) or that_day)  # "we're only five on Saturday"
        if (
            task == BOOK
            and WISHES.has_one.search(text)
            and (WISHES.change_words.search(text.lower()) or change_in_guests(text))
        ):
            task = CHANGE
        if own and task == BOOK and (changes or (change_in_guests(text) and heard.party_size is None)):
            task = CHANGE  # "make it five people", "my cousin would like to come along", said after booking
        if own and task == BOOK and not (heard.party_size or heard.times) and find_notes(text, wishes=True):
            task = CHANGE  # "can you tell them it's my wife's birthday on Friday"
        details = heard.party_size and (heard.day or heard.times)
        told = heard.day and heard.times and not is_question(text)  # "Thursday at eight", which asks nothing
        wants = details or told or WISHES.wants_one.search(text)
        if task == CANCEL and details and not WISHES.cancel_words.search(text):
            task = BOOK  # whatever "Thursday at eight for seven" was taken for
        if (
            task in (SHOW, CHANGE)
            and not own
            and wants
            and (SAID.filled_in.match(text) or not WISHES.existing.search(text))
        ):
            task = BOOK  # "have you got a table on the third for five"
        if task == CANCEL and drops_a_wish(text) and not SAID.table.search(text):
            task = CHANGE  # "cancel the high chair for Friday"
        return task

    def another(self, state: BookingState, text: str) -> BookingState | None:
        """Return what is known of the caller's other booking, where that is meant instead of the one talked about."""
        own = self.own()
        if len(own) < 2 or state.booking_id is None or is_question(text):
            return None
        others = [one for one in own if one[0] != state.booking_id]
        meant = others if SAID.other.search(text) else _described(own, text, self._now) if state.task == CANCEL else []
        if len(meant) != 1 or meant[0][0] == state.booking_id:
            return None
        return opened(state.with_(notes=None), *meant[0])

    def find(self, state: BookingState, turn: Turn, heard: Heard) -> BookingState | Reply:
        """Look a booking up by name and day; both are needed, so that nobody learns a stranger's plans.

        Returns:
            What is known of the one that is found, or what to ask or to say.
        """
        own = [one for one in self.own() if state.name is None or one[1].name == state.name]
        if len(own) > 1:
            meant = self._meant(own, turn.text)
            if len(meant) == 1:
                return opened(state, *meant[0])
            if not (turn.asked and turn.intent == "deny" and not heard):
                return Reply(state, (self._list(meant), WHICH_ONE), ask="date")
        name = heard.name or booked_under(turn.text)
        if name:
            state = state.with_(name=name)
        new_day = turn.asked is None and state.task == CHANGE and WISHES.to_another.search(turn.text)
        if heard.day and heard.day.date and not new_day and not _only_stays(turn.text):
            state = state.with_(date=heard.day.date.isoformat())
        if not state.name or not state.date:
            missing = turn.asked is not None and not heard and not name
            if missing and turn.intent == "deny":
                return Reply(state, stopped=True)
            return self.ask(state, [NOT_UNDERSTOOD] if missing else [])
        found = self._book.upcoming(now=self._now, name=state.name, day=state.day)
        if heard.times and len(found) > 1:
            found = [one for one in found if one[1].time in heard.times]
        if len(found) == 1:
            state = opened(state, *found[0])
            return (
                Reply(state, (f"{summary(state, self._now.date())}.",), stopped=True) if state.task == SHOW else state
            )
        if found:
            times = say_list([say_time(request.time) for _, request in found])
            return Reply(state, (f"I see bookings at {times}.", WHICH_ONE), ask="time")
        day = say_day(state.day, self._now.date()) if state.day else "that day"
        sorry = f"I can't find a booking under {state.name} for {day}. You can also call us on {self._phone}."
        return self.ask(state.with_(name=None, date=None), [sorry])

    def ask(self, state: BookingState, say: Sequence[str]) -> Reply:
        """Ask for what a booking is found by."""
        slot = "name" if not state.name else "date"
        return Reply(state, (*say, FIND_QUESTIONS[slot]), ask=slot)

    def _meant(self, own: list[Own], text: str) -> list[Own]:
        return _described(own, text, self._now) if len(own) > 1 else own

    def _list(self, bookings: Sequence[Own]) -> str:
        told = [
            f"{'one' if place else 'a table'} for {say_guests(request.party_size)}, "
            f"{say_when(request.day, request.time, self._now.date())}"
            for place, (_, request) in enumerate(bookings)
        ]
        return f"You have {say_list(told)}."


def opened(state: BookingState, booking_id: int, request: Request) -> BookingState:
    """Return a state with everything that a booking says."""
    return state.with_(
        booking_id=booking_id,
        date=request.day.isoformat(),
        time=request.time.strftime("%H:%M"),
        party_size=request.party_size,
        name=request.name,
        notes=merged(request.notes, state.notes or ()) or None,
    )


def _only_stays(text: str) -> bool:
    """Say whether the day of a text belongs to what shall stay: "we only want to keep the Sunday one"."""
    return re.search(r"\bonly (?:want|need)(?: to)? (?:keep|have)|\bkeep (?:only|just)\b", text, re.I) is not None


def _described(bookings: list[Own], text: str, now: dt.datetime) -> list[Own]:
    """Return the bookings that a text means, all of them where it does not say: "the big one", "not the Sunday one"."""
    named, stay, stays = list(bookings), set[int](), False
    for clause in SAID.clause.split(SAID.not_that.sub(" ", text)):
        stays = bool(SAID.stays.search(clause)) or (stays and not SAID.goes.search(clause))
        fit = _fitting(bookings, clause, now)
        if len(fit) == len(bookings):
            continue
        if stays:
            stay |= {number for number, _ in fit}
        else:
            named = [one for one in named if one in fit] or fit
    left = [one for one in named if one[0] not in stay]
    return left or named


def _fitting(bookings: list[Own], clause: str, now: dt.datetime) -> list[Own]:
    heard = hear(clause, now=now)
    fit = bookings
    if heard.day and heard.day.date:
        day = heard.day.date
        fit = [one for one in fit if one[1].day == day] or [one for one in fit if one[1].day.weekday() == day.weekday()]
    elif month := _MONTH.search(clause):
        fit = [one for one in fit if f"{one[1].day:%B}".lower() == month[0].lower()] or fit
    elif heard.span:
        first, last = heard.span
        fit = [one for one in fit if first <= one[1].day <= last] or fit
    if heard.times:
        fit = [one for one in fit if one[1].time in heard.times] or fit
    if heard.party_size is not None:
        fit = [one for one in fit if one[1].party_size == heard.party_size] or fit
    for words, key, pick in (
        (SAID.largest, lambda one: one[1].party_size, max),
        (SAID.smallest, lambda one: one[1].party_size, min),
        (SAID.first, lambda one: (one[1].day, one[1].time), min),
        (SAID.last, lambda one: (one[1].day, one[1].time), max),
    ):
        if fit and words.search(clause):
            best = pick(map(key, fit))
            fit = [one for one in fit if key(one) == best]
    return fit or bookings
