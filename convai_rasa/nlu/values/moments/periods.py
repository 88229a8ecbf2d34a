"""Periods of days: weeks, weekends, months, years."""

from __future__ import annotations

import calendar
import datetime as dt

from convai_rasa.nlu.values.moments.days import full_year, nth_weekday
from convai_rasa.nlu.values.moments.lengths import shifted
from convai_rasa.nlu.values.moments.when import DAY, Context, Duration, When


def period(first: dt.date, last: dt.date, grain: str) -> When:
    """Return the days from one to another."""
    return When((first,), last=last, grain=grain, settled=True)


def week_of(day: When) -> When | None:
    """Return the week a day is in."""
    if day.impossible or not day.days or day.last or day.times:
        return day if day.impossible else None
    monday = day.days[0] - day.days[0].weekday() * DAY
    return period(monday, monday + 6 * DAY, "week")


def month_of(month: int, year: int) -> When:
    """Return a month of a year."""
    return period(dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1]), "month")


def weekday_of_month(context: Context, month: int, weekday: int, number: int) -> When | None:
    """Return the next feast on such a weekday of a month: Thanksgiving is the fourth Thursday of November."""
    feasts = (nth_weekday(month_of(month, context.today.year + ahead), weekday, number) for ahead in (0, 1))
    return next((feast for feast in feasts if feast and feast.days and feast.days[0] >= context.today), None)


def coming_month(context: Context, month: int, ahead: int = 0) -> When:
    """Return the next such month, this one counting."""
    return month_of(month, context.today.year + (month < context.today.month) + ahead)


def next_month(context: Context, month: int) -> When:
    """Return "next May", which in May is that of the next year."""
    return coming_month(context, month, context.today.month == month)


def month_of_next_year(context: Context, month: int) -> When:
    """Return "May next year"."""
    return month_of(month, context.today.year + 1)


def year_of(number: int) -> When:
    """Return a year."""
    return period(dt.date(number, 1, 1), dt.date(number, 12, 31), "year")


def likely_year(number: int) -> When | None:
    """Return a year of which people speak."""
    return year_of(number) if 1900 <= number <= 2100 else None


def short_year(number: int) -> int | None:
    """Return 2022 for 22 and 1985 for 85."""
    return full_year(number) if number < 100 else None


def two_part_year(century: int, rest: int, least: int, most: int) -> int | None:
    """Return 2022 for "twenty twenty-two"."""
    return century * 100 + rest if 10 <= century <= 29 and least <= rest <= most else None


def period_ahead(context: Context, name: str, ahead: int) -> When:
    """Return this week, weekend, month or year (0), the next, …; a week begins on Monday."""
    if name == "year":
        return year_of(context.today.year + ahead)
    if name == "month":
        year, month = divmod(context.today.year * 12 + context.today.month - 1 + ahead, 12)
        return month_of(month + 1, year)
    monday = context.today + (7 * ahead - context.today.weekday()) * DAY
    return period(monday + 5 * DAY if name == "weekend" else monday, monday + 6 * DAY, name)


def next_days(context: Context, length: Duration, times: int = 1) -> When | None:
    """Return the next two weeks, the last three days."""
    if not length.whole_days:
        return None
    other = shifted(context.now, length, times).date()
    return period(min(context.today, other), max(context.today, other), "day")
