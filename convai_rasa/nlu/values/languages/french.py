"""How days, times, lengths and numbers are said in French."""

from __future__ import annotations

from fractions import Fraction

from convai_rasa.nlu.values import moments as m
from convai_rasa.nlu.values.amounts import Amount
from convai_rasa.nlu.values.chart import Grammar
from convai_rasa.nlu.values.languages import common
from convai_rasa.nlu.values.languages.word_file import read_words
from convai_rasa.nlu.values.numerals import NumberWords
from convai_rasa.nlu.values.words import listed

_WORDS = read_words("fr")
_SMALL = listed("zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize")
_TENS = {"vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70,
         "huitante": 80, "octante": 80, "nonante": 90}  # fmt: skip

_NUMBERS = NumberWords(
    small={word: n for n, word in enumerate(_SMALL)} | {"une": 1} | _TENS,
    hundred={"cent": 100, "cents": 100},
    scales={"mille": 1000, "million": 10**6, "millions": 10**6, "milliard": 10**9, "milliards": 10**9},
    ordinals={
        "premier": 1, "premiere": 1, "deuxieme": 2, "second": 2, "seconde": 2, "troisieme": 3, "quatrieme": 4,
        "cinquieme": 5, "sixieme": 6, "septieme": 7, "huitieme": 8, "neuvieme": 9, "dixieme": 10, "onzieme": 11,
        "douzieme": 12, "quinzieme": 15, "vingtieme": 20, "centieme": 100,
    },
    joins=frozenset({"et"}),
    point=frozenset({"virgule"}),
    decimal=",",
    twenties=frozenset({"vingt", "vingts"}),
    after_ten=range(7, 10),
)  # fmt: skip
_WEEKDAYS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
_NEXT = "prochain|prochaine|prochains|suivant|suivante"
_LAST = "dernier|derniere|derniers|passe|passee"


def _numbers_and_lengths(grammar: Grammar) -> None:
    rule = grammar.rule
    rule("num", "<n> et un|une? <share>", lambda _c, n, share: common.and_share(n, share))
    rule("num", "la moitie", lambda _c: Fraction(1, 2))
    rule("num", "un|une? <share>", lambda _c, share: share, cost=1)
    rule("num", "<num> de|d' <scale>", lambda _c, num, scale: num * scale)
    rule("num", "une? demi douzaine", lambda _c: Fraction(6))
    for word, n in {
        "dizaine": 10,
        "douzaine": 12,
        "quinzaine": 15,
        "vingtaine": 20,
        "trentaine": 30,
        "centaine": 100,
    }.items():
        rule("num", f"une {word}", lambda _c, n=n: Fraction(n))
        rule("num", f"<n> {word}s", lambda _c, count, n=n: Fraction(count * n))
    rule("num", "moins <num>", lambda _c, num: -num)
    rule("ord", "<n> er|ere|e|eme|ieme", lambda _c, n: n)
    rule("ord", "vingt_et_unieme", lambda _c: 21)
    rule("dur", "une demi <unit>", lambda _c, unit: m.duration(Fraction(1, 2), unit))
    rule("dur", "demi <unit>", lambda _c, unit: m.duration(Fraction(1, 2), unit))
    rule("dur", "<n> <unit> et demi|demie", lambda _c, n, unit: m.duration(n + Fraction(1, 2), unit))
    rule("dur", "<n> <unit> et_quart", lambda _c, n, unit: m.duration(n + Fraction(1, 4), unit))
    rule("dur", "<num> d ' <unit>", lambda _c, num, unit: m.duration(num, unit) if num < 1 else None)
    rule("dur", "<dur> et <dur>", lambda _c, one, other: m.plus(one, other))
    rule("dur", "<n> h|heure|heures <n> minutes|min?", common.hours_and_minutes)


