"""How days, times, lengths and numbers are said in Spanish."""

from __future__ import annotations

from fractions import Fraction

from convai_rasa.nlu.values import moments as m
from convai_rasa.nlu.values.amounts import Amount
from convai_rasa.nlu.values.chart import Grammar
from convai_rasa.nlu.values.languages import common
from convai_rasa.nlu.values.languages.word_file import read_words
from convai_rasa.nlu.values.numerals import NumberWords
from convai_rasa.nlu.values.words import listed

_WORDS = read_words("es")
_SMALL = listed(
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete "
    "dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete "
    "veintiocho veintinueve"
)
_TENS = listed("treinta cuarenta cincuenta sesenta setenta ochenta noventa")
_HUNDREDS = listed(
    "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
)

_NUMBERS = NumberWords(
    small={word: n for n, word in enumerate(_SMALL)}
    | {"un": 1, "una": 1, "veintiun": 21, "veintiuna": 21, "cien": 100}
    | {word: 10 * n for n, word in enumerate(_TENS, 3)}
    | {word: 100 * n for n, word in enumerate(_HUNDREDS, 1)}
    | {word[:-2] + "as": 100 * n for n, word in enumerate(_HUNDREDS[1:], 2)},
    hundred={},
    scales={"mil": 1000, "millon": 10**6, "millones": 10**6},
    ordinals={
        "primero": 1, "primer": 1, "primera": 1, "segundo": 2, "segunda": 2, "tercero": 3, "tercer": 3, "tercera": 3,
        "cuarto": 4, "cuarta": 4, "quinto": 5, "quinta": 5, "sexto": 6, "sexta": 6, "septimo": 7, "septima": 7,
        "octavo": 8, "octava": 8, "noveno": 9, "novena": 9, "decimo": 10, "decima": 10,
    },
    joins=frozenset({"y"}),
    point=frozenset({"coma", "punto"}),
    decimal=",",
)  # fmt: skip


def _numbers_and_lengths(grammar: Grammar) -> None:
    rule = grammar.rule
    rule("num", "<n> y un|una? <share>", lambda _c, n, share: common.and_share(n, share))
    rule("num", "un|una? <share>", lambda _c, share: share, cost=1)
    rule("num", "la_mitad", lambda _c: Fraction(1, 2))
    rule("num", "medio <scale>", lambda _c, scale: Fraction(scale, 2))
    rule("num", "<num> de <scale>", lambda _c, num, scale: num * scale)
    rule("num", "una docena", lambda _c: Fraction(12))
    rule("num", "<n> docenas", lambda _c, n: Fraction(12 * n))
    rule("num", "media docena", lambda _c: Fraction(6))
    rule("num", "un par de?", lambda _c: Fraction(2))
    rule("num", "menos <num>", lambda _c, num: -num)
    rule("ord", "<n> º|ª|o|a", lambda _c, n: n, cost=1)
    rule("dur", "media|medio <unit>", lambda _c, unit: m.duration(Fraction(1, 2), unit))
    rule("dur", "<n> <unit> y media|medio", lambda _c, n, unit: m.duration(n + Fraction(1, 2), unit))
    rule("dur", "<unit> y media|medio", lambda _c, unit: m.duration(Fraction(3, 2), unit))
    rule("dur", "<n> <unit> y_cuarto", lambda _c, n, unit: m.duration(n + Fraction(1, 4), unit))
    rule("dur", "<num> de <unit>", lambda _c, num, unit: m.duration(num, unit) if num < 1 else None)
    rule("dur", "<dur> y|con <dur>", lambda _c, one, other: m.plus(one, other))


