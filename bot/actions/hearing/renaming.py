"""A name that takes the place of another: "not Baker, Barker", "Cooper with a K", "use Sophie instead"."""

from __future__ import annotations

import re

from phrases import Phrases

from convai_rasa.capture import Captured, repair

from .names import CORRECTING, PUT_DOWN, SOMEBODYS, WRITTEN, alike, plausible
from .yes_no import is_plain_answer

_SHORT = 2  # letters; "an" corrects no Dean
SAID = Phrases(__file__)
_SAME_SOUND = {"c": "k", "k": "c", "y": "i", "i": "y", "z": "s", "s": "z", "v": "w", "w": "v"}


def told_instead(text: str, noted: str) -> str | None:
    """Return the name that takes the noted one's place where both are told, or one letter of it."""
    return _other_than(text, noted) or _respelled(text, noted)


def meant_name(text: str, noted: str) -> str | None:
    """Return the name that takes the place of another and is said to: "I meant Anna", "no, Johnston with a T"."""
    text = re.sub(r"(?:,?\s+(?:please|thanks|thank you))+\W*$", "", text.strip(), flags=re.I)
    text = SAID.said.sub("", text)
    leads = (match for lead in (SAID.meant, SOMEBODYS, PUT_DOWN) if (match := lead.search(text)))
    told = (
        plausible(
            text[match.end("name") - len(match["name"]) :] if "name" in match.re.groupindex else text[match.end() :],
            asked=True,
        )
        for match in leads
    )
    found = next((name for name in told if name), None)
    if found is not None or is_plain_answer(text):
        return found
    ending = SAID.ends_with.search(text)
    if ending:
        return f"{noted}{ending['letter'].lower()}"
    letters = repair(Captured(noted, "name", False), SAID.at_the_end.sub("", text))  # "two n's", "without the e"
    if letters is not None and letters.spelled and letters.value != noted and alike(letters.value, noted):
        return letters.value
    bare = CORRECTING.sub("", text).strip(" *!.,")
    written = WRITTEN.sub("", re.sub(r"^with an? [a-z] (?=[^\W\d_]{2})", "", bare, flags=re.I))
    found = plausible(written, asked=True)
    return found if found and (alike(found, noted) or written != bare) else None


def sounds_like(name: str, noted: str) -> bool:
    """Say whether a name can only correct the one that was noted: "O'Hare" where "O'Hara" was understood."""
    return name != noted and alike(name.split()[-1], noted.split()[-1])


def in_place_of(text: str, noted: str) -> str | None:
    """Return the name that sounds like the noted one and is not it: "not Baker, Barker", "it's Barker not Baker"."""
    if not re.search(rf"\b(?:{re.escape(noted)}|{re.escape(noted.split()[-1])})\b", text, re.I):
        return None
    rest = re.sub(rf"\b(?:{re.escape(noted)}|{re.escape(noted.split()[-1])})\b", "#", text, flags=re.I)
    words = [word for word in re.findall(r"#|[^\W\d_]{2,}(?:[-'][^\W\d_]+)*", WRITTEN.sub("", rest))]
    near = [word for word in words if len(word) > _SHORT and alike(word, noted.split()[-1])]
    if not near:
        return None
    first = " ".join(noted.split()[:-1])
    wanted = [word for word in near if not re.search(rf"\bnot {re.escape(word)}\b", rest, re.I)]
    if not wanted:
        return noted  # "not Gallacher, Gallagher": as it was noted
    return f"{first} {wanted[-1].capitalize()}".strip()


def _other_than(text: str, noted: str) -> str | None:
    """Return the name that is told beside the noted one: "use Sophie instead of Baker", "change Baker to Klein"."""
    old = rf"(?:{re.escape(noted)}|{re.escape(noted.split()[-1])})"
    patterns = (
        rf"\b(?:change|replace|swap) {old} (?:to|with|for|by) (?P<name>[^\W\d_].*)",
        rf"(?:\b(?:use|put|take|say|make it|under|it's) )?(?P<name>\S+(?: \S+)?) (?:instead of|rather than|and not|"
        rf"not) {old}\b",
    )
    found = next((match for pattern in patterns if (match := re.search(pattern, text, re.I))), None)
    if found:
        return plausible(re.sub(r"^(?:use|put|take|it|under|as) ", "", found["name"], flags=re.I), asked=True)
    whole = re.fullmatch(
        rf"\W*(?:it's |that's )?(?P<first>[^\W\d_]+) (?P<last>{old})(?: (?:actually|please|i said))?\W*", text, re.I
    )
    first = plausible(whole["first"], asked=True) if whole else None
    return f"{first} {noted.split()[-1]}" if first else None


def _respelled(text: str, noted: str) -> str | None:
    """Return the name with one letter put right: "with a c please, not a k" makes Catherine of Katherine."""
    said = SAID.letter.match(
        re.sub(rf"\b(?:{re.escape(noted)}|{re.escape(noted.split()[-1])})\b", " ", text, flags=re.I)
    )
    if said is None or not (said["old"] or re.search(r"\bwith (?:an? )?[a-z]\b", text, re.I)):
        return None
    new = said["new"].lower()
    old = (said["old"] or _SAME_SOUND.get(new, "")).lower()
    rest = re.sub(r"(?:,?\s+(?:please|thanks|thank you))+\W*$", "", said["rest"], flags=re.I).strip(" .,!")
    if rest:
        name = plausible(rest, asked=True)
        return name if name and new in name.casefold() and alike(name.split()[-1], noted.split()[-1]) else None
    if not old or noted.casefold().count(old) != 1 or (said["old"] is None and new in noted.casefold()):
        return None
    place = noted.casefold().index(old)
    return f"{noted[:place]}{new.upper() if noted[place].isupper() else new}{noted[place + 1 :]}"
