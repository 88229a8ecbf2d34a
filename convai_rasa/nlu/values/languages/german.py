"""How days, times, lengths and numbers are said in German."""

from __future__ import annotations

import re
from fractions import Fraction

from convai_rasa.nlu.values import moments as m
from convai_rasa.nlu.values.chart import Grammar
from convai_rasa.nlu.values.languages import common
from convai_rasa.nlu.values.languages.word_file import read_words
from convai_rasa.nlu.values.numerals import NumberWords
from convai_rasa.nlu.values.shared_rules import Literals
from convai_rasa.nlu.values.words import listed

_WORDS = read_words("de")
_ONE = listed("ein eins eine einen einem einer eines")
_UNITS = listed("null ein zwei drei vier funf sechs sieben acht neun")
_TEENS = listed("zehn elf zwolf dreizehn vierzehn funfzehn sechzehn siebzehn achtzehn neunzehn")
_TENS = listed("zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig")


def _small() -> dict[str, int]:
    small = {word: 1 for word in _ONE} | {word: n for n, word in enumerate(_UNITS)}
    small |= {word: 10 + n for n, word in enumerate(_TEENS)} | {"zwo": 2, "fuenf": 5, "zwoelf": 12}
    for ten, word in enumerate(_TENS, 2):
        small[word] = 10 * ten
        for unit in range(1, 10):
            small[f"{_UNITS[unit]}und{word}"] = 10 * ten + unit
    return small


_SMALL = _small()
_STEMS = {
    "erst": 1, "zweit": 2, "dritt": 3, "viert": 4, "funft": 5, "sechst": 6, "siebt": 7, "siebent": 7, "acht": 8,
    "neunt": 9,
}  # fmt: skip
_STEMS |= {f"{word}{'t' if n < 20 else 'st'}": n for word, n in _SMALL.items() if n >= 10}
_COMPOUND = re.compile(r"(?:(?P<thousands>\w*?)tausend)?(?:(?P<hundreds>\w*?)hundert)?(?:und)?(?P<rest>\w*)")


def _compound(word: str) -> int | None:
    """Read "zweitausendfünfhundertzehn"."""
    match = _COMPOUND.fullmatch(word)
    if not match or not (word.count("tausend") or word.count("hundert")):
        return None
    total = 0
    if match["thousands"] is not None:
        thousands = _compound(match["thousands"]) or _SMALL.get(match["thousands"] or "ein")
        if thousands is None:
            return None
        total += 1000 * thousands
    if match["hundreds"] is not None:
        hundreds = _SMALL.get(match["hundreds"] or "ein")
        if hundreds is None or hundreds > 99:
            return None
        total += 100 * hundreds
    rest = _SMALL.get(match["rest"]) if match["rest"] else 0
    return None if rest is None else total + rest


_NUMBERS = NumberWords(
    small=_SMALL,
    hundred={"hundert": 100},
    scales={"tausend": 1000, "million": 10**6, "millionen": 10**6, "milliarde": 10**9, "milliarden": 10**9},
    ordinals={stem + ending: n for stem, n in _STEMS.items() for ending in ("e", "en", "er", "es", "em")},
    point=frozenset({"komma"}),
    decimal=",",
    compound=_compound,
)
_WEEKDAYS = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")
_THIS = "diese|diesen|dieser|dieses|diesem"
_NEXT = "nachste|nachsten|nachster|nachstes|nachstem|naechste|naechsten|naechster|naechstes"
_COMING = "kommende|kommenden|kommender|kommendes|kommendem"
_LAST = (
    "letzte|letzten|letzter|letztes|letztem|vergangene|vergangenen|vergangener|vergangenes|"
    "vorige|vorigen|voriger|voriges"
)
_AFTER_NEXT = "ubernachste|ubernachsten|ubernachster|ubernachstes"
_THE = "der|die|das|den|dem|des|am|im|an_dem|vom"


