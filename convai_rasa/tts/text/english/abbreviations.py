"""Abbreviations: titles, places, companies and everyday ones."""

from __future__ import annotations

import re
from typing import Mapping, Match, Tuple

from convai_rasa.tts.text.english.numbers import English, digits
from convai_rasa.tts.text.english.web_addresses import in_letters
from convai_rasa.tts.text.english.words import WORDS
from convai_rasa.tts.text.markup import Rule, rule

_TITLES = WORDS["titles"]  # before a name
_WITHOUT_DOT = "mr|mrs|ms|dr|prof|sgt|capt|st|mt"  # written so before names in Britain
_SUFFIXES = WORDS["suffixes"]
_STREETS = WORDS["streets"]
_BEFORE_NUMBERS = WORDS["before_numbers"]
_ALWAYS = WORDS["always"]
_AT_AN_END = WORDS["at_an_end"]
_STARTS = "|".join(WORDS["starts"].split())
_SAINTS = "|".join(WORDS["saints"].split())
_STATES = WORDS["states"]
_DIRECTIONS = WORDS["directions"]
_A_STREET = "|".join(_STREETS)
_STREET_WORDS = "Street|Drive|Avenue|Road|Boulevard|Lane|Court|Place|Square|Parkway|Highway|Terrace|Circle|Way|Broadway"
_NO_INITIAL_AFTER = "|".join(WORDS["no_initial_after"])


BEFORE_NUMBERS: Tuple[Rule, ...] = (
    rule(
        rf"(?<!\d )(?<!\d)\b(?P<word>(?i:{'|'.join(sorted(_BEFORE_NUMBERS, key=len, reverse=True))}))\. ?(?=\d"
        rf"|#|[IVXL]{{2,}}\b|[IVX](?=[,.;:)]|$))",
        lambda m: _like(m["word"], _BEFORE_NUMBERS) + " ",
    ),
    rule(
        r"\b(?P<what>(?i:serial|vat|tax|order|case|ref|account|acct|item|part|model|policy|ticket|room|flight"
        r"|table|phone|fax|id|invoice"
        r"|booking|passport|licen[cs]e|registration|reg)) (?P<word>[Nn]os?)\b\.?(?=:? ?[A-Z0-9#])",
        lambda m: f"{m['what']} {_like(m['word'], _BEFORE_NUMBERS)}",
    ),
    rule(
        r"(?<!\d )\b(?P<word>[Mm]ax|[Mm]in|[Aa]pprox|[Tt]el:?|[Ee]xt) (?=[\d+($€£])",
        lambda m: _like(m["word"].rstrip(":"), _BEFORE_NUMBERS) + " ",
    ),
    rule(
        r"\b(?P<word>(?i:rm|apt|ste|bldg|hwy)|[Ff]l(?= \d{1,2}\b)) (?=\d)",
        lambda m: _like(m["word"], _BEFORE_NUMBERS) + " ",
    ),
)


