"""What one utterance says about a booking, as values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Day:
    """A day somebody named; ``date`` is None when no calendar has it ("February the thirtieth")."""

    date: dt.date | None


@dataclass(frozen=True)
class Edge:
    """A table as early or as late as possible.

    Attributes:
        last: as late as possible.
        lunch: at lunch or at dinner; None where nobody said.
    """

    last: bool
    lunch: bool | None = None


@dataclass(frozen=True)
class Heard:
    """What an utterance says; None, or nothing, where it says nothing.

    Attributes:
        day: the first day named.
        days: all of them, "Saturday and Sunday".
        times: what the time may mean, likelier first: 19:00 and 07:00 for "seven".
        party_size: guests.
        name: of the booking.
        number: a number that could be guests or a time ("make it five"), only when nothing else was said.
        replaced: the old and the new number of "not seven, eight".
        span: the first and the last of several days one of which is meant, "next week".
        edge: the time is to be as early or as late as possible.
    """

    day: Day | None = None
    days: tuple[dt.date, ...] = field(default=(), compare=False)
    times: tuple[dt.time, ...] = ()
    party_size: int | None = None
    name: str | None = None
    number: int | None = None
    replaced: tuple[int, int] | None = None
    span: tuple[dt.date, dt.date] | None = None
    edge: Edge | None = None

    def __bool__(self) -> bool:
        found = (
            self.day,
            self.times or None,
            self.party_size,
            self.name,
            self.number,
            self.replaced,
            self.span,
            self.edge,
        )
        return any(value is not None for value in found)
