"""Whether words are nothing but a yes or a no: "yes now it's right", "lovely, thanks", "nope"."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import yaml

_TABLES = yaml.safe_load(Path(__file__).with_name("yes_no.yml").read_text(encoding="utf-8"))
_YES, _NO, _FILLER = (
    f"(?:{'|'.join(sorted(re.split(r', +', _TABLES[table].strip()), key=len, reverse=True))})"
    for table in ("yes", "no", "filler")
)
# A "no" that agrees: "no problem, go ahead", "no no that's perfect".
_NO_MEANS_YES = re.compile(
    r"no (?:worries|problem|trouble)\W+(?:at all\W+)?(?:that's|go|do|book)\b.*"
    r"|no(?:\W+no)*\W+(?:that's|that is|it's) (?:all |quite |just )?(?:perfect|great|lovely|right|correct|it)\b.*"
    r"|no(?:\W+no)*\W+(?:yeah|yes|yep)\W+(?:that's|that is|it's) (?:all |quite |just )?"
    r"(?:right|correct|fine|good|it)\b.*"
    r"|no(?:\W+(?:no|yeah|yes|yep))*\W+(?:go ahead|book it|do it|please do|you're right|carry on)\b.*",
    re.I,
)
_PLAIN_YES = re.compile(rf"(?:{_FILLER}\W+)*{_YES}(?:\W+(?:{_YES}|{_FILLER}))*", re.I)
_PLAIN_NO = re.compile(rf"(?:{_FILLER}\W+)*{_NO}(?:\W+(?:{_NO}|{_FILLER}))*", re.I)
_BEGINS = re.compile(
    rf"(?:{_FILLER}\W+)*(?:(?P<yes>yes|yeah|yep|yup|sure|of course|absolutely|definitely|certainly|correct|exactly|"
    r"right|fine|okay|ok|great|go ahead|please do|perfect)|no|nope|nah)\b",
    re.I,
)
_TAKES_BACK = re.compile(
    r"\b(?:i|we)(?:'ll| will|'d| might| may)\b(?! (?:take|have|go (?:with|for)|do (?:it|that)|be there|love|"
    r"like)\b)|\blet (?:you|me) \w+"
    r"|\b(?:yet|until|till|whether|maybe|perhaps|later|see how|think about)\b|"
    r"\b(?:but|except|only|unless|wait|hang on|hold on|actually|however|though|instead|change|make|rather|if|"
    r"what|when|how|"
    r"which|who|where|why|can|could|is|are|do|does|would|will)\b|(?<=\w )(?:no|not|nope)\b|n't\b",
    re.I,
)
# "One sec ... yes": who takes a moment first answers after it.
_A_MOMENT = re.compile(
    r"^(?:(?:(?:just |give me )?(?:a|one|two) (?:sec|second|moment|minute|mo|tick)s?|hang on|hold on|"
    r"let me (?:see|check|look))\W+(?=\w))+",
    re.I,
)
_ONLY_THANKS = re.compile(r"(?:thanks|thank you|cheers|very much|so|\W)+", re.I)


def plain_answer(text: str) -> Literal["affirm", "deny"] | None:
    """Return what a text answers where it is nothing but that; None where it says more, or only thanks."""
    said = _A_MOMENT.sub("", text.replace("\u2019", "'").strip(" .,!?;"))
    if not said or _ONLY_THANKS.fullmatch(said):
        return None
    if _NO_MEANS_YES.fullmatch(said) and not _TAKES_BACK.search(said.split(" ", 1)[-1].replace("no ", "")):
        return "affirm"
    if _PLAIN_NO.fullmatch(said):
        return "deny"
    return "affirm" if _PLAIN_YES.fullmatch(said) else None


def is_plain_answer(text: str) -> bool:
    """Say whether a text is nothing but a yes or a no."""
    return plain_answer(text) is not None


def begins_with_answer(text: str) -> Literal["affirm", "deny"] | None:
    """Return the yes or no that a text begins with and does not take back: "yes please take it out"."""
    said = text.replace("\u2019", "'").strip(" .,!?;")
    if "?" in text or _TAKES_BACK.search(said):
        return None
    found = _BEGINS.match(said)
    return None if found is None else "affirm" if found["yes"] else "deny"
