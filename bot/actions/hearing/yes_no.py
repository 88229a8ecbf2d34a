"""Whether words are nothing but a yes or a no: "yes now it's right", "lovely, thanks", "nope"."""

from __future__ import annotations

import re
from typing import Literal

_FILLER = (
    r"(?:i'm afraid so|i'm afraid not|i'm afraid|unfortunately|sadly|if you (?:would|could)|um+|uh+|erm?|oh|ah|well|"
    r"so|and|then|now|it's|it is|that's|that is|that|this|is|all|just|quite|please|thanks|"
    r"thank you|very much|cheers|great|lovely|good|fine|mate|love|thats|its|looks|sounds|would be|be|it|do|really|"
    r"much|with me|by me|for me|for us|i think|i guess|then|there|you)"
)
_YES = (
    r"(?:yes|yeah|yea|yep|yup|ya|aye|sure|ok|okay|okey|right|correct|exactly|perfect|absolutely|definitely|certainly|"
    r"of course|go ahead|go for it|do that|please do|do it|do so|all right|alright|sounds good|sounds great|great|"
    r"lovely|brilliant|wonderful|super|fine|fab|spot on|that works|works|book it|book that|"
    r"confirm(?:ed)?|that'll do|you got it|got it|happy with that|good|cool|agreed|indeed|let's do (?:it|that))"
)
_NO = r"(?:no|nope|nah|no thanks|no thank you|not really|(?:i'd )?rather not|better not|(?:please )?don't|negative)"
_PLAIN_YES = re.compile(rf"(?:{_FILLER}\W+)*{_YES}(?:\W+(?:{_YES}|{_FILLER}))*", re.I)
_PLAIN_NO = re.compile(rf"(?:{_FILLER}\W+)*{_NO}(?:\W+(?:{_NO}|{_FILLER}))*", re.I)
_BEGINS = re.compile(
    rf"(?:{_FILLER}\W+)*(?:(?P<yes>yes|yeah|yep|yup|sure|of course|absolutely|definitely|certainly|correct|exactly|"
    r"right|fine|okay|ok|great|go ahead|please do|perfect)|no|nope|nah)\b",
    re.I,
)
_TAKES_BACK = re.compile(
    r"\b(?:but|except|only|unless|wait|hang on|hold on|actually|however|though|instead|change|make|rather|if|"
    r"what|when|how|"
    r"which|who|where|why|can|could|is|are|do|does|would|will)\b|(?<=\w )(?:no|not|nope)\b|n't\b",
    re.I,
)
_ONLY_THANKS = re.compile(r"(?:thanks|thank you|cheers|very much|so|\W)+", re.I)


def plain_answer(text: str) -> Literal["affirm", "deny"] | None:
    """Return what a text answers where it is nothing but that; None where it says more, or only thanks."""
    said = text.replace("\u2019", "'").strip(" .,!?;")
    if not said or _ONLY_THANKS.fullmatch(said):
        return None
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
