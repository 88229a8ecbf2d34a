"""The name somebody gives: "it's marta jones", "under the name of van den Berg"."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from convai_rasa.nlu.values.languages import LANGUAGES, file_of, language_of
from convai_rasa.nlu.values.placed_words import split
from convai_rasa.nlu.values.spelled_names import read_spelled, spelled_in
from convai_rasa.nlu.values.value import Value

_LONGEST = 200  # characters
_PART = r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*\.?"


@functools.cache
def _words(key: str) -> frozenset[str]:
    return frozenset(file_of("names")[key].split())


@functools.cache
def _announced(key: str) -> list[re.Pattern[str]]:
    """Return what finds words that announce a name, and the name behind them."""
    file = file_of("names")
    name = rf"(?P<name>(?:(?:{file['title']})\.? )?{_PART}(?: {_PART}){{0,6}})"
    return [re.compile(rf"\b(?:{words}) (?={name})", re.IGNORECASE) for words in file[key]]


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
    folded = [person.casefold() for person in people]
    spelled = _spelled(text, language, asked)
    if spelled:
        return spelled
    for key in ("surely", "perhaps"):
        for match in (match for pattern in _announced(key) for match in pattern.finditer(text)):
            name = _clean(text, *match.span("name"))
            if name and (key == "surely" or asked or any(str(name.value).casefold() in one for one in folded)):
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
        while parts and parts[0][1].casefold() in _words("fillers_before"):
            parts.pop(0)
        while parts and parts[-1][1].casefold() in _words("fillers_after"):
            parts.pop()
    kept: list[tuple[int, str]] = []
    for place, part in parts:
        small = part.casefold().replace("\u2019", "'")
        if not re.fullmatch(_PART, part) or (small in _words("not_names") and small not in _words("particles")):
            break
        kept.append((place, part))
    while kept and kept[-1][1].casefold() in _words("particles"):
        kept.pop()
    own = [part for _, part in kept if part.casefold() not in _words("particles")]
    if not own or (whole and (len(kept) < len(parts) or len(own) > 3)):
        return None
    name = " ".join(_capital(part) for _, part in kept)
    return Value(name, {"type": "name"}, kept[0][0], kept[-1][0] + len(kept[-1][1]))


def _capital(part: str) -> str:
    if part.casefold() in _words("particles") or part[0].isupper() or re.search("[A-Z]", part[1:]):
        return part
    return "-".join(piece.capitalize() for piece in part.split("-"))
