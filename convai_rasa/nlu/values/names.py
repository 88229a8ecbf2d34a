"""The name somebody gives: "it's marta jones", "under the name of van den Berg"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from convai_rasa.nlu.values.languages import LANGUAGES, language_of
from convai_rasa.nlu.values.spelled import read_spelled, spelled_in
from convai_rasa.nlu.values.value import Value
from convai_rasa.nlu.values.words import listed, split

_LONGEST = 200  # characters
_TITLE = r"(?:mr|mrs|ms|miss|dr|doctor|mister|herr|frau|madame|monsieur|señora?|don|doña)\.?"
_PART = r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*\.?"
_WORDS = rf"(?P<name>(?:{_TITLE} )?{_PART}(?: {_PART}){{0,6}})"
_KIND = r"(?:last |first |full |sur|family )?"
# Words that a name is announced with: sure ones, and those that need a question or a hint.
_EXPLICIT = (
    rf"\b(?:under|in|on|with|for|by) (?:the |my )?{_KIND}name(?: of| is)? ",
    rf"\b(?:my |the )?{_KIND}name(?: is|'s|\u2019s| will be| would be)? ",
    r"\b(?:call me|under|it's under|it is under|booked by) ",
    r"\b(?:mein name ist|ich heiße|ich heisse|auf den namen|unter dem namen) ",
    r"\b(?:je m['\u2019]appelle|mon nom est|au nom de|sous le nom de) ",
    r"\b(?:me llamo|mi nombre es|a nombre de) ",
)
_INTRODUCED = (
    r"\b(?:i am|i'm|i\u2019m|this is|it's|it is|it\u2019s|that's|that is|make it|for|to|say|"
    r"ich bin|für|c['\u2019]est|je suis|pour|soy|para) "
)
_SURE = tuple(re.compile(f"{before}(?={_WORDS})", re.I) for before in _EXPLICIT)
_MAYBE = re.compile(f"{_INTRODUCED}(?={_WORDS})", re.I)
# Small words inside surnames, which stay small: van den Berg, de la Cruz.
_PARTICLES = frozenset(
    listed(
        "van von vom zu zum zur der den dem des de del della di da do dos das du la las los le ter ten te y e bin ibn "
        "al el 't af av mac st"
    )
)
# Words that end a name or show that what was said is not one.
_NOT_NAMES = frozenset(
    listed(
        """
        a an the for at on in to of and or with by from under please thanks thank you yes no yeah yep nope ok okay sure
        not table booking reservation people person guests party tomorrow today tonight this next morning afternoon
        evening night noon midday monday tuesday wednesday thursday friday saturday sunday january february march june
        july august september october november december one two three four five six seven eight nine ten eleven twelve
        half quarter past o'clock it is it's that's i i'm we me my name names what when where who why how which do does
        did can could would will stop cancel change repeat again say menu open opening hours hello hi hey bye goodbye
        sorry wait just actually um uh er well so time day date number book make have has want like need help wrong
        correct right good great fine nothing everything something somebody someone here there them they he she be was
        were are am if but then first second third last later earlier looking trying going calling coming vegan
        vegetarian allergic hungry afraid lunch dinner breakfast spelled spelt capital double never mind forget none
        anything any whatever maybe perhaps don't know
        ja nein bitte danke und oder für mit ein eine morgen heute uhr tisch personen ich wir
        oui non merci et ou pour avec un une demain je nous table personnes
        sí gracias por favor con una mañana hoy mesa personas yo nosotros
        """
    )
)
_FILLERS_BEFORE = frozenset(listed("um uh er erm yes sure okay ok it's it is that's just well the name my"))
_FILLERS_AFTER = frozenset(listed("please thanks here bitte danke merci gracias"))


def find_name(text: str, *, language: str = "en", asked: bool = False, people: Sequence[str] = ()) -> Value | None:
    """Return the name that somebody gives; None where none is given.

    Args:
        text: as recognised or typed, in any case.
        language: two letters, for spelled names.
        asked: the speaker was just asked for the name, so the bare words may be one.
        people: names an entity extractor saw; trusted only where the sentence introduces a name.
    """
    if len(text) > _LONGEST:
        return None
    spelled = _spelled(text, language, asked)
    if spelled:
        return spelled
    for pattern in _SURE:
        for match in pattern.finditer(text):
            name = _clean(text, *match.span("name"))
            if name:
                return name
    for match in _MAYBE.finditer(text):
        name = _clean(text, *match.span("name"))
        hinted = name is not None and any(str(name.value).casefold() in person.casefold() for person in people)
        if name and (asked or hinted):
            return name
    return _clean(text, 0, len(text), whole=True) if asked else None


def _spelled(text: str, language: str, asked: bool) -> Value | None:
    spelling = language_of(language if language in LANGUAGES else "en").spelling
    words = split(text)
    whole = read_spelled(text, words, spelling) if asked else None
    found = spelled_in(text, words, spelling)
    if found is None or not (whole or len(found[0]) >= 3):
        return None
    name, first, end = found
    return Value(name, {"type": "name", "spelled": True}, words[first].start, words[end - 1].end)


def _clean(text: str, start: int, end: int, *, whole: bool = False) -> Value | None:
    """Cut a name at the first word that cannot belong to it; ``whole`` asks that nothing but fillers is cut."""
    parts = [(match.start() + start, match[0].strip('.,!?;:"')) for match in re.finditer(r"\S+", text[start:end])]
    if whole:
        while parts and parts[0][1].casefold() in _FILLERS_BEFORE:
            parts.pop(0)
        while parts and parts[-1][1].casefold() in _FILLERS_AFTER:
            parts.pop()
    kept: list[tuple[int, str]] = []
    for place, part in parts:
        small = part.casefold().replace("\u2019", "'")
        if not re.fullmatch(_PART, part) or (small in _NOT_NAMES and small not in _PARTICLES):
            break
        kept.append((place, part))
    while kept and kept[-1][1].casefold() in _PARTICLES:
        kept.pop()
    own = [part for _, part in kept if part.casefold() not in _PARTICLES]
    if not own or (whole and (len(kept) < len(parts) or len(own) > 3)):
        return None
    name = " ".join(_capital(part) for _, part in kept)
    return Value(name, {"type": "name"}, kept[0][0], kept[-1][0] + len(kept[-1][1]))


def _capital(part: str) -> str:
    if part.casefold() in _PARTICLES or part[0].isupper() or re.search("[A-Z]", part[1:]):
        return part
    return "-".join(piece.capitalize() for piece in part.split("-"))