def _days(grammar: Grammar) -> None:
    rule = grammar.rule
    grammar.each("day", _WORDS.days, m.in_days)
    grammar.each("day", {"quince dias": 14, "ocho dias": 7}, m.in_days, before="dentro_de|en", cost=-1)
    grammar.each("day", _WORDS.feasts, common.feast, before="el|la|en|dia_de?")
    grammar.each("day", _WORDS.easter, m.easter, before="el|la|en?", cost=-1)
    coming = "que_viene|proximo|siguiente"
    rule("wday", "el|este? <wd>", m.coming)
    rule("wday", f"el|este? <wd> {coming}", m.upcoming)
    rule("wday", "el|este? proximo <wd>", m.upcoming)
    rule("quantity", "<n> <measure> y medio|media", lambda _c, n, unit: Amount(n + Fraction(1, 2), unit))
    rule("day", "el? <wd> pasado", m.last_weekday)
    rule("day", "el pasado|ultimo <wd>", m.last_weekday)
    rule("day", "<wd> de? <span>", lambda _c, weekday, span: m.weekday_in(span, weekday))
    rule("day", "<wday> de? <span>", lambda _c, day, span: m.weekday_in(span, day.weekday))
    rule("day", "<span> el? <wd>", lambda _c, span, weekday: m.weekday_in(span, weekday))
    rule("day", "de? <wday> en <dur>", lambda _c, day, by: m.away_from(day, by) if by.whole_days else None)
    rule("nth", "ultimo|ultima", lambda _c: -1)
    rule("nth", "penultimo", lambda _c: -2)
    rule("day", "el? <nth> <wd> de|del|en <span>", lambda _c, n, weekday, span: m.nth_weekday(span, weekday, n))
    rule("day", "el <nth> dia de|del <span>", lambda _c, n, span: m.nth_day(span, n))
    rule("day", "el? <wd> despues_de|despues_del <day>", lambda _c, weekday, day: m.weekday_after(day, weekday))
    rule(
        "day", "el? <wd> antes_de|antes_del <day>", lambda _c, weekday, day: m.weekday_after(day, weekday, before=True)
    )
    rule(
        "day", "<dur> despues_de|despues_del <day>", lambda _c, by, day: m.away_from(day, by) if by.whole_days else None
    )
    rule(
        "day", "<dur> antes_de|antes_del <day>", lambda _c, by, day: m.away_from(day, by, -1) if by.whole_days else None
    )
    rule("day", "el? dia despues_de <day>", lambda _c, day: m.away_from(day, m.Duration(days=1, smallest="day")))
    rule("ahead", "dentro_de|en|de_aqui_a <dur>", lambda c, by: m.away(c, by))
    rule("ahead", "hace <dur>", lambda c, by: m.away(c, by, -1))
    rule("dt", "ahora|ahora_mismo", lambda c: m.away(c, m.Duration(smallest="minute")))
    # dates
    rule("dom", "el? dia? <n>", lambda _c, n: n, cost=1)
    rule("dom", "el? primero|uno", lambda _c: 1)
    rule("md", "<dom> de? <mon>", lambda _c, day, month: (month, day))
    rule("date", "<md> de|del? <year>", lambda _c, md, year: m.full_date(year, *md))
    rule("date", "el dia? <n>", lambda c, n: m.bare(m.day_of_month(c, n)), cost=2)
    rule("date", "el dia? <n> de|del <span>", lambda _c, n, span: m.nth_day(span, n), cost=3)
    rule("date", "el? <wd> <n>", lambda c, weekday, n: m.weekday_and_number(c, weekday, n), cost=1)
    rule("day", "al|el dia siguiente|despues", lambda c: common.day_from_noted(c, m.duration(1, "day"), 1))
    rule("day", "el dia antes|anterior", lambda c: common.day_from_noted(c, m.duration(1, "day"), -1))
    rule("day", "el siguiente <wd>", common.weekday_from_noted)


