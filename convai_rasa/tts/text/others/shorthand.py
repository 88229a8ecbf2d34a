"""What is written short in a language that is known: dates, times, ranges, units, abbreviations, Roman numerals."""

from __future__ import annotations

import re
from typing import Iterator, Mapping, Match, Tuple

from convai_rasa.tts.text import foreign
from convai_rasa.tts.text.markup import DASH, Rule, rule
from convai_rasa.tts.text.others.language import Language
from convai_rasa.tts.text.roman import roman

_GERMAN_DATIVE = r"(?:am|vom|zum|im|ab|bis|dem|den|beim|des)"
_BEFORE_A_YEAR = {
    "de": "Jahr|Jahre|seit|von|bis|vor|nach|ab|anno|Sommer|Winter|Frühjahr|Herbst|gegründet|geboren|Januar"
    "|Februar|März|April|Mai|Juni|Juli"
    "|August|September|Oktober|November|Dezember",
}  # num2words has words of their own for years in German alone
_COUNTED = (  # before a Roman numeral that counts; before others it is a ruler's
    "siglo|século|capítulo|chapitre|capitolo|kapitel|band|teil|tomo|tome|volume|volumen|parte|partie"
    "|acto|acte|atto|hoofdstuk|deel|akt|fase|phase|título|titre|tipo|typ|type|artikel|article"
    "|artículo|guerra|mundial|guerre|mondiale|weltkrieg|wereldoorlog"
)
_SPECIAL: Mapping[str, Tuple[Rule, ...]] = {
    "de": (
        rule(r"(?<=[a-zäöüß])str\.(?=\s|,|$)", "straße"),
        rule(r"(?<=[a-zäöüß])nr\.(?=\s?\d)", "nummer "),
    ),
    "es": (rule(r"\bs\. (?=[IVX]{2,}\b)", "siglo "), rule(r"\bss\. (?=[IVX]{2,}\b)", "siglos ")),
    "fr": (
        rule(r"\b7 ?j/7\b", "sept jours sur sept"),
        rule(r"\b24 ?h/24\b", "vingt-quatre heures sur vingt-quatre"),
        rule(r"\bIer\b", "premier"),
    ),
}


def shorthand(known: Language, number: str, currency: str) -> Tuple[Rule, ...]:
    """Return the rules of a language, in order.

    Args:
        known: the language.
        number: pattern of a number.
        currency: pattern of the sign of a currency.
    """
    return (
        *_SPECIAL.get(known.code, ()),
        *_abbreviated(known.before_names, r"(?= ?[A-ZÄÖÜÁÉÍÓÚ]| et )"),
        *_abbreviated(known.before_numbers, r"(?= ?\d)"),
        *_abbreviated(known.abbreviations, r"(?!\w)"),
        *_days(known),
        *_dates(known),
        *_times(known),
        *_amounts(known, number, currency),
        *_numbers(known),
    )


def _days(known: Language) -> Iterator[Rule]:
    days = "|".join(sorted(known.days, key=len, reverse=True))

    def day_range(match: Match[str]) -> str:
        words = [known.days[day.rstrip(".")] for day in re.findall(rf"(?:{days})\b\.?", match.group())]
        return f" {known.to} ".join(words) if re.search(DASH, match.group()) else match.group()

    def two_days(match: Match[str]) -> str:
        return f"{known.days[match['first']]}{match['between']}{known.days[match['last']]}"

    yield rule(rf"(?<!\w)(?:{days})\b\.?(?: ?{DASH} ?(?:{days})\b\.?)+", day_range)
    yield rule(
        rf"(?<!\w)(?P<first>{days})\.?(?P<between> (?:a|au|al|à|bis|tot|tot en met|y|e|et|und|en|o|ou|oder"
        rf"|of) )(?P<last>{days})\b\.?",
        two_days,
    )
    yield rule(
        rf"(?<!\w)(?P<day>{days})(?:\.,?|,)?(?= \d{{1,2}}(?:\.|[/:h ]| ?{DASH}))",
        lambda m: known.days[m["day"]] + ",",
    )
    if known.code == "nl":
        yield rule(
            rf"(?<!\w)(?P<day>{days})(?= tot en met | t/m )|(?<=tot en met )(?P<other>{days})\b",
            lambda m: known.days[m["day"] or m["other"]],
        )