def rules(say: English) -> Tuple[Rule, ...]:
    """Return the rules for abbreviations."""

    def house(match: Match[str]) -> str:
        return say.pairs(match["number"]) + match["letter"].replace("", " ").rstrip() + match["rest"]

    def zip_code(match: Match[str]) -> str:
        state = f", {_STATES[match['state']]}" if match["state"] else ""
        return f"{state}, {', '.join(map(digits, match['zip'].split('-')))}"

    def titled(match: Match[str]) -> str:
        said = _like(match["title"], _TITLES)
        return (said.replace("onorable", "onourable") if say.british else said) + " "

    return (
        # Addresses.
        rule(
            rf",? (?P<state>{'|'.join(_STATES)})[ ,]+(?P<zip>\d{{5}}(?:-\d{{4}})?)(?![\w-])",
            zip_code,
        ),
        rule(r"(?<=[a-z])(?P<state>),? (?P<zip>\d{5}(?:-\d{4})?)(?=\s*$|[,.;)]|\n)(?<=, \d{5})", zip_code),
        rule(
            rf"(?<=[a-z]), (?P<state>{'|'.join(_STATES)})(?=\s*$|[,.;:!?)]|\s+USA\b)",
            lambda m: f", {_STATES[m['state']]}",
        ),
        rule(
            rf"(?<![\w.,$€£:/-])(?P<number>\d{{3,4}})(?P<letter>[A-D]?)(?P<rest> (?:(?:[NSEW]\.?|North|South"
            rf"|East|West) )?"
            rf"(?:[A-Z][\w'.]+ |\d+(?:st|nd|rd|th) ){{1,3}}(?:(?i:{_A_STREET})\b|{_STREET_WORDS}))",
            house,
        ),
        rule(
            rf"(?<=\d )(?P<to>[NSEW]|[NS][EW])\.? (?=(?:[A-Z]\w+|\d+(?:st|nd|rd|th)) (?:{_STREET_WORDS}|"
            rf"(?:{_title_case(_A_STREET)})\b))",
            lambda m: _DIRECTIONS[m["to"]] + " ",
        ),
        rule(
            rf"(?:(?<=oh )|(?<=\w ))(?P<to>[NSEW])\.? (?=(?:[A-Z]\w+|\d+(?:st|nd|rd|th)) (?:{_STREET_WORDS}|"
            rf"(?:{_title_case(_A_STREET)})\b))",
            lambda m: _DIRECTIONS[m["to"]] + " ",
        ),
        rule(rf"\b(?P<before>[Ss]t|[Ss]te)\.? (?=(?:{_SAINTS})(?:'s|s)?\b)", lambda m: "Saint "),
        rule(
            rf"\b(?P<name>(?:[A-Z][\w']+|\d+(?:st|nd|rd|th))) (?P<street>{_title_case(_A_STREET)})\b"
            rf"(?:\.(?=\s*[,;:)]|\s+[a-z&\d]|\s+(?:NE|NW|SE|SW|N|S|E|W)\b)|(?=\.\s*$|\.\s*\n|\.\s+[A-Z])|"
            rf"(?![.\w])(?=\s*[,;:!?)]|\s*$|\s+[a-z\d]|\s+[NS][EW]\b))",
            _street,
        ),
        rule(
            rf"(?P<street>\b(?:{_STREET_WORDS})) (?P<to>N\.?E|N\.?W|S\.?E|S\.?W|N|S|E|W)\b\.?",
            lambda m: f"{m['street']} {_DIRECTIONS[m['to'].replace('.', '')]}",
        ),
        # Titles and names.
        rule(rf"\b(?P<title>(?i:{'|'.join(_TITLES)}))\. ?(?=[A-Z&'\u00c0-\u00de]|and [A-Z])", titled),
        rule(rf"\b(?P<title>{_title_case(_WITHOUT_DOT)}) (?=[A-Z][a-z'\u00e0-\u00ff])", titled),
        rule(
            r"(?<=\w)(?P<comma>,?) (?P<suffix>[JS]r|Esq)\b(?:\.(?=\s*[,;:!?)]|\s+[a-z])|(?=\.))?",
            lambda m: f" {_like(m['suffix'], _SUFFIXES)}",
        ),
        rule(r"\b(?P<before>[A-Za-z'][a-z']+) (?P<initial>[A-HJ-Z])\. (?P<name>[A-Z][a-z'\u00e0-\u00ff]+)", _initial),
        rule(r"\b(?:[A-Z]\. ){2,}(?=[A-Z][a-z])", lambda m: m[0].replace(".", "")),
        rule(r"(?:(?<=^)|(?<=\n)|(?<=[.!?,;:] ))(?P<initial>[A-Z])\. (?=[A-Z][a-z]+)", r"\1 "),
        rule(r"\bPh\.?D\b\.?|\bM\.?B\.?A\b\.?", lambda m: in_letters(m[0].replace(".", ""))),
        rule(r"\b(?P<letters>(?:[A-Za-z]\.){2,})(?P<after>$|\s*\n|\s+(?=[A-Z]\w*)|)", _initials),
        rule(r"\b(?P<letters>[A-Z]\.[A-Z])\b(?![.\w])", lambda m: in_letters(m["letters"].replace(".", ""))),
        # Everyday ones.
        rule(r"\b([Aa])pprox\b", r"\1pproximately"),
        rule(r"\b(?P<street>Ave|Blvd|Sq|Pl|Rd)\. (?=of\b)", lambda m: f"{_STREETS[m['street'].lower()].capitalize()} "),
        rule(r"\bCo\.? (?=Ltd|Inc)", "Company "),
        rule(r"\b(?:etc|&c)\b\.?(?=\W*$|\s+[A-Z])", "and so on."),
        rule(r"\ba\.k\.a\b\.?|\baka\b|\bA\.K\.A\b\.?", "also known as"),
        rule(r"\bn/a\b|\bN/A\b", "not available"),
        rule(r"\bc/o\b", "care of"),
        rule(r"\bw/o\b", "without"),
        rule(r"\bw/ ?(?=[a-z])", "with "),
        rule(r"\bb/c\b", "because"),
        rule(r"(?<=\d) ?y/o\b|(?<=\d) ?yo\b", " years old"),
        rule(r"\bet al\b\.?(?=\s+[a-z(])", "et al"),
        rule(
            rf"\b(?P<word>(?i:{'|'.join(map(re.escape, _ALWAYS))}))\.(?=[\s,;:)]|$)",
            lambda m: _like(m["word"], _ALWAYS),
        ),
        rule(r"\bvs?\b(?= [A-Z])", "versus"),
        rule(
            rf"\b(?P<word>(?i:{'|'.join(_AT_AN_END)}))\.(?P<after>\s*$|\s*\n|\s+(?=[A-Z])|)",
            _ended,
        ),
        rule(r"\b(?P<word>Ltd|Inc|Corp)\b(?!\.)", lambda m: _like(m["word"], _AT_AN_END)),
        rule(r"\bC#", "C sharp"),
        rule(r"\bF#", "F sharp"),
    )


