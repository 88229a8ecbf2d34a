"""What was read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Value:
    """What a text, or a part of it, stands for.

    Attributes:
        value: what a slot holds: an ISO 8601 date, time of day, moment or duration, a number, or a name. None where a
            day was said that no calendar has.
        info: ``type``, and what there is of ``grain``, ``from`` and ``to``, ``values``, ``part``, ``unit``,
            ``currency``, ``seconds``, ``approximate``.
        start, end: its place in the text.
        day: the day that was said, the first of a period; None for a bare time.
        last_day: the last day of a period of days.
        times: clock times that may be meant, the likelier first; none where none was said.
        until: of a range of times the ends that may be meant.
        part: morning, afternoon, evening or night, where it was said.
    """

    value: str | int | float | None
    info: Mapping[str, Any]
    start: int = 0
    end: int = 0
    day: dt.date | None = None
    last_day: dt.date | None = None
    times: tuple[dt.time, ...] = ()
    until: tuple[dt.time, ...] = ()
    part: str | None = None