def _dates(known: Language) -> Iterator[Rule]:
    code = known.code
    names = {**{name: place for place, name in enumerate(known.months, 1)}, **known.month_names}
    lowered = {name.lower(): place for name, place in names.items()}
    full = "|".join(known.months)
    short = "|".join(sorted(known.month_names, key=len, reverse=True))
    a_month = rf"(?P<month>(?:{full})\b|(?:{short})\b\.?)"
    a_year = r"(?P<year>(?:1[0-9]|20)\d\d)"

    def said_day(day: str, before: str = "") -> str:
        if known.ordinal_days:
            word = foreign.ordinal(day, code)
            if re.fullmatch(_GERMAN_DATIVE, before.strip(), re.IGNORECASE):
                return word + "n"
            return word if before.strip().lower() in ("der", "die", "das") else word + "r"
        return known.first if known.first and int(day) == 1 else foreign.cardinal(str(int(day)), code)

    def date(day: str, month: int, year: str, before: str = "") -> str:
        words = known.day.format(day=said_day(day, before), month=known.months[month - 1])
        if year:
            words += known.of_year + foreign.year(year if len(year) == 4 else f"20{year}", code)
        return before + words

    def numeric(match: Match[str]) -> str:
        day, month = int(match["day"]), int(match["month"])
        if not (1 <= day <= 31 and 1 <= month <= 12):
            return match.group()
        return date(match["day"], month, match["year"] or "", match["before"] or "")

    def iso(match: Match[str]) -> str:
        return date(str(int(match["day"])), int(match["month"]), match["year"])

    def named(match: Match[str]) -> str:
        month = lowered[match["month"].rstrip(".").lower()]
        return date(match["day"], month, match["year"] or "", match["before"] or "")

    def named_days(match: Match[str]) -> str:
        before = match["before"] or ""
        ending = "n" if before and before.strip().lower() not in ("der", "die", "das") else "" if before else "r"
        last = date(match["day"], lowered[match["month"].rstrip(".").lower()], match["year"] or "", before or "")
        return f"{before}{foreign.ordinal(match['first'], code)}{ending} {known.to} {last.removeprefix(before)}"

    yield rule(r"(?<=[ºª])(?=[A-Z])", " ")
    yield rule(r"(?<=, )(?P<code>\d{4,5})(?= [A-ZÀ-Ý])", lambda m: foreign.digits(m["code"], code))  # a postal code
    yield rule(
        rf"(?P<before>\b(?:{'|'.join(dict.fromkeys(known.days.values()))}),? |\b(?:el|del|al|le|du|au|il|dal"
        rf"|dia|op|van) )"
        r"(?P<day>[12]?\d|3[01])[/-](?P<month>0?[1-9]|1[0-2])(?P<year>)(?![\w/,-]*\d)",
        numeric,
    )
    yield rule(r"\b(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])\b", iso)
    yield rule(
        r"(?P<before>\b[^\W\d]{2,4} )?(?<![\w./-])(?P<day>\d{1,2})(?P<sep>[./-])(?P<month>\d{1,2})(?P=sep)"
        r"(?P<year>(?:19|20)\d\d|\d\d)(?![\w/])",
        numeric,
    )
    if known.ordinal_days:  # the dots of a date end no sentence
        yield rule(
            r"(?P<before>\b[^\W\d]{2,4} )?(?<![\w.,])(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>)(?!\d)"
            r"(?=\s*[^\W\d]|\s*[,;:!?)]|\s*$)",
            numeric,
        )
        yield rule(
            rf"(?P<before>\b[^\W\d]{{2,4}} )?(?<![\w.,])(?P<first>\d{{1,2}})\. ?(?:{DASH}|bis) ?"
            rf"(?P<day>\d{{1,2}})\. ?{a_month}(?: {a_year}\b)?",
            named_days,
        )
        yield rule(rf"(?P<before>\b[^\W\d]{{2,4}} )?(?<![\w.,])(?P<day>\d{{1,2}})\. ?{a_month}(?: {a_year}\b)?", named)
    else:
        yield rule(
            rf"(?P<before>(?!))?(?<![\w.,])(?P<day>[12]?\d|3[01])(?:er|º|°)? (?:de )?{a_month}(?:,? (?:de "
            rf"|del )?{a_year}\b)?",
            named,
            re.IGNORECASE,
        )