def _days(grammar: Grammar) -> None:
    rule = grammar.rule
    for weekday, word in enumerate(_WEEKDAYS):
        rule("wd", f"{word}|{word}s", lambda _c, weekday=weekday: weekday)
    grammar.each("day", _WORDS.days, m.in_days, cost=-1)
    grammar.each("day", _WORDS.feasts, common.feast, before="le|la|l'|a?")
    grammar.each("day", _WORDS.easter, m.easter, before="le|la|l'|a?", cost=-1)
    rule("wday", "le|ce? <wd>", m.coming)
    rule("wday", f"le? <wd> {_NEXT}|qui_vient", m.upcoming)
    rule("wday", "le? prochain <wd>", m.upcoming)
    rule("quantity", "<n> <measure> et demi|demie", lambda _c, n, unit: Amount(n + Fraction(1, 2), unit))
    rule("day", f"le? <wd> {_LAST}", m.last_weekday)
    rule("day", "<wday> en_huit", lambda _c, day: m.weeks_on(day, 1))
    rule("day", "<wday> en_quinze", lambda _c, day: m.weeks_on(day, 2))
    rule("day", "<wday> dans <dur>", lambda _c, day, by: m.away_from(day, by) if by.whole_days else None)
    rule("day", "<wd> de? <span>", lambda _c, weekday, span: m.weekday_in(span, weekday))
    rule("day", "<span> le? <wd>", lambda _c, span, weekday: m.weekday_in(span, weekday))
    rule("nth", "dernier|derniere", lambda _c: -1)
    rule("nth", "avant_dernier", lambda _c: -2)
    of = "de|du|d'|en"
    rule("day", f"le? <nth> <wd> {of} <span>", lambda _c, n, weekday, span: m.nth_weekday(span, weekday, n))
    rule("day", f"le <nth> jour {of} <span>", lambda _c, n, span: m.nth_day(span, n))
    rule("day", "le? <wd> apres <day>", lambda _c, weekday, day: m.weekday_after(day, weekday))
    rule("day", "le? <wd> avant <day>", lambda _c, weekday, day: m.weekday_after(day, weekday, before=True))
    rule("day", "<dur> apres <day>", lambda _c, by, day: m.away_from(day, by) if by.whole_days else None)
    rule("day", "<dur> avant <day>", lambda _c, by, day: m.away_from(day, by, -1) if by.whole_days else None)
    rule("day", "le lendemain de <day>", lambda _c, day: m.away_from(day, m.Duration(days=1, smallest="day")))
    rule("day", "la veille de <day>", lambda _c, day: m.away_from(day, m.Duration(days=1, smallest="day"), -1))
    rule("ahead", "dans|d'ici <dur>", lambda c, by: m.away(c, by))
    rule("ahead", "il_y_a <dur>", lambda c, by: m.away(c, by, -1))
    rule("dt", "maintenant", lambda c: m.away(c, m.Duration(smallest="minute")))
    # dates
    rule("dom", "le? <ord>", lambda _c, n: n if n == 1 else None)
    rule("dom", "le? <n>", lambda _c, n: n, cost=1)
    rule("md", "<dom> <mon>", lambda _c, day, month: (month, day))
    rule("date", "<md> <year>", lambda _c, md, year: m.full_date(year, *md))
    rule("date", "le <date>", lambda _c, day: day)
    rule("date", "le <n>", lambda c, n: m.bare(m.day_of_month(c, n)), cost=2)
    rule("date", "le premier|1er", lambda c: m.bare(m.day_of_month(c, 1)), cost=2)
    rule("date", f"le <n> {of}? <span>", lambda _c, n, span: m.nth_day(span, n), cost=3)
    rule("date", "<wd> <n>", lambda c, weekday, n: m.weekday_and_number(c, weekday, n), cost=1)
    rule("date", "le <wd> <n>", lambda c, weekday, n: m.weekday_and_number(c, weekday, n), cost=1)
    rule("day", "le lendemain|jour_suivant|jour_d'apres", lambda c: common.day_from_noted(c, m.duration(1, "day"), 1))
    rule("day", "la veille", lambda c: common.day_from_noted(c, m.duration(1, "day"), -1))