def _numbers_and_lengths(grammar: Grammar) -> None:
    rule = grammar.rule
    for n, word in enumerate(_UNITS[1:], 1):
        rule("num", f"{word}einhalb", lambda _c, n=n: n + Fraction(1, 2))
    rule("num", "anderthalb|eineinhalb", lambda _c: Fraction(3, 2))
    rule("num", "dreiviertel", lambda _c: Fraction(3, 4))
    rule("num", "<n> und ein|eine? <share>", lambda _c, n, share: common.and_share(n, share))
    rule("num", "<share>", lambda _c, share: share, cost=1)
    rule("num", "<n> <n> <share>", lambda _c, n, above, share: n + above * share if above * share < 1 else None, cost=1)
    rule("num", "ein|das? dutzend", lambda _c: Fraction(12))
    rule("num", "<n> dutzend", lambda _c, n: Fraction(12 * n))
    rule("num", "ein halbes dutzend", lambda _c: Fraction(6))
    rule("num", "minus <num>", lambda _c, num: -num)
    rule("ord", "<n> .", lambda _c, n: n)
    rule("dur", "eine|einer? viertelstunde", lambda _c: m.duration(Fraction(1, 4), "hour"))
    rule("dur", "eine|einer? dreiviertelstunde|dreiviertel_stunde", lambda _c: m.duration(Fraction(3, 4), "hour"))
    rule("dur", "eine|einer|ein|einem? halbe|halben|halbes <unit>", lambda _c, unit: m.duration(Fraction(1, 2), unit))
    rule("dur", "<dur> und <dur>", lambda _c, one, other: m.plus(one, other))
    rule("dur", "<n> <unit> und_eine? halbe", lambda _c, n, unit: m.duration(n + Fraction(1, 2), unit))


