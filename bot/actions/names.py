"""The name a booking is made in."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TITLE = r"(?:mr|mrs|ms|miss|dr|doctor|mister)\.?"
_PART = r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*\.?"
_WORDS = rf"(?P<name>(?:{_TITLE} )?{_PART}(?: {_PART}){{0,3}})"
_KIND = r"(?:last |first |full |sur|family )?"
_EXPLICIT = (
    re.compile(rf"\b(?:under|in|on|with|for|by) (?:the |my )?{_KIND}name(?: of| is)? (?={_WORDS})", re.I),
    re.compile(rf"\b(?:my |the )?{_KIND}name(?: is|'s|\u2019s| will be| would be)? (?={_WORDS})", re.I),
    re.compile(rf"\b(?:call me|under|it's under|it is under|booked by) (?={_WORDS})", re.I),
)
_INTRODUCED = re.compile(
    rf"\b(?:i am|i'm|i\u2019m|this is|it's|it is|it\u2019s|that's|that is|make it|for|to|say) (?={_WORDS})", re.I
)
_SPELLED = re.compile(r"\b(?:[A-Za-z][\s.,-]+){2,}[A-Za-z]\b\.?")
# Words that end a name or show that what was said is not one.
_NOT_NAMES = frozenset(
    re.findall(
        r"\S+",
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
        vegetarian allergic hungry afraid lunch dinner breakfast
        """,
    )
)


def find_name(text: str, *, asked: bool = False, people: Sequence[str] = ()) -> str | None:
    """Find the guest's name.

    Args:
        text: as recognised or typed, in any case.
        asked: the speaker was just asked for the name, so the bare words may be one.
        people: names an entity extractor saw; trusted only where the sentence introduces a name.

    Returns:
        The name, each part capitalised, or None.
    """
    text = re.sub(r"\s+", " ", text.strip())
    spelled = _spelled(text) if asked else None
    if spelled:
        return spelled
    for pattern in _EXPLICIT:
        for match in pattern.finditer(text):
            name = _clean(match["name"])
            if name:
                return name
    for match in _INTRODUCED.finditer(text):
        name = _clean(match["name"])
        hinted = name is not None and any(name.casefold() in person.casefold() for person in people)
        if name and (asked or hinted):
            return name
    return _clean(text, whole=True) if asked else None


def _spelled(text: str) -> str | None:
    """Read "M A R T A" or "S-M-I-T-H" as a name."""
    match = _SPELLED.search(text)
    letters = re.sub(r"[^A-Za-z]", "", match[0]) if match else ""
    return letters.capitalize() if len(letters) >= 3 else None


def _clean(words: str, *, whole: bool = False) -> str | None:
    """Cut a name at the first word that cannot belong to it; ``whole`` asks that nothing but fillers is cut."""
    parts = [part.strip(".,!?") for part in words.split()]
    if whole:
        while parts and parts[0].casefold() in {"um", "uh", "er", "yes", "sure", "okay", "ok", "it's", "just", "well"}:
            parts.pop(0)
        while parts and parts[-1].casefold() in {"please", "thanks", "here"}:
            parts.pop()
    kept = []
    for part in parts:
        if part.casefold().replace("\u2019", "'") in _NOT_NAMES or not re.fullmatch(_PART, part):
            break
        kept.append(part)
    if not kept or (whole and (len(kept) < len(parts) or len(kept) > 3)):
        return None
    return " ".join(part if re.search("[A-Z]", part[1:]) or part[0].isupper() else part.capitalize() for part in kept)
