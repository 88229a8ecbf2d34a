"""From what was said to what it means now: one value, with the others that it may be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from convai_rasa.nlu.values.moments.when import Context, Duration, When
from convai_rasa.nlu.values.value import Value

COMING, EVENING = "coming", "evening"
_ASLEEP = range(6)  # "Monday at half past two" is in the afternoon, "Monday at half past seven" in the morning


def resolve(when: When, context: Context, prefer: str = COMING, where: dt.tzinfo | None = None) -> Value:
    """Return the value of a moment or period.

    Args:
        prefer: what an ambiguous half past seven means: the next one (``coming``) or the one after noon (``evening``).
        where: the time zone whose offset moments get; None for none.
    """
    if when.impossible:
        return Value(None, {"type": "date"})
    info: dict[str, Any] = {"approximate": True} if when.approximate else {}
    if when.part:
        info["part"] = when.part
    if not when.times:
        return _days(when, info)
    pairs = _ordered(when, context, prefer)
    (day, time), (last_day, until) = pairs[0]
    value = _iso(day, time, where)
    info = {"type": "datetime" if day else "time", "grain": when.grain, **info}
    if until:
        info |= {"from": value, "to": _iso(last_day, until, where)}
    elif when.open:
        info |= {when.open: value}
    others = [text for (other, at), _ in pairs[1:] if (text := _iso(other, at, where)) != value]
    if others and not until:
        info["values"] = [value, *dict.fromkeys(others)]
    times = tuple(dict.fromkeys(at for (other, at), _ in pairs if other == day)) if when.clock else ()
    ends = tuple(dict.fromkeys(end for _, (_, end) in pairs if end)) if when.clock else ()
    return Value(value, info, day=day, times=times, until=ends, part=when.part)


def resolve_duration(length: Duration) -> Value:
    """Return the value of a length of time."""
    return Value(length.iso(), {"type": "duration", "seconds": length.total_seconds})


def _days(when: When, info: dict[str, Any]) -> Value:
    first = when.days[0]
    value = first.isoformat()
    grain = when.grain if when.grain in ("week", "month", "year") else "day"
    info = {"type": "date", "grain": grain, **info}
    if when.last:
        info |= {"from": value, "to": when.last.isoformat()}
    if when.open:
        if when.open == "to":
            info.pop("from", None)
        info[when.open] = value
    elif len(when.days) > 1:
        info["values"] = [day.isoformat() for day in when.days]
    return Value(value, info, day=first, last_day=when.last, part=when.part)


_Moment = tuple[dt.date | None, dt.time]
_End = tuple[dt.date | None, dt.time | None]


def _ordered(when: When, context: Context, prefer: str) -> list[tuple[_Moment, _End]]:
    """Return the moments it may be with their ends, the one that is meant first."""
    ends: Sequence[dt.time | None] = when.until or (None,)
    ends = ends if len(ends) == len(when.times) else [ends[0]] * len(when.times)
    times = list(zip(when.times, ends, strict=True))
    if prefer == EVENING:
        times.sort(key=lambda pair: pair[0].hour < 12)
    elif when.days:
        times.sort(key=lambda pair: pair[0].hour in _ASLEEP)
    if not when.days:
        if prefer == COMING:
            # twelve is noon: the other one has a name, midnight
            times.sort(key=lambda pair: (pair[0].hour == 0, _wait(pair[0], context.now.time())))
        return [((None, time), (None, end)) for time, end in times]
    found = [
        ((day, time), (when.until_day or _day_of_end(day, time, end), end)) for day in when.days for time, end in times
    ]
    if not when.until and not when.settled:
        found = [pair for pair in found if pair[0][0] >= context.today] or found
    return sorted(found, key=lambda pair: _is_over(pair, context.now))


def _day_of_end(day: dt.date, time: dt.time, end: dt.time | None) -> dt.date:
    return day + dt.timedelta(days=1) if end is not None and end <= time else day


def _is_over(pair: tuple[_Moment, _End], now: dt.datetime) -> bool:
    (day, time), (last, end) = pair
    return day is not None and dt.datetime.combine(last or day, end or time) < now


def _wait(time: dt.time, now: dt.time) -> int:
    return ((time.hour * 60 + time.minute) - (now.hour * 60 + now.minute)) % (24 * 60)


def _iso(day: dt.date | None, time: dt.time | None, where: dt.tzinfo | None) -> str:
    """Return a time of day (19:30:00) or a moment (2026-12-04T19:30:00+01:00)."""
    if day is None:
        return time.isoformat() if time else ""
    return dt.datetime.combine(day, time or dt.time(), where).isoformat()