def _title_case(names: str) -> str:
    return "|".join(name.capitalize() for name in names.split("|"))


def _like(written: str, words: Mapping[str, str]) -> str:
    """Return the words for an abbreviation, with a capital where it has one."""
    said = words[written.lower()]
    return said[0].upper() + said[1:] if written[0].isupper() else said


def _street(match: Match[str]) -> str:
    if re.fullmatch(_STARTS, match["name"]) or match["name"] in ("Near", "Saint", "Mount"):
        return match.group()
    return f"{match['name']} {_STREETS[match['street'].lower()].capitalize()}"


def _initial(match: Match[str]) -> str:
    if re.fullmatch(_NO_INITIAL_AFTER, match["before"], re.IGNORECASE) or re.fullmatch(_STARTS, match["name"]):
        return match.group()
    return f"{match['before']} {match['initial']} {match['name']}"


def _initials(match: Match[str]) -> str:
    """Spell initials; their last dot stays where it ends the sentence as well."""
    if match["letters"].lower() in ("e.g.", "i.e."):
        return match.group()
    rest, after = match.string[match.end() :], match["after"]
    ends = not rest.strip() or "\n" in after or (after and re.match(rf"(?:{_STARTS})\b", rest))
    return in_letters(match["letters"].replace(".", "")) + ("." if ends else "") + after


def _ended(match: Match[str]) -> str:
    rest = match.string[match.end() :]
    goes_on = match["after"] == "" and rest.strip() and not rest.startswith("\n")
    return _like(match["word"], _AT_AN_END) + ("" if goes_on else ".") + match["after"]
