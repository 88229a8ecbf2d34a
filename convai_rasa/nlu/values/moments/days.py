"""Days: weekdays, dates, days of a month or week, feasts."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from convai_rasa.nlu.values.moments.lengths import away_from
from convai_rasa.nlu.values.moments.when import DAY, IMPOSSIBLE, Context, Duration, When


def on(day: dt.date) -> When:
    """Return a day that is certain."""
    return When((day,), settled=True)


def in_days(context: Context, days: int) -> When:
    """Return the day so many days from today."""
    return on(context.today + days * DAY)


def coming(context: Context, weekday: int) -> When:
    """Return the next such weekday, today counting; the other ones it may be come after."""
    ahead = (weekday - context.today.weekday()) % 7
    day = context.today + ahead * DAY
    return When((day, day + 7 * DAY if ahead == 0 else day - 7 * DAY), weekday=weekday)


def upcoming(context: Context, weekday: int) -> When:
    """Return the next such weekday after today, as "the coming Tuesday" is."""
    return When((_after(context.today, weekday),), weekday=weekday)


def of_next_week(context: Context, weekday: int) -> When:
    """Return a weekday of next week, which begins on Monday."""
    return on(context.today + (7 + weekday - context.today.weekday()) * DAY)


def last_weekday(context: Context, weekday: int) -> When:
    """Return the latest such weekday before today."""
    return on(_before(context.today, weekday))


def weekday_after_next(context: Context, weekday: int) -> When | None:
    """Return "the Friday after next"."""
    return days_on(coming(context, weekday), 7)


def days_on(day: When, days: int) -> When | None:
    """Return the day so many days later."""
    return away_from(day, Duration(days=days, smallest="day"))


def weekday_after(day: When, weekday: int) -> When | None:
    """Return the first such weekday after a day."""
    if day.impossible or not day.days or day.times:
        return day if day.impossible else None
    return on(_after(day.last or day.days[0], weekday))


def weekday_before(day: When, weekday: int) -> When | None:
    """Return the last such weekday before a day."""
    if day.impossible or not day.days or day.times:
        return day if day.impossible else None
    return on(_before(day.days[0], weekday))


def _after(day: dt.date, weekday: int) -> dt.date:
    return day + ((weekday - day.weekday() - 1) % 7 + 1) * DAY


def _before(day: dt.date, weekday: int) -> dt.date:
    return day - ((day.weekday() - weekday - 1) % 7 + 1) * DAY


def weekday_in(period: When, weekday: int) -> When | None:
    """Return the weekday of a week."""
    if period.grain not in ("week", "weekend") or not period.days or not period.last:
        return None
    day = _after(period.days[0] - DAY, weekday)
    return on(day) if day <= period.last else None


def same_weekday_in(day: When, period: When) -> When | None:
    """Return the weekday that is meant of another week."""
    return None if day.weekday is None else weekday_in(period, day.weekday)


def nth_weekday(period: When, weekday: int, number: int) -> When | None:
    """Return the first (1), second, … or last (-1) such weekday of a month or year."""
    if period.grain not in ("month", "year") or not period.last:
        return None
    length = (period.last - period.days[0]).days + 1
    days = [day for day in (period.days[0] + n * DAY for n in range(length)) if day.weekday() == weekday]
    return on(days[number - 1 if number > 0 else number]) if len(days) >= abs(number) else IMPOSSIBLE


def nth_day(period: When, number: int) -> When | None:
    """Return the first, second, … or last (-1) day of a month."""
    if period.grain != "month" or not period.last:
        return None
    day = period.last if number < 0 else period.days[0] + (number - 1) * DAY
    return on(day) if period.days[0] <= day <= period.last else IMPOSSIBLE


def _date(year: int, month: int, day: int) -> dt.date | None:
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    return dt.date(year, month, day)


def full_year(year: int) -> int:
    """Return 2022 for 22 and 1985 for 85."""
    return year if year >= 100 else year + (2000 if year < 70 else 1900)


def date_of_year(md: tuple[int, int], year: int) -> When:
    """Return a date with its year, which may be 26 for 2026 and 85 for 1985."""
    found = _date(full_year(year), *md)
    return on(found) if found else IMPOSSIBLE


def feast_of_year(year: int, md: tuple[int, int]) -> When:
    """Return "Christmas 2026"."""
    return date_of_year(md, year)


def date_ahead(context: Context, md: tuple[int, int], ahead: int) -> When:
    """Return "December 3rd, next year" (1)."""
    return date_of_year(md, context.today.year + ahead)


def month_and_day(month: int, day: int) -> tuple[int, int]:
    """Return both, which ``next_date`` makes a date of."""
    return month, day


def next_date(context: Context, md: tuple[int, int]) -> When:
    """Return the next such date or feast, today counting; the latest one that is over comes after."""
    years = (_date(context.today.year + ahead, *md) for ahead in range(9))
    coming = next((found for found in years if found and found >= context.today), None)
    if coming is None:
        return IMPOSSIBLE
    earlier = _date(coming.year - 1, *md)
    return When((coming, earlier) if earlier else (coming,))


def day_of_month(context: Context, number: int) -> When | None:
    """Return the next day with a number, today counting; a month that lacks it is passed over."""
    if not 1 <= number <= 31:
        return IMPOSSIBLE
    day = next(_days_with_number(context, number, 4), None)
    return When((day,)) if day else None


def bare_day(context: Context, number: int) -> When | None:
    """Return the next day with a number that was said without its month."""
    day = day_of_month(context, number)
    return day and replace(day, bare=True)


def _days_with_number(context: Context, number: int, months: int) -> Iterator[dt.date]:
    for month in range(context.today.month - 1, context.today.month - 1 + months):
        day = _date(context.today.year + month // 12, month % 12 + 1, number)
        if day and day >= context.today:
            yield day


def with_weekday(context: Context, day: When, weekday: int) -> When | None:
    """Return a day that is said with its weekday: "Friday the 13th"; "Monday, December 3" only where it is one."""
    if day.impossible:
        return day
    if day.last or day.times or not day.days:
        return None
    for found in day.days:
        if found.weekday() == weekday and found >= context.today:
            return on(found)
    if day.settled:
        return replace(day, weekday=None) if day.days[0].weekday() == weekday else IMPOSSIBLE
    return None


def weekday_and_number(context: Context, weekday: int, number: int) -> When:
    """Return the next Friday that is a 13th."""
    day = next((day for day in _days_with_number(context, number, 15) if day.weekday() == weekday), None)
    return on(day) if day else IMPOSSIBLE


def nth_coming(context: Context, weekday: int, number: int, times: int = 1) -> When | None:
    """Return the third such weekday from now (3), or the second one that is over (-2, or 2 with -1 for ``times``)."""
    number *= times
    if not 0 < abs(number) < 99:
        return None
    first = coming(context, weekday).days[0] if number > 0 else last_weekday(context, weekday).days[0]
    ahead = number - 1 + (first == context.today) if number > 0 else number + 1
    return on(first + 7 * ahead * DAY)


def easter(context: Context, days: int = 0) -> When:
    """Return the next feast that lies so many days after Easter Sunday."""
    feasts = [_easter_sunday(context.today.year + ahead) + days * DAY for ahead in (0, 1)]
    return on(next(day for day in feasts if day >= context.today))


def _easter_sunday(year: int) -> dt.date:
    """Return Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    j = (32 + 2 * e + 2 * i - h - k) % 7
    month, day = divmod(h + j - 7 * ((a + 11 * h + 22 * j) // 451) + 114, 31)
    return dt.date(year, month, day + 1)


def near(day: When, said: When) -> When:
    """Return a weekday or a day of the month that corrects another one: that of the same week, or the same month."""
    first = said.days[0]
    if day.weekday is None:
        found = _date(first.year, first.month, day.days[0].day)
        return on(found) if found else IMPOSSIBLE
    of_week = first + (day.weekday - first.weekday()) * DAY
    return on(of_week) if of_week >= min(first, day.days[0]) else day
