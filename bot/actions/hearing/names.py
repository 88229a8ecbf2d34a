"""What may be a name, and how one is announced; the words that tell are in names.yml."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

import yaml

from convai_rasa.nlu.values import find_name

from .headcount import RELATIVE

_TABLES = yaml.safe_load(Path(__file__).with_name("names.yml").read_text(encoding="utf-8"))
_NO_NAME, _FINITE, _REFERS, NO_ANSWER = (
    frozenset(_TABLES[table].split()) for table in ("not_names", "verbs", "refers", "no_answer")
)
_ALIKE = 0.6  # of difflib: "Johnston" corrects "Johnson"
# How a name is written, and what stands around it when it is given or corrected.
# How a name is written, and what stands around it when it is given or corrected.
WRITTEN = re.compile(
    r",?\s+(?:spelled |spelt |written )?with(?:out)? (?:(?:an?|one|two|double|the|just) )*(?:[a-z]|double "
    r"[a-z])(?:'?s)?"
    r"(?: at the end| in the middle| in it| and not .*| not .*)?[.!]?$",
    re.I,
)
CORRECTING = re.compile(
    r"^\W*(?:(?:(?:that|it)(?:'d|'ll| would| will) be|its|thats|sorry|no|nope|oh|ah|wait|hang on|actually|um|uh|mm|"
    r"well|it's|that's|it is|i said|i meant|i mean|but|"
    r"rather|yeah|yes|typo|correction|oops|whoops|my bad|my mistake|misspelled|misspelt|should be|should say|almost|"
    r"nearly|close|and|or|or better|better|please)\b\W*)+",
    re.I,
)
SOMEBODYS = re.compile(
    rf"\b(?:(?:it's|it is|for|under|in|to) )*(?:my|our|his|her|the) (?:\w+(?:'s)? )?(?:{RELATIVE}|company|firm|"
    rf"group|team|"
    r"(?:sur|last |family |first |full |maiden |married |middle |birth )name)"
    r"(?:'s)?(?: (?:full |last |first )?name)?"
    r"(?:\s*(?:(?:would|could|will|can) you|if you (?:would|could|will|can)|instead|rather|actually|thanks|then|"
    r"please|'s|is|,|and|so|called|that's|it's|that is|which is|that would be|she's|he's|she "
    r"is|he is|"
    r"they're|called|named))*\s+(?=[^\W\d_])",
    re.I,
)
PUT_DOWN = re.compile(
    r"^\W*(?:(?:you can|could you|can you|please|just|let's|we usually|we|um|uh|erm?|oh|well) )*"
    r"(?:put|write|note|book|stick|pop|make|call|have|go (?:with|by|for|under)|use)"
    r"(?: (?:it|that|me|us|this|the (?:table|booking)))?(?: down| in)?(?: (?:as|under|for|to))? (?=[^\W\d_])",
    re.I,
)
# "Obviously", "personally": no name ends so, unlike Emily, Kelly, Connolly.
_ADVERB = re.compile(
    r"\w+(?:ous|ual|ial|nal|tal|ful|ab|ib|ent|ant|ive|ic|ical|ate|inite|ect|act|ure|ain|rse|est|ick|ing|ble)ly", re.I
)


def plausible(text: str, *, asked: bool, people: Sequence[str] = (), cut: bool = False) -> str | None:
    """Return the name that a text gives, unless it is made of words that no name has."""
    found = find_name(f"it's {text}" if cut else text, asked=asked, people=people)
    if found is None or re.search(r"\d", str(found.value)):
        return None
    kept: list[str] = []
    for word in str(found.value).split():
        if word.lower() in _FINITE and text.lower().split()[: len(kept) + 1] == [*map(str.lower, kept), word.lower()]:
            return None  # "Dave might come" is a sentence
        if word.lower() in _REFERS and kept:
            return None
        if (
            word.lower() in _NO_NAME
            or _ADVERB.fullmatch(word)
            or re.search(r"'(?:ll|d|ve|m|re)$|n't$", word)
            or word.lower() in _FINITE
            or re.search(rf"\b(?:am|is|are|be|'m|'s|'re) {word}\b(?<=ing)", text, re.I)
        ):
            break  # "I'm working" is no name, though Fleming is one
        kept.append(word)
    first = next(iter(kept), "")
    if not kept or re.fullmatch(rf"(?:{RELATIVE})(?:'s)?", first, re.I):
        return None
    return " ".join(kept)


def alike(one: str, other: str) -> bool:
    """Say whether a name may correct another, because it is written nearly the same."""
    return difflib.SequenceMatcher(None, one.casefold(), other.casefold()).ratio() >= _ALIKE
