"""How days, times, lengths and numbers are said in English."""

from __future__ import annotations

from fractions import Fraction

from convai_rasa.nlu.values import moments as m
from convai_rasa.nlu.values.chart import Grammar
from convai_rasa.nlu.values.languages import common
from convai_rasa.nlu.values.languages.word_file import read_words
from convai_rasa.nlu.values.numerals import NumberWords
from convai_rasa.nlu.values.shared_rules import Literals
from convai_rasa.nlu.values.words import listed

_WORDS = read_words("en")
_SMALL = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = listed("twenty thirty forty fifty sixty seventy eighty ninety")
_NTH = listed(
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_NTH_TENS = listed("twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth")
_NUMBERS = NumberWords(
    small=dict(zip(_SMALL, range(20), strict=True)) | dict(zip(_TENS, range(20, 100, 10), strict=True)),
    hundred={"hundred": 100, "hundreds": 100},
    scales={"thousand": 1000, "million": 10**6, "billion": 10**9},
    ordinals=dict(zip(_NTH, range(20), strict=True))
    | dict(zip(_NTH_TENS, range(20, 100, 10), strict=True))
    | {"hundredth": 100},
    one=frozenset({"a", "an"}),
    joins=frozenset({"and"}),
    point=frozenset({"point"}),
    zeros=frozenset({"oh", "o"}),
    decimal=".",
)
_OF = "of|in|,?"
_TO = "to|till|until|til|through|thru"


def _numbers(grammar: Grammar) -> None:
    rule = grammar.rule
    rule("ord", "<n> st|nd|rd|th", lambda _c, n: n)
    rule("num", "<n> and a|an? <share>", lambda _c, n, share: common.and_share(n, share))
    rule("num", "<n> and <n> <share>", lambda _c, n, above, share: n + above * share if above * share < 1 else None)
    rule("frac", "a|an? <share>", lambda _c, share: share)
    rule("num", "half a|an? <scale>", lambda _c, scale: Fraction(scale, 2))
    rule("num", "a|an? quarter of_a <scale>", lambda _c, scale: Fraction(scale, 4))
    rule("num", "a|one? <dozens>", lambda _c, dozen: Fraction(dozen))
    rule("num", "<num> <dozens>", lambda _c, num, dozen: num * dozen)
    rule("num", "half a? <dozens>", lambda _c, dozen: Fraction(dozen, 2))
    rule("num", "a|the? couple|pair of?", lambda _c: Fraction(2))
    rule("num", "minus|negative <num>", lambda _c, num: -num)
    rule("about", "at? around|about|approximately|roughly|circa", lambda _c: True)


def _lengths(grammar: Grammar) -> None:
    rule = grammar.rule
    rule("dur", "a|an <unit>", lambda _c, unit: m.duration(1, unit))
    rule("dur", "a? half a|an? <unit>", lambda _c, unit: m.duration(Fraction(1, 2), unit))
    rule("dur", "a|an? <unit> and_a <share>", lambda _c, unit, share: m.duration(1 + share, unit))
    rule("dur", "<n> <unit> and_a <share>", lambda _c, n, unit, share: m.duration(n + share, unit))
    rule("dur", "<num> of_a|of_an|a|an <unit>", lambda _c, num, unit: m.duration(num, unit) if num < 1 else None)
    rule("dur", "a fortnight", lambda _c: m.duration(2, "week"))
    rule("dur", "<n> fortnights", lambda _c, n: m.duration(2 * n, "week"))
    rule("dur", "<dur> and <dur>", lambda _c, one, other: m.plus(one, other))
    rule("dur", "<n> h|hr|hour|hours <n> m?", common.hours_and_minutes)


def _days(grammar: Grammar) -> None:
    rule = grammar.rule
    grammar.each("day", _WORDS.days, m.in_days)
    for said, days in {"today": 0, "tomorrow": 1}.items():
        rule("day", f"<dur> {said}", lambda c, by, days=days: common.day_only(m.away_from(m.in_days(c, days), by)))
    rule("wday", "this? <wd>", m.coming)
    rule("wday", "this? coming|upcoming <wd>", m.upcoming)
    rule("wday", "this? <wd> coming", m.upcoming)
    rule("day", "next <wd>", m.of_next_week)
    rule("day", "this? last|past <wd>", m.last_weekday)
    rule("day", "<wday> week", lambda _c, day: m.weeks_on(day, 1))
    rule("day", "<wday> fortnight", lambda _c, day: m.weeks_on(day, 2))
    rule("day", "the? <wd> after_next", lambda c, weekday: m.weeks_on(m.coming(c, weekday), 1))
    rule("day", "<dur> on? <wday>", lambda _c, by, day: m.away_from(day, by) if by.whole_days else None)
    rule("day", "<wd> of|in? <span>", lambda _c, weekday, span: m.weekday_in(span, weekday))
    rule("day", "<span> on? <wd>", lambda _c, span, weekday: m.weekday_in(span, weekday))
    rule("day", "<n> <wd> from_now", lambda c, n, weekday: m.nth_coming(c, weekday, n) if 0 < n < 99 else None)
    rule("day", "<n> <wd> ago", lambda c, n, weekday: m.nth_coming(c, weekday, -n) if 0 < n < 99 else None)
    rule("day", "the <wd> before_last", lambda c, weekday: m.nth_coming(c, weekday, -2))
    rule("nth", "last", lambda _c: -1)
    rule("nth", "second_last|second_to_last|last_but_one", lambda _c: -2)
    rule("day", "the? <nth> <wd> of|in? <span>", lambda _c, nth, weekday, span: m.nth_weekday(span, weekday, nth))
    rule("day", "the <nth> day of|in <span>", lambda _c, nth, span: m.nth_day(span, nth))
    rule("day", "the? <wd> after <day>", lambda _c, weekday, day: m.weekday_after(day, weekday))
    rule("day", "the? <wd> before <day>", lambda _c, weekday, day: m.weekday_after(day, weekday, before=True))
    one_day = m.Duration(days=1, smallest="day")
    rule("day", "the day after <day>", lambda _c, day: m.away_from(day, one_day))
    rule("day", "the day before <day>", lambda _c, day: m.away_from(day, one_day, -1))
    rule("day", "<dur> from|after <day>", lambda _c, by, day: common.day_only(m.away_from(day, by)))
    rule("day", "<dur> before <day>", lambda _c, by, day: common.day_only(m.away_from(day, by, -1)))
    rule("dt", "<dur> after|from <dt>", lambda _c, by, moment: m.away_from(moment, by))
    rule("dt", "<dur> before <dt>", lambda _c, by, moment: m.away_from(moment, by, -1))
    rule("ahead", "in <dur>", lambda c, by: m.away(c, by))
    rule("ahead", "in <dur> '? s? time", lambda c, by: m.away(c, by))
    rule("ahead", "<dur> from_now|from_today|hence", lambda c, by: m.away(c, by))
    rule("ahead", "in <about> <dur>", lambda c, _about, by: m.about(m.away(c, by)))
    rule("ahead", "<dur> ago", lambda c, by: m.away(c, by, -1))
    rule("dt", "now|right_now|immediately", lambda c: m.away(c, m.Duration(smallest="minute")), cost=1)


def _dates(grammar: Grammar) -> None:
    rule = grammar.rule
    grammar.each("day", _WORDS.feasts, common.feast)
    for said, (month, day) in _WORDS.feasts.items():
        rule("date", f"{said} <year>", lambda _c, year, month=month, day=day: m.full_date(year, month, day))
    grammar.each("day", _WORDS.easter, m.easter)
    rule("day", "thanksgiving|thanksgiving_day", lambda c: m.weekday_of_month(c, 11, 3, 4))
    rule("dom", "the? <ord>", lambda _c, n: n)
    rule("dom", "<n>", lambda _c, n: n, cost=1)
    rule("md", "<dom> of? <mon>", lambda _c, day, month: (month, day))
    rule("md", "<mon> <dom>", lambda _c, month, day: (month, day))
    rule("date", "<md> ,|'? <year>", lambda _c, md, year: m.full_date(year, *md))
    for said, ahead in {"this": 0, "next": 1, "last": -1}.items():
        rule("date", f"<md> {_OF} {said}_year", lambda c, md, ahead=ahead: m.full_date(c.today.year + ahead, *md))
    rule("year", "<n> <n>", lambda _c, a, b: a * 100 + b if 10 <= a <= 29 and 10 <= b <= 99 else None)
    rule("year", "<n> oh|o <n>", lambda _c, a, b: a * 100 + b if 10 <= a <= 29 and 1 <= b <= 9 else None)
    rule("date", "<wd> the? <ord>", m.weekday_and_number)
    rule("date", "the <ord>", lambda c, n: m.bare(m.day_of_month(c, n)), cost=1)
    rule("date", "the? <ord> of <span>", lambda _c, n, span: m.nth_day(span, n), cost=1)
    rule("day_number", "the? <ord>", m.day_of_month, cost=2)


def _noted(grammar: Grammar) -> None:
    rule = grammar.rule
    one_day, one_week = m.duration(1, "day"), m.duration(1, "week")
    rule("day", "the day_after|next_day|following_day|day_after_that", lambda c: common.day_from_noted(c, one_day, 1))
    rule("day", "the day_before|previous_day|day_before_that", lambda c: common.day_from_noted(c, one_day, -1))
    rule("day", "the week_after|following_week|week_after_that", lambda c: common.day_from_noted(c, one_week, 1))
    rule("day", "the following|next <wd>", common.weekday_from_noted)


def _periods(grammar: Grammar) -> None:
    rule = grammar.rule
    for noun, make in {"week": m.week, "weekend": m.weekend, "month": m.month_ahead, "year": m.year}.items():
        rule("span", f"<ahead_by> {noun}", make)
        rule("span", f"the? {noun} after_next", lambda c, make=make: make(c, 2))
        rule("span", f"the? {noun} before_last", lambda c, make=make: make(c, -2))
        rule("span", f"the {noun}", lambda c, make=make: make(c, 0), cost=2)
    rule("span", "over|at the weekend", lambda c: m.weekend(c, 0))
    rule("span", "the? week of|starting|beginning|commencing on? <day>", lambda _c, day: m.week_of(day))
    rule("span", "this|in? <mon>", m.coming_month)
    rule("span", "next <mon>", lambda c, month: m.coming_month(c, month, c.today.month == month))
    rule("span", "last <mon>", lambda c, month: m.coming_month(c, month, -1))
    rule("span", f"<mon> {_OF} <year>", lambda _c, month, year: m.month_of(year, month))
    rule("span", "<mon> next_year", lambda c, month: m.month_of(c.today.year + 1, month))
    rule("span", "in the_year? <year>", lambda _c, n: m.year_of(n) if 1900 <= n <= 2100 else None, cost=4)
    rule("rng", "in|within|over|for|during? the next|coming <dur>", m.next_days)
    rule("rng", "in|over|for|during? the last|past <dur>", lambda c, by: m.next_days(c, by, -1))


def _parts(grammar: Grammar) -> None:
    rule = grammar.rule
    rule("part", "<partname>", lambda _c, name: m.Part(name))
    rule("part", "in the <partname>", lambda _c, name: m.Part(name))
    rule("part", "at night", lambda _c: m.Part("night"))
    rule("part", "for|at? <mealname>", lambda _c, name: m.Part(name))
    rule("pd", "tonight", lambda c: m.part_of(m.in_days(c, 0), m.Part("night")))
    rule("pd", "this <part>", lambda c, part: m.part_of(m.in_days(c, 0), part))
    rule("pd", "last night", lambda c: m.part_of(m.in_days(c, -1), m.Part("night")))
    rule("pd", "the? <part> of|on <day>", lambda _c, part, day: m.part_of(day, part))
    rule("pd", "<part> <day>", lambda _c, part, day: m.part_of(day, part), cost=1)
    rule("when", "in the <partname>", lambda _c, name: m.part_of(None, m.Part(name)), cost=2)


def _times(grammar: Grammar) -> None:
    rule = grammar.rule
    rule("half", "a m", lambda _c: "am")
    rule("half", "p m", lambda _c: "pm")
    rule("minutes", "<n>", lambda _c, n: n if 10 <= n < 60 else None)
    rule("minutes", "oh|o|zero <n>", lambda _c, n: n if 1 <= n <= 9 else None)
    rule("hm", "<n> hundred", lambda _c, hour: m.certain(hour))
    rule("tod", "at? <hour> h", lambda _c, when: when if len(when.times) == 1 else None)
    rule("hm", "<n> .? <minutes>", lambda _c, hour, minute: m.clock(hour, minute), cost=1)
    rule("hm", "oh|o|zero <n> <minutes>", lambda _c, hour, minute: m.certain(hour, minute) if hour < 10 else None)
    rule("tod", "at? <hm> hours|hrs|h?", lambda _c, when: when)
    rule("tod", "at? <hm> <half>", common.halved)
    rule("tod", "at? <hour> <half>", common.halved)
    rule("tod", "at? <hour> o'clock|o_clock", lambda _c, when: when)
    rule("tod", "at? <hour> o'clock|o_clock <half>", common.halved)
    rule("named", "noon|midday", lambda _c: m.certain(12))
    rule("named", "midnight", lambda _c: m.certain(0))
    rule("tod", "at|twelve|12? <named>", lambda _c, when: when)
    rule("tod", "at? noonish", lambda _c: m.about(m.certain(12)))
    for hour, word in enumerate(_SMALL[1:13], 1):
        rule("tod", f"at? {word}ish", lambda _c, hour=hour: m.about(m.clock(hour)))
    # minutes nobody says with "minutes" are fives: "eight to ten" is a range
    rule("some_minutes", "<n> minutes|mins", lambda _c, n: n if 1 <= n < 60 else None)
    rule("some_minutes", "<n>", lambda _c, n: n if 1 <= n < 30 and n % 5 == 0 else None)
    rule("some_minutes", "a? quarter", lambda _c: 15)
    rule("some_minutes", "half", lambda _c: 30)
    rule("full_hour", "<hour> o'clock|o_clock?", lambda _c, when: when)
    rule("full_hour", "<named>", lambda _c, when: when)
    rule("relative", "at? <some_minutes> past|after <full_hour>", lambda _c, n, hour: m.past(hour, n))
    rule("relative", "at? <some_minutes> to|before|till|of|til <full_hour>",
         lambda _c, n, hour: m.past(hour, -n) if n != 30 else None)  # fmt: skip
    rule("relative", "at? half <full_hour>", lambda _c, hour: m.past(hour, 30), cost=1)
    rule("tod", "<relative>", lambda _c, when: when)
    rule("tod", "<relative> <half>", common.halved)
    rule("tod", "at|@ <hour>", lambda _c, when: when)
    rule("tod", "at|@ <four>", lambda _c, when: when)
    rule("tod", "<four> hours", lambda _c, when: when)
    rule("tod", "<about> <hour> ish?", lambda _c, _about, when: m.about(when))
    rule("tod", "at? <hour> ish", lambda _c, when: m.about(when))
    rule("tod", "<hm>|<relative> ish", lambda _c, when: m.about(when))
    rule("tod", "<about> <tod>", lambda _c, _about, when: m.about(when))
    rule("tod", "<tod> <part>", lambda _c, when, part: m.in_part(when, part))
    rule("tod", "<part> <tod>", lambda _c, part, when: m.in_part(when, part), cost=1)
    rule("tod", "<hour> <part>", lambda _c, when, part: m.in_part(when, part))
    rule("time_number", "<four>", lambda _c, when: when, cost=2)
    # a bare number is a time beside a part of a day
    rule("dt", "<pd> <hour>", lambda _c, day, hour: m.together(day, hour), cost=2)
    rule("dt", "<hour> <pd>", lambda _c, hour, day: m.together(day, hour), cost=2)
    rule("dt", "<day> <four>", lambda _c, day, hour: m.together(day, hour), cost=4)
    rule("dt", "<four> <day>", lambda _c, hour, day: m.together(day, hour), cost=4)
    for day in ("day", "pd"):
        for time in ("tod", "trng", "otod"):
            rule("dt", f"<{time}> on <{day}>", lambda _c, tod, day: m.together(day, tod))


def _ranges(grammar: Grammar) -> None:
    rule = grammar.rule
    for category, whole in (("tod", "trng"), ("day", "rng"), ("dt", "rng")):
        rule(whole, f"from <{category}> - <{category}>", m.span)
    for first, last in (("hour", "tod"), ("tod", "hour"), ("hour", "hour")):
        rule("trng", f"between <{first}> and <{last}>", m.span)
        rule("trng", f"from <{first}> {_TO}|- <{last}>", m.span)
    # "5 to 7 pm" is a range, and "five to seven pm" a time
    rule("trng", f"<written_hour> {_TO} <tod>", m.span, cost=-1)
    rule("trng", f"<hour> {_TO} <tod>", m.span, cost=2)
    rule("trng", "<hour> - <tod>", m.span)
    rule("trng", f"at <hour> {_TO}|- <hour>", m.span)
    rule("hours", f"<hour> {_TO}|- <hour>", m.span)  # needs a part of the day, or it may be anything
    rule("trng", "<hours> <part>", lambda _c, when, part: m.in_part(when, part))
    rule("dt", "<hours> on? <pd>", lambda _c, hours, day: m.together(day, hours))
    rule("dt", "<pd> <hours>", lambda _c, day, hours: m.together(day, hours))
    rule("trng", "<trng> <part>", lambda _c, when, part: m.in_part(when, part))
    rule("rng", f"from? <dt> {_TO}|- <tod>", m.span)
    rule("rng", f"from? <dt> {_TO}|- <hour>", m.span)
    rule("rng", "between <dt> and <tod>", m.span)
    rule("rng", f"from? the? <ord> {_TO}|- the? <ord> of? <mon>", common.month_range)
    rule("rng", "between the? <ord> and the? <ord> of? <mon>", common.month_range)
    rule("rng", f"from|between? <mon> <dom> {_TO}|and|- the? <dom>",
         lambda c, month, first, last: common.month_range(c, first, last, month))  # fmt: skip


def _people(grammar: Grammar) -> None:
    rule = grammar.rule
    children, kin = _WORDS.names["children"], _WORDS.names["kin"]
    rule("heads", f"<count> and|plus|with <count> {children}", lambda _c, one, more: one + more)
    rule("heads", f"me|myself|i ,? my|a {kin} ,? and my|our|the? <count> {children}", lambda _c, n: n + 2)
    rule("heads", "half a? <dozens>", lambda _c, dozen: dozen // 2)
    rule("heads", "a <dozens>", lambda _c, dozen: dozen)
    rule("people", "we are|'_re|will_be|'_ll_be just|only <count>", lambda _c, n: n)
    rule("people", "just_the|just|all|us <count>", lambda _c, n: n, cost=2)
    rule("people", "the <count> of us", lambda _c, n: n)


LANGUAGE = _WORDS.language(
    _numbers,
    _lengths,
    _days,
    _dates,
    _noted,
    _periods,
    _parts,
    _times,
    _ranges,
    _people,
    numbers=_NUMBERS,
    style=Literals(month_first=True),
)
