"""What is said about a booking: the questions, what was understood, and the whole of it."""

from __future__ import annotations

import datetime as dt
import re

from num2words import num2words
from phrases import Phrases

from ..hearing.heard import Heard
from ..spoken import say_day, say_guests, say_list, say_time, say_when
from .state import BOOK, BookingState

QUESTIONS = {
    "date": "Which day would you like to come?",
    "time": "And at what time?",
    "party_size": "How many people will you be?",
    "name": "And what name may I put it under?",
}
FIND_QUESTIONS = {"name": "What name is the booking under?", "date": "And which day is it for?"}
WHAT_TO_CHANGE = "What should I change: the day, the time, the number of people, or the name?"
_PEOPLE_OR_TIME = "Do you mean {number} {people}, or {number} o'clock?"
SAID = Phrases(__file__)
PEOPLE_OR_TIME_ASKED = SAID.people_or_time_asked
CHANGE_QUESTION = "Shall I change it to that?"
COMPLAINT_QUESTION = "Would you like me to pass a complaint on to our manager?"
STOP_QUESTION = "Would you like to stop here, without a booking?"
CANCELED = "I've canceled your table"
LET_US_KNOW = "Just let us know once you are sure."
STILL_HAVE = "I still have {times}."
OFFERED = re.compile(STILL_HAVE.format(times="[^.]+"))
NO_CHANGE = "All right."
NOT_UNDERSTOOD = "Sorry, I didn't get that."
OR_CALL = "If you'd rather, our staff will gladly help you on {phone}."
NO_FURTHER = "I'm sorry, I can't get any further here. Please call us on {phone}."


def people_or_time(number: int) -> str:
    """Ask what a number means that may be guests or an hour."""
    return _PEOPLE_OR_TIME.format(number=number, people="person" if number == 1 else "people")


def facts(state: BookingState, today: dt.date) -> list[str]:
    """Return what is known of a booking, one thing after the other."""
    known = []
    if state.party_size is not None:
        known.append(f"a table for {say_guests(state.party_size)}")
    if state.day is not None:
        known.append(say_day(state.day, today))
    if state.clock is not None:
        known.append(f"at {say_time(state.clock)}")
    if state.name:
        known.append(f"under the name of {state.name}")
    return known


def so_far(state: BookingState, today: dt.date, asked: str = "") -> str:
    """Say what has been noted of a booking that is not complete yet; ``asked`` may be whether it is booked."""
    known = [*facts(state, today), *(f"the {note}" for note in state.notes or ())]
    begin = "It is not booked yet. " if state.task == BOOK and SAID.is_it_booked.search(asked) else ""
    return f"{begin}So far I have noted {say_list(known)}." if known else f"{begin}I haven't noted anything yet."


def confirmed_or_told(state: BookingState, heard: Heard, today: dt.date) -> str:
    """Answer "that's the third, isn't it": yes where it is as noted, else with what has been noted."""
    noted = (state.party_size, state.day, state.clock)
    said = (heard.party_size, heard.day.date if heard.day else None, heard.times)
    same = [
        each is None or each == () or each == known or (isinstance(each, tuple) and known in each)
        for each, known in zip(said, noted, strict=True)
    ]
    return f"Yes, {say_list(facts(state, today))}." if all(same) else so_far(state, today)


def understood(before: BookingState, after: BookingState, today: dt.date) -> str | None:
    """Repeat what has just become known, so that a guest hears what was misheard: "Thursday the 3rd of December."."""
    new = {
        slot: getattr(after, slot)
        for slot in ("party_size", "date", "time", "name")
        if getattr(before, slot) is None and getattr(after, slot) is not None
    }
    known = facts(BookingState(**new), today)
    return f"{', '.join(known)[:1].upper()}{', '.join(known)[1:]}." if known else None


def summary(state: BookingState, today: dt.date) -> str:
    """Say a complete booking: "A table for 4 people, tomorrow, …, at 8 in the evening, under the name of Marta"."""
    day, clock = state.day, state.clock
    if day is None or clock is None or state.party_size is None:
        raise ValueError("only a complete booking can be summed up")
    notes = f", with a note about the {say_list(state.notes)}" if state.notes else ""
    return (
        f"A table for {say_guests(state.party_size)}, {say_when(day, clock, today)}, "
        f"under the name of {state.name}{notes}"
    )


def on(day: str) -> str:
    """Return a day as it stands in a sentence: "on Friday the 27th of November", "tomorrow"."""
    return day if day.startswith(("today", "tomorrow")) else f"on {day}"


def acknowledge(before: BookingState, after: BookingState, today: dt.date, said_new: int | None = None) -> str | None:
    """Say which values took the place of others: "Five, then."; None where none did.

    Args:
        said_new: a number that was said to be right instead of another, so that it is repeated in any case.
    """
    said = []
    replaces = before.party_size or (said_new is not None and after.party_size == said_new)
    if replaces and after.party_size and after.party_size != before.party_size:
        said.append(f"{num2words(after.party_size)} {'person' if after.party_size == 1 else 'people'}")
    if before.day and after.day and after.day != before.day:
        said.append(say_day(after.day, today))
    if before.clock and after.clock and after.clock != before.clock:
        said.append(say_time(after.clock))
    if before.name and after.name and after.name != before.name:
        said.append(after.name)
    sentence = f"{say_list(said)}, then." if said else None
    return f"{sentence[:1].upper()}{sentence[1:]}" if sentence else None
