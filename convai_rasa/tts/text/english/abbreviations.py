"""Abbreviations: titles, places, companies and everyday ones."""

from __future__ import annotations

import re
from typing import Callable, Mapping, Match, Tuple

from convai_rasa.tts.text.english.addresses import in_letters
from convai_rasa.tts.text.english.numbers import English, digits
from convai_rasa.tts.text.markup import Rule, rule

_TITLES = {  # before a name
    "mr": "mister", "mrs": "missus", "ms": "miz", "mx": "mix", "messrs": "messieurs", "dr": "doctor", "drs": "doctors",
    "prof": "professor", "profs": "professors", "sgt": "sergeant", "cpl": "corporal", "pvt": "private",
    "lt": "lieutenant",
    "col": "colonel", "gen": "general", "capt": "captain", "maj": "major", "cmdr": "commander", "adm": "admiral",
    "rev": "reverend",
    "hon": "honorable", "gov": "governor", "sen": "senator", "rep": "representative", "pres": "president",
    "fr": "father",
    "supt": "superintendent", "insp": "inspector", "det": "detective", "mme": "madame", "mlle": "mademoiselle",
    "amb": "ambassador",
    "st": "saint", "ste": "saint", "mt": "mount", "ft": "fort", "pt": "point",
}  # fmt: skip
_WITHOUT_DOT = "mr|mrs|ms|dr|prof|sgt|capt|st|mt"  # written so before names in Britain
_SUFFIXES = {"jr": "junior", "sr": "senior", "esq": "esquire"}
_STREETS = {
    "st": "street", "dr": "drive", "ave": "avenue", "av": "avenue", "rd": "road", "blvd": "boulevard", "ln": "lane",
    "ct": "court",
    "pl": "place", "sq": "square", "pkwy": "parkway", "hwy": "highway", "ter": "terrace", "cir": "circle",
    "expy": "expressway",
    "mt": "mountain", "mtn": "mountain",
}  # fmt: skip
_BEFORE_NUMBERS = {
    "rm": "room", "apt": "apartment", "ste": "suite", "fl": "floor", "bldg": "building", "hwy": "highway",
    "no": "number",
    "nos": "numbers", "nr": "number", "p": "page", "pp": "pages", "fig": "figure", "figs": "figures", "vol": "volume",
    "ch": "chapter",
    "chap": "chapter", "sec": "section", "art": "article", "ver": "version", "min": "minimum", "max": "maximum",
    "ext": "extension",
    "tel": "telephone", "approx": "approximately", "est": "established", "ca": "circa", "c": "circa", "op": "opus",
    "par": "paragraph",
    "qty": "quantity", "avg": "average", "temp": "temperature", "rt": "route", "rte": "route", "ln": "line",
    "pg": "page",
}  # fmt: skip
_ALWAYS = {  # whatever follows; none of them ends a sentence
    "approx": "approximately", "appt": "appointment", "dept": "department", "depts": "departments", "incl": "including",
    "excl": "excluding", "e.g": "for example", "i.e": "that is", "eg": "for example", "ie": "that is", "vs": "versus",
    "cf": "compare",
    "viz": "namely", "esp": "especially", "avg": "average", "misc": "miscellaneous", "govt": "government",
    "intl": "international",
    "int'l": "international", "natl": "national", "nat'l": "national", "univ": "university", "hosp": "hospital",
    "asst": "assistant",
    "assoc": "associate", "qty": "quantity", "max": "maximum", "min": "minimum", "tel": "telephone",
    "temp": "temperature", "ext": "extension",
    "est": "established", "ref": "reference", "attn": "attention", "orig": "original",
    "mgr": "manager",
    "mgmt": "management", "addr": "address", "acct": "account", "amt": "amount",
   
    "tbd": "to be decided", "bldg": "building", "apt": "apartment", "rm": "room",
}  # fmt: skip
_AT_AN_END = {  # may end a sentence, and then its dot stays
    "inc": "incorporated", "ltd": "limited", "co": "company", "corp": "corporation", "bros": "brothers",
    "etc": "and so on", "al": "al",
    "jr": "junior", "sr": "senior", "esq": "esquire", "assn": "association", "dist": "district", "yrs": "years",
    "hrs": "hours",
    "mins": "minutes", "tsp": "teaspoon", "tbsp": "tablespoon", "lbs": "pounds", "doz": "dozen",
}  # fmt: skip
_STARTS = (  # words that begin a sentence more often than they are a name
    "The|Or|Nor|We|I|It|This|That|These|Those|You|They|He|She|Our|My|Your|His|Her|Their|If|In|On|At|For"
    "|But|And|So|Please|Would|Do|Does|Did"
    "|Is|Are|Was|Were|Can|Could|Will|What|When|Where|How|Who|Why|There|Here|A|An|Call|Then|No|Yes|Not"
    "|After|Before|As|To|From|With"
    "|Open|Turn|Take|Ask|Let|Come|See|Visit|Have|Has|All|Any|Just|Now|Also|Thanks|Thank|Sorry|Ok|Okay"
    "|Next|Enter|Meet|Have"
)
_SAINTS = (
    "John|Mary|Patrick|Peter|Paul|George|James|Andrew|Louis|Francis|Thomas|Nicholas|Joseph|Michael"
    "|Martin|Helens|Helena|Regis|Moritz"
    "|Petersburg|Tropez|Pancras|Albans|Augustine|Anthony|Catharines|Catherine|Clair|Lucia|Lucie|Kitts"
    "|Barts|Ives|Germain|Gallen"
    "|Lawrence|Luke|Mark|Matthew|Stephen|Valentine|Bernard|Christopher|David|Jude|Vincent|Xavier|Anne?"
    "|Anna|Charles|Clare|Denis"
    "|Edmund|Elizabeth|Elmo|Gabriel|Giles|Gregory|Ignatius|Jerome|Joan|Julian|Margaret|Pierre|Teresa"
    "|Ursula|Vitus|Cloud|Croix|Malo"
    "|Emilion|Etienne|Agnes|Bartholomew|Benedict|Cecilia|Dominic|Kilda|Maarten|Pauls?|Nick|Pete|Simon"
    "|Philip|Maria|Marys?|Olaf|Barth"
)
_STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut",
    "DE": "Delaware", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois",
    "IN": "Indiana", "IA": "Iowa",
    "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts",
    "MI": "Michigan",
    "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada",
    "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma",
    "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia",
    "WI": "Wisconsin",
    "WY": "Wyoming", "DC": "D C",
}  # fmt: skip
_DIRECTIONS = {
    "N": "North",
    "S": "South",
    "E": "East",
    "W": "West",
    "NE": "Northeast",
    "NW": "Northwest",
    "SE": "Southeast",
    "SW": "Southwest",
}
_A_STREET = "|".join(_STREETS)
_STREET_WORDS = "Street|Drive|Avenue|Road|Boulevard|Lane|Court|Place|Square|Parkway|Highway|Terrace|Circle|Way|Broadway"
_NO_INITIAL_AFTER = (
    "plan|vitamin|option|gate|room|group|section|grade|class|terminal|platform|zone|line|type|hall|exit"
    "|row|block|building|hepatitis|part|door|letter|answer|choice|table|unit"
)


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
        rule(rf"\b(?P<title>(?i:{'|'.join(_TITLES)}))\. ?(?=[A-Z&'\u00c0-\u00de]|and [A-Z])", _titled(say)),
        rule(rf"\b(?P<title>{_title_case(_WITHOUT_DOT)}) (?=[A-Z][a-z'\u00e0-\u00ff])", _titled(say)),
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
        rule(r"\bApprox\b", "Approximately"),
        rule(r"\bapprox\b", "approximately"),
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


def _titled(say: English) -> Callable[[Match[str]], str]:
    def titled(match: Match[str]) -> str:
        said = _like(match["title"], _TITLES)
        return (said.replace("onorable", "onourable") if say.british else said) + " "

    return titled


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
    rest = match.string[match.end() :]
    ends = match["after"] is not None and (
        not rest.strip() or "\n" in match["after"] or (re.match(rf"(?:{_STARTS})\b", rest) and match["after"])
    )
    letters = in_letters(match["letters"].replace(".", ""))
    if match["letters"].lower() in ("e.g.", "i.e."):
        return match.group()
    return letters + ("." if ends else "") + match["after"]


def _ended(match: Match[str]) -> str:
    goes_on = (
        match["after"] == ""
        and match.string[match.end() :].strip()
        and not match.string[match.end() :].startswith(("\n",))
    )
    return _like(match["word"], _AT_AN_END) + ("" if goes_on else ".") + match["after"]
