"""From one moment to another, and what is counted from a moment that was noted before."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from convai_rasa.nlu.values.moments.days import next_date, on, weekday_after
from convai_rasa.nlu.values.moments.lengths import away_from, shifted
from convai_rasa.nlu.values.moments.periods import period
from convai_rasa.nlu.values.moments.when import DAY, IMPOSSIBLE, Context, Duration, When


def span(context: Context, first: When, last: When) -> When | None:
    """Return from one to another: of two days, two times of a day, or two moments."""
    if first.impossible or last.impossible:
        return IMPOSSIBLE
    if first.open or last.open or first.until or last.until:
        return None
    if first.days and last.days and not first.times and not last.times:
        return _days_between(context, first, last)
    if not first.times or not last.times:
        return None
    if first.days and last.days:
        clear = len(first.times) == len(last.times) == 1
        return replace(first, until=last.times, until_day=last.days[0]) if clear else None
    return _times_between(first, last, last if last.days else first)


def _days_between(context: Context, first: When, last: When) -> When | None:
    begin, end = first.days[0], last.last or last.days[0]
    if end < begin and last.weekday is not None:
        end += 7 * DAY * (1 + (begin - end).days // 7)
    if end <= begin and not last.settled and len(last.days) > 1:
        end = end.replace(year=end.year + 1)
    return period(begin, end, "day") if 0 <= (end - begin).days <= 400 * 366 else None


def _times_between(first: When, last: When, day: When) -> When:
    """Choose the halves of the day so that a range is short and runs forward: "11 to 1 pm" begins in the morning."""
    pairs = [(begin, end) for begin in first.times for end in last.times]

    def length(pair: tuple[dt.time, dt.time]) -> int:
        begin, end = (60 * time.hour + time.minute for time in pair)
        return (end - begin) % (24 * 60) or 24 * 60

    shortest = min(length(pair) for pair in pairs)
    chosen = [pair for pair in pairs if length(pair) == shortest]
    part = first.part or last.part
    times, until = zip(*chosen, strict=True)
    return replace(first, times=times, until=until, part=part, days=day.days, settled=day.settled)


def opened(when: When, side: str) -> When | None:
    """Return "after six" (from) or "until Friday" (to)."""
    if when.impossible:
        return when
    if when.open or when.until or (when.part and not when.clock):
        return None
    return replace(when, open=side)


def about(when: When | None) -> When | None:
    """Return "around seven"."""
    return None if when is None or when.approximate else replace(when, approximate=True)


def month_range(context: Context, month: int, first: int, last: int) -> When | None:
    """Return "from the 3rd to the 10th of December"."""
    return span(context, next_date(context, (month, first)), next_date(context, (month, last)))


def day_noted(context: Context) -> When | None:
    """Return the day that was noted before."""
    return on(context.noted_day) if context.noted_day else None


def day_from_noted(context: Context, by: Duration, times: int = 1) -> When | None:
    """Return the day so far from the one that was noted."""
    day = day_noted(context)
    return away_from(day, by, times) if day and by.whole_days else None


def days_from_noted(context: Context, days: int) -> When | None:
    """Return the day so many days after the one that was noted."""
    return day_from_noted(context, Duration(days=days, smallest="day"))


def weekday_from_noted(context: Context, weekday: int) -> When | None:
    """Return the first such weekday after the day that was noted."""
    day = day_noted(context)
    return weekday_after(day, weekday) if day else None


def moment_from_noted(context: Context, by: Duration, times: int) -> When | None:
    """Return "an hour later" of a day and a time that were noted."""
    if context.noted_day is None or context.noted_time is None:
        return None
    noted = replace(on(context.noted_day), times=(context.noted_time,), clock=True, grain="minute")
    return away_from(noted, by, times)


def time_from_noted(context: Context, by: Duration, times: int) -> When | None:
    """Return "an hour later" of a time that was noted without a day."""
    if context.noted_day is not None or context.noted_time is None or by.whole_days:
        return None
    moment = shifted(dt.datetime.combine(context.today, context.noted_time), by, times)
    return When(times=(moment.time(),), clock=True, grain="minute")
