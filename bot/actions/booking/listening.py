"""What a turn says beside what was noted: its values, a number nobody can place, and what shall be another."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from ..hearing.calendar import days_and_times
from ..hearing.heard import Heard
from ..hearing.notes import find_notes, is_question
from ..hearing.utterance import hear
from .state import BookingState, Turn
from .values import TAKES_BACK
from .wishes import LATER_OR_ANOTHER, PART_NAMES, WISHES, interrupts
from .words import OFFERED, PEOPLE_OR_TIME_ASKED, STILL_HAVE, understood

_WEEK = 7
_THIRD = 3
_REMEMBERED = 4  # turns in which a question about a number is not asked again
_ABOUT_A_NUMBER = 7  # words; a number in a longer sentence is seldom what it is about
_EVENING = dt.time(16)


def with_referent(turn: Turn) -> Turn:
    """Name what "one" stands for: "do you have a high chair?" - "could you add one then"; "I'll take the first"."""
    wishes = find_notes(turn.before[-1], wishes=True) if turn.before and WISHES.one_of_it.search(turn.text) else []
    if wishes:
        return replace(turn, text=WISHES.one_of_it.sub(rf"\g<verb> the {wishes[0]}", turn.text))
    offered = times_offered(turn) if turn.asked == "time" else None
    chosen = WISHES.one_of_the_times.search(turn.text) if offered else None
    if offered is None or chosen is None:
        return turn
    times = re.split(r", | or ", offered.removeprefix(STILL_HAVE.split("{")[0]).rstrip("."))
    time = times[0] if chosen["first"] else times[-1] if chosen["last"] or len(times) < _THIRD else times[1]
    return replace(turn, text=f"{turn.text[: chosen.start()]} at {time} {turn.text[chosen.end() :]}", intent="inform")


def listen(turn: Turn, state: BookingState, now: dt.datetime) -> Heard:
    """Return what a turn says of a booking, beside what was noted and said before."""
    day = state.day or _day_talked_about(turn, now)
    clock = state.clock or _clock_before(turn, now)
    return hear(
        turn.text,
        now=now,
        asked=turn.asked,
        people=turn.people,
        noted=dt.datetime.combine(day, clock or dt.time()) if day else None,
        name=state.name,
        guests=state.party_size,
        before=turn.before,
    )


def _day_talked_about(turn: Turn, now: dt.datetime) -> dt.date | None:
    """Return the day near which one is meant: "We are open again on …" - "Tuesday"; "next week" - "Friday"."""
    if turn.asked != "date":
        return None
    days, _ = days_and_times(turn.answered, now)
    if days:
        return max(days)
    spans = (hear(said, now=now).span for said in reversed(turn.before))
    span = next((each for each in spans if each), None)
    return span[0] + (span[1] - span[0]) / 2 if span and (span[1] - span[0]).days < _WEEK else None


def _clock_before(turn: Turn, now: dt.datetime) -> dt.time | None:
    """Return the time that was given up a moment ago: "she can't do eight" - "And at what time?" - "half past"."""
    if turn.asked != "time":
        return None
    return next((heard.times[0] for said in reversed(turn.before) if (heard := hear(said, now=now)).times), None)


def unclear_number(state: BookingState, turn: Turn, heard: Heard) -> int | None:
    """Return the number to ask about: once, where it is new, and where it is what a sentence is about."""
    known = (state.party_size, state.clock.hour % 12 or 12 if state.clock else None)
    asked = [PEOPLE_OR_TIME_ASKED.search(said) for said in (turn.last_question, *turn.replies[-_REMEMBERED:])]
    if any(asked) or heard.number in known:
        return None
    about = len(turn.text.split()) <= _ABOUT_A_NUMBER or TAKES_BACK.search(turn.text)
    return heard.number if about else None


def times_offered(turn: Turn) -> str | None:
    """Return the times that were offered just before, where the house is full at the one that was wished for."""
    found = OFFERED.search(turn.replies[-1]) if turn.replies else None
    return found[0] if found else None


def repeated(before: BookingState, state: BookingState, heard: Heard, today: dt.date) -> str | None:
    """Repeat what was said again and is noted already: "did you get ten? it's two"."""
    if state != before:
        return None
    said = BookingState(
        party_size=state.party_size if state.party_size in (heard.party_size, heard.number) else None,
        date=state.date if heard.day else None,
        time=state.time if heard.times or heard.edge else None,
    )
    return understood(BookingState(), said, today)


def vaguely_changed(state: BookingState, turn: Turn, heard: Heard, now: dt.datetime) -> BookingState:
    """Forget what shall be another that is not told yet: "could it be a bit later", "I got the day wrong"."""
    if not turn.asked or (is_question(turn.text) and interrupts(turn.intent)):
        return state
    vague = [slot for slot, words in LATER_OR_ANOTHER.items() if words.search(turn.text)]
    if heard.edge and "time" in vague:
        vague.remove("time")
    if not heard and WISHES.is_wrong.search(turn.text):
        vague += [slot for slot, words in PART_NAMES.items() if re.search(words, turn.text.lower())]
    if state.name and re.search(rf"\b(?:not|isn't) {re.escape(state.name)}\b", turn.text, re.I) and not heard:
        vague = ["name"]
    meal = WISHES.meal.search(turn.text)
    if state.clock and meal and not heard.times and bool(meal["lunch"]) != (state.clock < _EVENING):
        vague.append("time")  # "it's lunch I wanted"
    denied = WISHES.not_then.search(turn.text) and not WISHES.this_not_that.search(turn.text)
    if not vague and denied:  # "not on Friday", "he can't do seven"
        heard = heard or listen(replace(turn, text=re.sub(r"\bnot\b", "", turn.text)), state, now)
        only_day = len(heard.days) == 1 and heard.days[0] == state.day
        vague = [slot for slot, named in (("date", only_day), ("time", heard.times)) if named]
    return state.with_(**{slot: None for slot in vague})