def _periods(grammar: Grammar) -> None:
    rule = grammar.rule
    for noun, make in {"semana": m.week, "mes": m.month_ahead, "ano": m.year, "fin_de_semana": m.weekend}.items():
        rule("span", f"el|la|en|del|de_la|este|esta|de_esta|de_este? {noun} que_viene|proximo|proxima|siguiente",
             lambda c, make=make: make(c, 1))  # fmt: skip
        rule("span", f"el|la|del|de_la? proximo|proxima {noun}", lambda c, make=make: make(c, 1))
        rule("span", f"este|esta {noun}", lambda c, make=make: make(c, 0))
        rule("span", f"el|la? {noun} pasado|pasada", lambda c, make=make: make(c, -1))
        rule("span", f"el|la pasado|pasada|ultimo|ultima {noun}", lambda c, make=make: make(c, -1))
    rule("span", "el|del mes", lambda c: m.month_ahead(c, 0), cost=2)
    rule("span", "el fin_de_semana", lambda c: m.weekend(c, 0), cost=1)
    rule("span", "la semana del <day>", lambda _c, day: m.week_of(day))
    rule("span", "en? <mon>", m.coming_month)
    rule("span", "<mon> que_viene|proximo", lambda c, month: m.coming_month(c, month, c.today.month == month))
    rule("span", "<mon> pasado", lambda c, month: m.coming_month(c, month, -1))
    rule("span", "<mon> de|del? <year>", lambda _c, month, year: m.month_of(year, month))


def _times(grammar: Grammar) -> None:
    rule = grammar.rule
    grammar.each("at_part", _WORDS.parts, common.part, before="de_la|del|por_la|en_la|de")
    grammar.each("part", _WORDS.parts, common.part, before="por_la|en_la|a_la|de_la")
    grammar.each("pd", _WORDS.parts, common.part_of_today, before="esta")
    rule("full_hour", "las|la? <hour>", lambda _c, when: when)
    rule("named", "mediodia", lambda _c: m.certain(12))
    rule("named", "medianoche", lambda _c: m.certain(0))
    rule("clock", "las|la <hour>", lambda _c, when: when)
    rule("clock", "<hm>", lambda _c, when: when)
    rule("clock", "las|la <hm>", lambda _c, when: when)
    rule("clock", "<hour> horas|h", lambda _c, when: when)
    rule("clock", "las|la <hour> horas|en_punto", lambda _c, when: when)
    rule("clock", "el|al? <named>", lambda _c, when: when)
    rule("clock", "<full_hour> y media", lambda _c, hour: m.past(hour, 30))
    rule("clock", "<full_hour> y cuarto", lambda _c, hour: m.past(hour, 15))
    rule("clock", "<full_hour> menos cuarto", lambda _c, hour: m.past(hour, -15))
    rule("clock", "<full_hour> y <n>", lambda _c, hour, n: m.past(hour, n), cost=1)
    rule("clock", "las|la <hour> <minutes>", lambda _c, hour, n: m.past(hour, n))
    rule("clock", "<full_hour> menos <n>", lambda _c, hour, n: m.past(hour, -n))
    rule("clock", "un? cuarto para <full_hour>", lambda _c, hour: m.past(hour, -15))
    rule("clock", "<n> para <full_hour>", lambda _c, n, hour: m.past(hour, -n))
    rule("minutes", "<n>", lambda _c, n: n if 10 <= n < 60 else None)
    rule("tod", "a <clock>", lambda _c, when: when)
    for about in ("sobre|hacia|cerca_de", "a_eso_de|como_a|mas_o_menos_a|alrededor_de"):
        rule("tod", f"{about} <clock>", lambda _c, when: m.about(when))
    rule("tod", "<tod> de_la|por_la tarde|noche", lambda _c, when: m.in_part(when, m.Part("evening")), cost=1)
    for half, said in (("am", "am|a_m"), ("pm", "pm|p_m")):
        for category in ("tod", "hour"):
            rule("tod", f"<{category}> {said}", lambda c, when, half=half: common.halved(c, when, half))
    rule("dt", "<tod> el? <day>", lambda _c, tod, day: m.together(day, tod))


LANGUAGE = _WORDS.language(_numbers_and_lengths, _days, _periods, _times, numbers=_NUMBERS)
