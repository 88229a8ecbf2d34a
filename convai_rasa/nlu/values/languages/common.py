"""Rules that differ between languages only in a word."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from convai_rasa.nlu.values import moments as m
from convai_rasa.nlu.values.chart import Grammar

_MOST_PEOPLE = 999


def add_noted_rules(grammar: Grammar, *, later: str, earlier: str, same_day: str) -> None:
    """Add what is counted from a moment that was noted before: "an hour later".

    Args:
        grammar: of the language.
        later: what stands behind a duration, as a pattern.
        earlier: the same.
        same_day: the whole of it.
    """
    for words, times in ((later, 1), (earlier, -1)):
        grammar.rule("dt", f"<dur> {words}", lambda c, by, times=times: _moment(m.from_noted(c, by, times)))
        grammar.rule("tod", f"<dur> {words}", lambda c, by, times=times: _time(m.from_noted(c, by, times)))
        grammar.rule("day", f"<dur> {words}", lambda c, by, times=times: day_from_noted(c, by, times))
    grammar.rule("day", same_day, lambda c: m.on(c.noted_day) if c.noted_day else None)


def day_from_noted(context: m.Context, by: m.Duration | None, times: int) -> m.When | None:
    """Return the day so far from the one that was noted."""
    if context.noted_day is None or by is None or not by.whole_days:
        return None
    return m.away_from(m.on(context.noted_day), by, times)


def weekday_from_noted(context: m.Context, weekday: int) -> m.When | None:
    """Return the first such weekday after the day that was noted."""
    return m.weekday_after(m.on(context.noted_day), weekday) if context.noted_day else None


def add_open_rules(
    grammar: Grammar, *, since: str, until: str, behind: tuple[str, str] | None = None, hour: bool = True
) -> None:
    """Add periods with one end: "until Friday", and days with one: "Friday after eight".

    Args:
        grammar: of the language.
        since: words before a beginning, as a pattern.
        until: words before an end.
        behind: words around a beginning: "from six onwards".
        hour: a bare number behind these words is an hour.
    """
    for words, side in ((since, "from"), (until, "to")):

        def opened(_context: m.Context, when: m.When, side: str = side) -> m.When | None:
            return m.opened(when, side)

        for category, whole in (("day", "when"), ("dt", "when"), ("tod", "otod")):
            grammar.rule(whole, f"{words} <{category}>", opened)
            if behind and side == "from":
                grammar.rule(whole, f"{behind[0]} <{category}> {behind[1]}", opened)
        if hour:
            grammar.rule("otod", f"{words} <hour>", opened)
    grammar.rule("when", "<otod>", lambda _c, when: when)
    for category in ("day", "pd"):
        grammar.rule("dt", f"<{category}> <otod>", lambda _c, day, time: m.together(day, time))


def add_ranges(
    grammar: Grammar,
    *,
    start: str,
    end: str,
    between: str,
    and_: str,
    of_times: Sequence[str] = (),
    of_moments: Sequence[str] = (),
    in_month: str = "",
) -> None:
    """Add ranges with two ends: "from eight to nine", "between Monday and Friday".

    Args:
        grammar: of the language.
        start: what stands before the first, as a pattern.
        end: what stands between them.
        between: what stands before the first, where ``and_`` stands between them.
        and_: the same.
        of_times: more patterns, of two times.
        of_moments: more patterns, of a day with a time, and a time.
        in_month: "from the 3rd to the 10th of December".
    """
    for category, whole in (("tod", "trng"), ("day", "rng"), ("dt", "rng")):
        grammar.rule(whole, f"{start} <{category}> {end} <{category}>", m.span)
        grammar.rule(whole, f"{between} <{category}> {and_} <{category}>", m.span)
    for whole, patterns in (("trng", of_times), ("rng", of_moments)):
        for pattern in patterns:
            grammar.rule(whole, pattern, m.span)
    if in_month:
        grammar.rule("rng", in_month, month_range)


def add_people(
    grammar: Grammar,
    *,
    who: str,
    and_: str,
    friends: str,
    two: Sequence[str],
    one: Sequence[str],
    before: str,
    party: str,
    we: str,
    four: str,
) -> None:
    """Add how many people there are: ``heads`` ("four people") and ``count`` (a number that counts them).

    Args:
        grammar: of the language.
        who: what stands behind a number of people, as a pattern.
        and_: what stands between two numbers of them.
        friends: the speaker and others, with ``<count>`` for how many those are.
        two: patterns that say two.
        one: patterns that say one.
        before: words that change nothing: "just".
        party: what stands before a number of guests: "a table for".
        we: what stands before one: "we are".
        four: "for", which may also stand before a time.
    """
    rule = grammar.rule
    rule("heads", f"<count> {who}", lambda _c, n: n)
    rule("heads", f"<heads> {and_} <heads>", lambda _c, some, more: some + more)
    rule("heads", friends, lambda _c, n: n + 1)
    grammar.each("heads", dict.fromkeys(two, 2) | dict.fromkeys(one, 1), lambda _c, n: n)
    rule("count", "<num>", _count, cost=3)
    for category in ("heads", "count"):
        rule("people", f"{party} <{category}>", lambda _c, n: n)
        rule("people", f"{we} <{category}>", lambda _c, n: n)
    rule("people", f"{before}|{four}? <heads>", lambda _c, n: n)
    rule("for_count", f"{four} <count>", lambda _c, n: n, cost=1)


def _count(_context: m.Context, number: Fraction) -> int | None:
    return int(number) if number.denominator == 1 and 0 <= number <= _MOST_PEOPLE else None


def and_share(number: int, share: Fraction) -> Fraction:
    """Return "two and a half", and of "a million and a half" half a million more."""
    unit = next((unit for unit in (10**9, 10**6, 1000) if number >= unit and number % unit == 0), 1)
    return number + share * unit


def month_range(context: m.Context, first: int, last: int, month: int) -> m.When | None:
    """Return "from the 3rd to the 10th of December"."""
    return m.span(context, m.month_day(context, month, first), m.month_day(context, month, last))


def hours_and_minutes(_context: m.Context, hours: int, minutes: int) -> m.Duration | None:
    """Return "1h30"."""
    return m.Duration(seconds=hours * 3600 + minutes * 60, smallest="minute") if 0 < minutes < 60 else None


def halved(_context: m.Context, when: m.When, half: str) -> m.When | None:
    """Return a time with "am" or "pm"."""
    time = when.times[0]
    if len(when.times) == 2:
        return m.clock(time.hour or 12, time.minute, time.second, half)
    # "19:30 pm" is said, "13 pm" hardly
    return when if half == "pm" and time.hour >= 12 and when.grain != "hour" else None


def part(_context: m.Context, name: str) -> m.Part:
    """Return a part of the day."""
    return m.Part(name)


def part_of_today(context: m.Context, name: str) -> m.When | None:
    """Return "this evening"."""
    return m.part_of(m.in_days(context, 0), m.Part(name))


def feast(context: m.Context, month_and_day: tuple[int, int]) -> m.When | None:
    """Return a feast that has its day in the calendar."""
    return m.month_day(context, *month_and_day)


def day_only(when: m.When | None) -> m.When | None:
    """Return a moment that is a day."""
    return None if when is None or when.times else when


def _moment(when: m.When | None) -> m.When | None:
    return when if when and when.days and when.times else None


def _time(when: m.When | None) -> m.When | None:
    return when if when and not when.days else None