def _times(known: Language) -> Iterator[Rule]:
    code = known.code

    def clock(match: Match[str]) -> str:
        hour, minute = str(int(match["hour"])), match["minute"] or "00"
        unit_word = known.hour[0 if hour == "1" else 1]
        spoken = (
            known.one[1 if code in ("es", "fr", "it", "pt") else 0]
            if hour == "1" and unit_word
            else foreign.cardinal(hour, code)
        )
        if code in ("es", "pt") and unit_word:  # hours are feminine
            spoken = re.sub(r"(?<=un)o$|(?<=um)$|(?<=dois)$", "a", spoken).replace("doisa", "duas")
        if minute == "00":
            return f"{spoken} {unit_word}".strip()
        minutes = foreign.cardinal(str(int(minute)), code)
        says_hour = unit_word and code not in ("es", "pt")
        return (
            f"{spoken} {unit_word}{known.and_minutes}{minutes}"
            if says_hour
            else f"{spoken}{known.and_minutes}{minutes}"
        )

    yield rule(rf"(\d{{1,2}}(?:[:h]\d{{0,2}})?(?: ?h\b)?) ?{DASH} ?(?=\d{{1,2}}[:h])", rf"\1 {known.to} ")
    yield rule(
        r"(?<![\d:.,])(?P<hour>[01]?\d|2[0-4])(?::|[h](?=\d))(?P<minute>[0-5]\d)(?![\d:])(?: ?(?:Uhr|heures?"
        r"|uur|h|horas|hs)\b)?",
        clock,
    )
    yield rule(r"(?<![\d:.,])(?P<hour>[01]?\d|2[0-4])\.(?P<minute>[0-5]\d) (?=Uhr\b|uur\b)(?:Uhr|uur)", clock)
    if code in ("fr", "pt", "es"):
        yield rule(r"(?<![\w:.,])(?P<hour>[01]?\d|2[0-4]) ?(?P<minute>)h\b(?!/)", clock)


def _amounts(known: Language, number: str, currency: str) -> Iterator[Rule]:
    code = known.code
    unit = "|".join(map(re.escape, sorted(known.units, key=len, reverse=True)))

    def half(match: Match[str]) -> str:
        one = known.units[match["unit"]][0]
        said = {"de": "ein halber" if one.endswith(("er", "el")) else "ein halbes"}.get(code, known.fractions["½"])
        return f"{said} {one}"

    def fraction(match: Match[str]) -> str:
        whole = match["whole"]
        joined = {"es": " y ", "it": " e ", "pt": " e ", "fr": " et ", "nl": " en "}.get(code, " ")
        return (foreign.cardinal(whole, code) + joined if whole else "") + known.fractions[match["mark"]]

    def measure(match: Match[str]) -> str:
        one, many = known.units[match["unit"]]
        per = f" {known.per} {known.units.get(match['per'], [match['per']])[0]}" if match["per"] else ""
        spoken = known.one[0] if match["number"] == "1" else foreign.cardinal(match["number"], code)
        if match["number"] == "1" and one.endswith(known.feminine):
            spoken = known.one[1]
        return f"{spoken} {one if match['number'] == '1' else many}{per}"

    yield rule(rf"({number}) ?%? ?{DASH} ?(?={number} ?%)", lambda m: f"{foreign.cardinal(m[1], code)} {known.to} ")
    yield rule(
        rf"(?<![\w.,-])({number}) ?(?:{currency})? ?{DASH} ?(?={number}(?!\d| ?[=]|{DASH}\d))",
        lambda m: f"{foreign.cardinal(m[1], code)} {known.to} ",
    )
    yield rule(r"(?<![\w.,)%])[-\u2212](?=\d)", f"{known.minus} ")
    yield rule(rf"(?<![\w.,/])(?:1/2|½) ?(?P<unit>{unit})(?!\w)", half)
    yield rule(r"(?P<number>\d)[x×](?=\s|$|[,.;])", lambda m: f"{m['number']} {known.signs['×']}")
    if code == "de":
        yield rule(r"\b(?P<number>\d+)er\b", lambda m: foreign.cardinal(m["number"], code) + "er")
    yield rule(rf"(?P<whole>\d+)? ?(?P<mark>[{''.join(known.fractions)}])", fraction)
    yield rule(
        rf"(?<![\w.,])(?P<number>{number}) ?(?P<unit>{unit})(?:/(?P<per>kg|g|l|h|min|s|m²|km"
        rf"|[^\W\d_]{{3,}}))?(?![\w²³/])",
        measure,
    )
    yield rule(
        r"(?<![\w.,/])(?P<a>\d{1,3}(?:,\d)?)/(?P<b>10|100|5)(?![\w/]|[.,]\d)",
        lambda m: f"{foreign.cardinal(m['a'], code)} {known.out_of} {foreign.cardinal(m['b'], code)}",
    )
    for written, mark in (("1/2", "½"), ("1/4", "¼"), ("3/4", "¾")):
        yield rule(rf"(?<![\w.,/]){written}(?![\w/])", known.fractions[mark])
    yield rule(rf"({number}) ?[x×] ?(?={number})", lambda m: f"{foreign.cardinal(m[1], code)} {known.by} ")


