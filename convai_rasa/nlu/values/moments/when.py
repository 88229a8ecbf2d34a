"""What is said of a moment: a day, a time, a period, a length. Nothing here knows a language."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

DAY = dt.timedelta(days=1)
UNITS = {"second": "S", "minute": "M", "hour": "H", "day": "D", "week": "W", "month": "M", "year": "Y"}


@dataclass(frozen=True)
class Context:
    """What a moment is counted from.

    Attributes:
        now: local time, naive.
        noted_day, noted_time: what was said before.
    """

    now: dt.datetime
    noted_day: dt.date | None = None
    noted_time: dt.time | None = None

    @property
    def today(self) -> dt.date:
        """The day of ``now``."""
        return self.now.date()


@dataclass(frozen=True)
class Duration:
    """A length of time: months, days and seconds, which cannot be counted in each other.

    Attributes:
        said: one number and one unit, where it was said so: "90 minutes".
        smallest: the smallest unit that was said.
    """

    months: int = 0
    days: int = 0
    seconds: int = 0
    said: tuple[int, str] | None = None
    smallest: str = "second"

    @property
    def whole_days(self) -> bool:
        """Whether it counts in days and no hours were said."""
        return self.seconds == 0 and self.smallest in ("day", "week", "month", "year")

    @property
    def total_seconds(self) -> int:
        """All of it, a month as 30 days and a year as 365."""
        years, months = divmod(self.months, 12)
        return (years * 365 + months * 30 + self.days) * 86400 + self.seconds

    def iso(self) -> str:
        """Return such as P3D or PT1H30M."""
        if self.said:
            number, unit = self.said
            return f"P{'T' if unit in ('second', 'minute', 'hour') else ''}{number}{UNITS[unit]}"
        years, months = divmod(self.months, 12)
        minutes, seconds = divmod(self.seconds, 60)
        hours, minutes = divmod(minutes, 60)
        date = "".join(f"{n}{sign}" for n, sign in ((years, "Y"), (months, "M"), (self.days, "D")) if n)
        time = "".join(f"{n}{sign}" for n, sign in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n)
        return f"P{date}{'T' + time if time else ''}" if date or time else "PT0S"


@dataclass(frozen=True)
class When:
    """A day, a time of day, both, or a period.

    Attributes:
        days: what the (first) day may be, the likelier first; none for a bare time.
        last: the last day of a period of days.
        times: what the (first) time may be, the likelier first; none for a bare day.
        until: what the end of a range of times may be; ``until_day`` its day where that is another one.
        part: of the day, where it was said; times then hold its beginning unless a clock time was said as well.
        clock: a clock time was said.
        grain: the smallest thing said: year, month, week, weekend, day, hour, minute, second.
        open: "from" or "to" where the other end is open.
        settled: not moved into the future: "last Friday", "March 2022".
        impossible: a day that no calendar has.
        approximate: "around seven".
        weekday: bare weekday, which can be moved by weeks.
        bare: only a number said that it is a day ("the first"), so it is none before another word ("the first time").
    """

    days: tuple[dt.date, ...] = ()
    last: dt.date | None = None
    times: tuple[dt.time, ...] = ()
    until: tuple[dt.time, ...] = ()
    until_day: dt.date | None = None
    part: str | None = None
    clock: bool = False
    grain: str = "day"
    open: str = ""
    settled: bool = False
    impossible: bool = False
    approximate: bool = False
    weekday: int | None = None
    bare: bool = False


IMPOSSIBLE = When(impossible=True)