def _periods(grammar: Grammar) -> None:
    rule = grammar.rule
    for noun, make in {
        "semaine": m.week,
        "mois": m.month_ahead,
        "annee|an": m.year,
        "week_end|weekend": m.weekend,
    }.items():
        the = "la|le|l'|en|au|ce|cette|du|de_la|de_l'"
        rule("span", f"ce|cette|cet|de_cette|de_ce {noun}", lambda c, make=make: make(c, 0))
        rule("span", f"{the}? {noun} {_NEXT}|qui_vient", lambda c, make=make: make(c, 1))
        rule("span", f"{the}? prochain|prochaine {noun}", lambda c, make=make: make(c, 1))
        rule("span", f"{the}? {noun} {_LAST}", lambda c, make=make: make(c, -1))
    rule("span", "le|au|du mois", lambda c: m.month_ahead(c, 0), cost=2)
    rule("span", "le|au week_end|weekend", lambda c: m.weekend(c, 0), cost=1)
    rule("span", "la? semaine d'apres_la_prochaine", lambda c: m.week(c, 2))
    rule("span", "la semaine du <day>", lambda _c, day: m.week_of(day))
    rule("span", "en|au_mois_de|de? <mon>", m.coming_month)
    rule("span", f"<mon> {_NEXT}", lambda c, month: m.coming_month(c, month, c.today.month == month))
    rule("span", f"<mon> {_LAST}", lambda c, month: m.coming_month(c, month, -1))
    rule("span", "en? <mon> <year>", lambda _c, month, year: m.month_of(year, month))


def _times(grammar: Grammar) -> None:
    rule = grammar.rule
    grammar.each("part", _WORDS.parts, common.part)
    grammar.each("part", _WORDS.parts, common.part, before="dans_la|l'|le")
    grammar.each("at_part", _WORDS.parts, common.part, before="du|de_l'|de_la|le|ce|dans_la")
    grammar.each("pd", _WORDS.parts, common.part_of_today, before="ce|cet|cette")
    grammar.each("pd", _WORDS.parts, lambda _c, day, name: m.part_of(day, m.Part(name)), before="<day> dans_la")
    rule("minutes", "<n>", lambda _c, n: n if 1 <= n < 60 else None)
    rule("clock", "<hour> h|heure|heures", lambda _c, when: when)
    rule("clock", "<n> h|heure|heures <minutes>", lambda _c, hour, minute: m.clock(hour, minute))
    rule("named", "midi", lambda _c: m.certain(12))
    rule("named", "minuit", lambda _c: m.certain(0))
    rule("full_hour", "<hour> h|heure|heures", lambda _c, when: when)
    rule("full_hour", "<named>", lambda _c, when: when)
    rule("clock", "<named>", lambda _c, when: when)
    rule("clock", "<hm>", lambda _c, when: when)
    rule("clock", "<full_hour> et demie|demi", lambda _c, hour: m.past(hour, 30))
    rule("clock", "<full_hour> et_quart|et_un_quart", lambda _c, hour: m.past(hour, 15))
    rule("clock", "<full_hour> moins_le_quart|moins_un_quart|moins_quart", lambda _c, hour: m.past(hour, -15))
    rule("clock", "<full_hour> moins <n>", lambda _c, hour, n: m.past(hour, -n))
    rule("clock", "<named> <n>", lambda _c, hour, n: m.past(hour, n) if n < 60 else None)
    rule("tod", "a <clock>", lambda _c, when: when)
    rule("tod", "<clock> pile|precises", lambda _c, when: when)
    for about in ("vers", "environ|autour_de|aux_alentours_de", "a_peu_pres|a_environ"):
        rule("tod", f"{about} <clock>", lambda _c, when: m.about(when))
    rule("dt", "<tod> le? <day>", lambda _c, tod, day: m.together(day, tod))


LANGUAGE = _WORDS.language(_numbers_and_lengths, _days, _periods, _times, numbers=_NUMBERS)