def _numbers(known: Language) -> Iterator[Rule]:
    code = known.code

    def roman_number(match: Match[str]) -> str:
        value = roman(match["numeral"])
        if value is None:
            return match.group()
        is_ruler = match["name"] is not None and not re.match(rf"(?:{_COUNTED})\b", match["name"].lower())
        if match["end"] or code == "it" or (code in ("es", "pt") and is_ruler and value <= 10):
            said = foreign.ordinal(str(value), code)
        elif code == "de" and is_ruler:
            said = f"der {foreign.ordinal(str(value), code).capitalize()}"
        else:
            said = foreign.cardinal(str(value), code)
        return (match["name"] or "") + said

    def ordinal(match: Match[str]) -> str:
        word = foreign.ordinal(match["number"], code)
        groups = match.groupdict()
        if groups.get("feminine") or groups.get("feminine2"):
            old, new = known.feminine_ordinal
            word = " ".join(part.removesuffix(old) + new if part.endswith(old) else part for part in word.split(" "))
        before = match.string[: match.start()].rstrip().rpartition(" ")[2]
        return (
            word + "n"
            if code == "de"
            and re.fullmatch(rf"{_GERMAN_DATIVE}|der|zur", before, re.IGNORECASE)
            and before.lower() != "der"
            else word
        )

    def single(match: Match[str]) -> str:
        return known.one[1 if match["noun"].lower().endswith(known.feminine) else 0]

    yield rule(
        r"\b(?P<cue>(?:PIN|OTP|TAN|PLZ|IBAN|[Cc]ode|[Cc]ódigo|[Cc]odice|[Pp]ostcode|CP|CAP|CEP)(?: postal"
        r"| postale)?:? )(?P<number>\d{3,})(?![\w.,]*\d)",
        lambda m: m["cue"] + foreign.digits(m["number"], code),
    )
    yield rule(r"(?<=[A-Z])(?P<number>\d{3,})\b", lambda m: " " + foreign.digits(m["number"], code))
    yield rule(
        r"(?P<name>[^\W\d_]{3,} )?\b(?P<numeral>[IVX]{2,}|(?<=[a-z] )[VX](?=[\s.,;:!?)]|$))(?P<end>e|ème)?\b"
        r"(?:\.(?= ?[a-zäöü,]))?",
        roman_number,
    )
    yield rule(
        r"\b[vV](?:ersion|ersión|ersione|ersão|ersie)? ?(?=\d+\.)|\b[Vv](?=\d+(?:\.\d+)*\b)",
        lambda m: m[0] if len(m[0]) > 2 else "Version ",
    )
    yield rule(
        r"(?<![\w.,])\d{1,3}\.\d{1,2}(?:\.\d{1,3})*(?!\w|[.,]\d)",
        lambda m: f" {known.dot} ".join(foreign.cardinal(part, code) for part in m[0].split(".")),
    )
    yield rule(
        rf"(?P<before>\b(?:{_BEFORE_A_YEAR.get(code, 'anno')}) )(?P<year>1[1-9]\d\d|20\d\d)(?![\w]|[.,]\d)",
        lambda m: m["before"] + foreign.year(m["year"], code),
        re.IGNORECASE,
    )
    if known.ordinals:
        yield rule(known.ordinals, ordinal)
    if code == "es":
        yield rule(r"(?<![\w.,/])(?P<number>\d*(?:[2-9]|0)1)(?= (?P<noun>[^\W\d_]{3,}))", _apocope)
    yield rule(r"(?<![\w.,/])1(?= (?P<noun>[^\W\d_]{3,}))", single)


def _abbreviated(words: Mapping[str, str], after: str) -> list[Rule]:
    """Return one rule for abbreviations, the longest first; a dot with which a text or line ends is kept."""
    if not words:
        return []
    known = "|".join(re.escape(short).replace(r"\ ", " ?") for short in sorted(words, key=len, reverse=True))
    bare = {short.replace(" ", ""): said for short, said in words.items()}

    def said(match: Match[str]) -> str:
        written = match.group()
        ends = written.endswith(".") and re.match(r"\s*(?:$|\n)", match.string[match.end() :])
        joined = after == r"(?= ?\d)" or match.string[match.end() : match.end() + 1].isalnum()
        return bare[written.replace(" ", "")] + ("." if ends else " " if joined else "")

    return [rule(rf"(?<![\w.])(?:{known}){after}", said)]


def _apocope(match: Match[str]) -> str:
    """Return a Spanish number before its noun: "veintiuna personas", "ciento un platos"."""
    words = foreign.cardinal(match["number"], "es")
    if match["noun"].endswith(("a", "as")):
        return words.removesuffix("o") + "a"
    return words.removesuffix("veintiuno") + "veintiún" if words.endswith("veintiuno") else words.removesuffix("o")