def _days(grammar: Grammar) -> None:
    rule = grammar.rule
    for weekday, word in enumerate(_WEEKDAYS):
        rule("wd", f"{word}|{word}s", lambda _c, weekday=weekday: weekday)
        for behind, name in _WORDS.parts.items():
            rule("wdpart", word + behind, lambda _c, weekday=weekday, name=name: (weekday, m.Part(name)))
    grammar.each("day", _WORDS.days, m.in_days)
    grammar.each("day", _WORDS.feasts, common.feast, before=f"{_THE}|an|zu?")
    grammar.each("day", _WORDS.easter, m.easter, before=f"{_THE}|an|zu?")
    rule("wday", f"{_THE}|{_THIS}? <wd>", m.coming)
    rule("wday", f"{_THE}? {_COMING} <wd>", m.upcoming)
    rule("day", f"{_THE}? {_NEXT} <wd>", m.of_next_week)
    rule("day", f"{_THE}? {_LAST} <wd>", m.last_weekday)
    rule("day", f"{_THE}? {_AFTER_NEXT} <wd>", lambda c, weekday: m.weeks_on(m.coming(c, weekday), 1))
    rule("day", "<wday> <span>", lambda _c, day, span: m.weekday_in(span, day.weekday))
    rule("day", f"<span> {_THE}|am? <wd>", lambda _c, span, weekday: m.weekday_in(span, weekday))
    rule("day", "<wday> in <dur>", lambda _c, day, by: m.away_from(day, by) if by.whole_days else None)
    for said, days in {"heute": 0, "morgen": 1, "ubermorgen": 2, "gestern": -1}.items():
        rule("day", f"{said} in <dur>", lambda c, by, days=days: m.away_from(m.in_days(c, days), by))
        rule("day", f"{said} vor <dur>", lambda c, by, days=days: m.away_from(m.in_days(c, days), by, -1))
    rule("nth", _LAST, lambda _c: -1)
    rule("nth", "vorletzte|vorletzten|vorletzter", lambda _c: -2)
    rule(
        "day", f"{_THE}? <nth> <wd> in|im|des|vom? <span>", lambda _c, n, weekday, span: m.nth_weekday(span, weekday, n)
    )
    rule("day", f"{_THE}? <nth> tag in|im|des|vom? <span>", lambda _c, n, span: m.nth_day(span, n))
    rule("day", f"{_THE}? <wd> nach <day>", lambda _c, weekday, day: m.weekday_after(day, weekday))
    rule("day", f"{_THE}? <wd> vor <day>", lambda _c, weekday, day: m.weekday_after(day, weekday, before=True))
    rule("day", "<dur> nach <day>", lambda _c, by, day: m.away_from(day, by) if by.whole_days else None)
    rule("day", "<dur> vor <day>", lambda _c, by, day: m.away_from(day, by, -1) if by.whole_days else None)
    rule("day", f"{_THE}? tag nach <day>", lambda _c, day: m.away_from(day, m.Duration(days=1, smallest="day")))
    rule("day", f"{_THE}? tag vor <day>", lambda _c, day: m.away_from(day, m.Duration(days=1, smallest="day"), -1))
    rule("ahead", "in <dur>", lambda c, by: m.away(c, by))
    rule("ahead", "vor <dur>", lambda c, by: m.away(c, by, -1))
    rule("dt", "jetzt|sofort", lambda c: m.away(c, m.Duration(smallest="minute")))
    # dates
    rule("dom", f"{_THE}? <ord>", lambda _c, n: n)
    rule("dom", f"{_THE}? <n>", lambda _c, n: n, cost=1)
    rule("md", "<dom> <mon>", lambda _c, day, month: (month, day))
    rule("date", "<md> <year>", lambda _c, md, year: m.full_date(year, *md))
    rule("date", f"{_THE} <date>", lambda _c, day: day)
    rule("date", f"{_THE} <ord>", lambda c, n: m.bare(m.day_of_month(c, n)), cost=1)
    rule("date", "am <n>", lambda c, n: m.bare(m.day_of_month(c, n)), cost=2)
    rule("date", f"{_THE}? <ord> des|im? <span>", lambda _c, n, span: m.nth_day(span, n), cost=3)
    rule("date", f"<wd> {_THE} <ord>", lambda c, weekday, n: m.weekday_and_number(c, weekday, n))
    rule("day_number", f"{_THE}? <ord>", m.day_of_month, cost=2)
    rule("day", "am|der|den tag danach|darauf", lambda c: common.day_from_noted(c, m.duration(1, "day"), 1))
    rule("day", "am|der|den tag davor", lambda c: common.day_from_noted(c, m.duration(1, "day"), -1))
    rule("day", "am|der|den nachsten|folgenden_tag", lambda c: common.day_from_noted(c, m.duration(1, "day"), 1))


def _periods(grammar: Grammar) -> None:
    rule = grammar.rule
    rule("ahead_by", _THIS, lambda _c: 0)
    rule("ahead_by", f"{_NEXT}|{_COMING}", lambda _c: 1)
    rule("ahead_by", _LAST, lambda _c: -1)
    rule("ahead_by", _AFTER_NEXT, lambda _c: 2)
    the = "der|die|das|den|dem|des|in_der|im|am|in"
    rule("span", f"{the}? <ahead_by> woche", m.week)
    rule("span", f"{the}? <ahead_by> wochenende|wochenendes", m.weekend)
    rule("span", "am|das wochenende", lambda c: m.weekend(c, 0))
    rule("span", f"{the}? <ahead_by> monat|monats", m.month_ahead)
    rule("span", "des|im monats|monat", lambda c: m.month_ahead(c, 0), cost=2)
    rule("span", f"{the}? <ahead_by> jahr|jahres", m.year)
    rule("span", f"{the}? <mon>", m.coming_month)
    rule("span", f"{the}? {_NEXT} <mon>", lambda c, month: m.coming_month(c, month, c.today.month == month))
    rule("span", f"{the}? {_LAST} <mon>", lambda c, month: m.coming_month(c, month, -1))
    rule("span", f"{the}? <mon> <year>", lambda _c, month, year: m.month_of(year, month))
    rule("span", "die_woche vom|von <day>", lambda _c, day: m.week_of(day))


