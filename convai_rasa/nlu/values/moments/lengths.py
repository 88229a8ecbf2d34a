"""Lengths of time, and what lies so far from a moment."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import replace
from fractions import Fraction

from convai_rasa.nlu.values.moments.when import UNITS, Context, Duration, When

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}


def duration(unit: str, *numbers: Fraction | int) -> Duration | None:
    """Return "two and a half hours"; None for half a second, or a third of a month."""
    number = sum(numbers, Fraction(0))
    if number < 0:
        return None
    said = (int(number), unit) if number.denominator == 1 else None
    if unit in _SECONDS:
        seconds = number * _SECONDS[unit]
        if seconds.denominator != 1:
            return None
        smallest = unit if said else "day" if seconds % 86400 == 0 else "hour" if seconds >= 3600 else "minute"
        days, rest = divmod(int(seconds), 86400) if unit in ("day", "week") else (0, int(seconds))
        return Duration(days=days, seconds=rest, said=said, smallest=smallest)
    months = number * (12 if unit == "year" else 1)
    if months.denominator == 1:
        return Duration(months=int(months), said=said, smallest=unit if said else "month")
    if months.denominator == 2:
        return Duration(months=int(months), days=15, smallest="day")
    return None


def duration_below_one(unit: str, number: Fraction) -> Duration | None:
    """Return "a quarter of an hour"."""
    return duration(unit, number) if number < 1 else None


def weeks(number: int, times: int = 1) -> Duration | None:
    """Return "two fortnights"."""
    return duration("week", number * times)


def hours_and_minutes(hours: int, minutes: int) -> Duration | None:
    """Return "1h30"."""
    return Duration(seconds=hours * 3600 + minutes * 60, smallest="minute") if 0 < minutes < 60 else None


def plus(one: Duration, other: Duration) -> Duration | None:
    """Return "two hours" and "fifteen minutes" together; None for "two minutes and three hours"."""
    order = list(UNITS)
    if order.index(one.smallest) <= order.index(other.smallest):
        return None
    return Duration(
        one.months + other.months, one.days + other.days, one.seconds + other.seconds, smallest=other.smallest
    )


def shifted(moment: dt.datetime, by: Duration, times: int = 1) -> dt.datetime:
    """Return a moment moved by a duration; a day that a month lacks becomes its last."""
    months = moment.year * 12 + moment.month - 1 + times * by.months
    year, month = divmod(months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day) + times * dt.timedelta(by.days, by.seconds)


def away(context: Context, by: Duration, times: int = 1) -> When:
    """Return the day, or with hours the moment, so far from now."""
    moment = shifted(context.now, by, times)
    if by.whole_days:
        return When((moment.date(),), settled=True)
    return When((moment.date(),), times=(moment.time(),), clock=True, grain=by.smallest, settled=True)


def now(context: Context) -> When:
    """Return this minute."""
    return away(context, Duration(smallest="minute"))


def about_away(context: Context, by: Duration) -> When:
    """Return "in about an hour"."""
    return replace(away(context, by), approximate=True)


def only_day(when: When) -> When | None:
    """Return what is so far away if that is a day."""
    return None if when.times else when


def only_moment(when: When) -> When | None:
    """Return what is so far away if that is a moment of a day."""
    return when if when.times else None


def away_from(base: When, by: Duration, times: int = 1) -> When | None:
    """Return what lies so far from a day or a moment."""
    if base.impossible:
        return base
    if not base.days or base.last or base.until or base.open:
        return None
    if base.times and base.clock:
        if base.times[0] == dt.time():
            return None  # whether Friday's midnight begins or ends it nobody knows
        moments = [shifted(dt.datetime.combine(base.days[0], time), by, times) for time in base.times]
        if len({moment.date() for moment in moments}) > 1:
            return None
        return replace(
            base,
            days=(moments[0].date(),),
            times=tuple(moment.time() for moment in moments),
            grain=base.grain if by.whole_days else by.smallest,
            weekday=None,
        )
    if base.times or not by.whole_days:
        return None
    return When((shifted(dt.datetime.combine(base.days[0], dt.time()), by, times).date(),), settled=True)
