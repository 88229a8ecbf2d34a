"""The values that a conversation about a booking is made of: what is known, what was said, what to answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

BOOK, CHANGE, CANCEL, SHOW = "book", "change", "cancel", "show"


@dataclass(frozen=True)
class BookingState:
    """The slots of booking_form.

    Attributes:
        task: what the guest wants: to book, change, cancel or hear of a booking.
        date: ISO date, for example "2026-11-27".
        time: 24-hour clock, for example "19:30".
        party_size: number of guests.
        name: the booking's name.
        booking_id: the booking to change or cancel, once found.
        confirmed: the guest said yes to the summary.
        notes: what the staff should know, such as "nut allergy".
    """

    task: str | None = None
    date: str | None = None
    time: str | None = None
    party_size: int | None = None
    name: str | None = None
    booking_id: int | None = None
    confirmed: bool | None = None
    notes: list[str] | None = None

    @classmethod
    def from_slots(cls, slots: Mapping[str, Any]) -> BookingState:
        """Read Rasa's slots (numbers come back from JSON as they were stored)."""
        return cls(**{field.name: slots.get(field.name) for field in fields(cls)})

    def as_slots(self) -> dict[str, Any]:
        """Return the values to store in Rasa's slots."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def with_(self, **values: Any) -> BookingState:
        """Return a copy with other values."""
        return replace(self, **values)

    @property
    def day(self) -> dt.date | None:
        """The date as a date."""
        return dt.date.fromisoformat(self.date) if self.date else None

    @property
    def clock(self) -> dt.time | None:
        """The time as a time."""
        return dt.time.fromisoformat(self.time) if self.time else None


@dataclass(frozen=True)
class Turn:
    """What the guest just said.

    Attributes:
        text: their words; empty when the form only has to ask again.
        intent: as classified.
        asked: the slot the form had asked for, None on its first turn.
        people: names the entity extractor saw.
        last_question: what the assistant said last.
        sure: the intent is sure enough to act on it when that has consequences.
        answered: everything the assistant said last.
        before: what they said earlier, the latest last.
        replies: what the assistant said in each of its turns, the latest last.
    """

    text: str
    intent: str | None = None
    asked: str | None = None
    people: Sequence[str] = ()
    last_question: str = ""
    sure: bool = True
    answered: str = ""
    before: Sequence[str] = ()
    replies: Sequence[str] = ()


@dataclass(frozen=True)
class Reply:
    """What the form does now.

    Attributes:
        state: what is known now.
        say: sentences, in order; the last one is the question, when ``ask`` is set.
        ask: the slot asked for, None when everything is known.
        rejected: the words were no answer; somebody else should react.
        stopped: the guest gave up.
    """

    state: BookingState
    say: tuple[str, ...] = ()
    ask: str | None = None
    rejected: bool = False
    stopped: bool = False


SLOTS = tuple(field.name for field in fields(BookingState))