def _times(grammar: Grammar) -> None:
    rule = grammar.rule
    grammar.each("part", _WORDS.parts, common.part)
    grammar.each("part", _WORDS.parts, common.part, before="am|in_der|gegen")
    grammar.each("at_part", _WORDS.parts, common.part, before="am|in_der")
    grammar.each("at_part", _WORDS.at_parts, common.part)
    for word, name in _WORDS.at_parts.items():
        if name != "noon":
            rule("pd", f"<day> {word}", lambda _c, day, name=name: m.part_of(day, m.Part(name)))
    rule("pd", "<wdpart>", lambda c, said: m.part_of(m.coming(c, said[0]), said[1]))
    rule("pd", f"{_THE}|{_THIS}|{_COMING} <wdpart>", lambda c, said: m.part_of(m.coming(c, said[0]), said[1]))
    rule("pd", f"{_NEXT} <wdpart>", lambda c, said: m.part_of(m.of_next_week(c, said[0]), said[1]))
    rule("minutes", "<n>", lambda _c, n: n if 1 <= n < 60 else None)
    rule("full_hour", "<hour> uhr?", lambda _c, when: when)
    rule("full_hour", "mittag|zwolf_uhr_mittags", lambda _c: m.certain(12))
    rule("full_hour", "mitternacht", lambda _c: m.certain(0))
    rule("clock", "<hour> uhr", lambda _c, when: when)
    rule("clock", "<n> uhr <minutes>", lambda _c, hour, minute: m.clock(hour, minute))
    rule("clock", "<hm> uhr?", lambda _c, when: when)
    rule("clock", "mittag|mittags", lambda _c: m.certain(12), cost=1)
    rule("clock", "mitternacht", lambda _c: m.certain(0))
    rule("some_minutes", "<n> minuten|min?", lambda _c, n: n if 1 <= n < 60 else None)
    rule("some_minutes", "viertel", lambda _c: 15)
    rule("half_hour", "halb <full_hour>", lambda _c, hour: m.past(hour, -30))
    rule("clock", "<half_hour>", lambda _c, when: when)
    rule("clock", "<some_minutes> nach <full_hour>", lambda _c, n, hour: m.past(hour, n))
    rule("clock", "<some_minutes> vor <full_hour>", lambda _c, n, hour: m.past(hour, -n))
    rule("clock", "<n> nach_halb <full_hour>", lambda _c, n, hour: m.past(hour, n - 30) if n < 30 else None)
    rule("clock", "<n> vor_halb <full_hour>", lambda _c, n, hour: m.past(hour, -n - 30) if n < 30 else None)
    rule("clock", "viertel <hour>", lambda _c, hour: m.past(hour, -45), cost=1)
    rule("clock", "dreiviertel|drei_viertel <hour>", lambda _c, hour: m.past(hour, -15), cost=1)
    rule("tod", "punkt|genau <clock>", lambda _c, when: when)
    rule("tod", "um punkt? <clock>", lambda _c, when: when)
    rule("tod", "um punkt? <hour>", lambda _c, when: when)
    rule("tod", "um <four>", lambda _c, when: when)
    for about in ("gegen", "ungefahr", "etwa", "circa|ca", "so_gegen", "um_etwa", "um_ungefahr"):
        rule("tod", f"{about} <clock>", lambda _c, when: m.about(when))
        rule("tod", f"{about} <hour>", lambda _c, when: m.about(when))
    rule("tod", "<hour> <at_part>", lambda _c, when, part: m.in_part(when, part))
    rule("time_number", "<four>", lambda _c, when: when, cost=2)
    rule("dt", "<tod> am <day>", lambda _c, tod, day: m.together(day, tod))
    rule("dt", "<pd> <hour>", lambda _c, day, hour: m.together(day, hour), cost=2)


def _people(grammar: Grammar) -> None:
    for n, word in enumerate(listed("zweit dritt viert funft sechst siebt acht neunt zehnt"), 2):
        grammar.rule("heads", f"zu {word}", lambda _c, n=n: n)


LANGUAGE = _WORDS.language(
    _numbers_and_lengths, _days, _periods, _times, _people, numbers=_NUMBERS, style=Literals(dotted_days=True)
)
