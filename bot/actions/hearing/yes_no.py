"""Whether words are nothing but a yes or a no: "yes now it's right", "lovely, thanks", "nope"."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from phrases import Phrases, read_tables

_TABLES = read_tables(Path(__file__).with_name("yes_no.yml"))
_YES, _NO, _FILLER = (
    f"(?:{'|'.join(sorted(re.split(r', +', _TABLES[table].strip()), key=len, reverse=True))})"
    for table in ("yes", "no", "filler")
)
SAID = Phrases(__file__, filler=_FILLER, yes=_YES, no=_NO)


def plain_answer(text: str) -> Literal["affirm", "deny"] | None:
    """Return what a text answers where it is nothing but that; None where it says more, or only thanks."""
    said = SAID.a_moment.sub("", text.replace("\u2019", "'").strip(" .,!?;"))
    if not said or SAID.only_thanks.fullmatch(said):
        return None
    if SAID.no_means_yes.fullmatch(said) and not SAID.takes_back.search(said.split(" ", 1)[-1].replace("no ", "")):
        return "affirm"
    if SAID.plain_no.fullmatch(said):
        return "deny"
    return "affirm" if SAID.plain_yes.fullmatch(said) else None


def is_plain_answer(text: str) -> bool:
    """Say whether a text is nothing but a yes or a no."""
    return plain_answer(text) is not None


def begins_with_answer(text: str) -> Literal["affirm", "deny"] | None:
    """Return the yes or no that a text begins with and does not take back: "yes please take it out"."""
    said = text.replace("\u2019", "'").strip(" .,!?;")
    if "?" in text or SAID.takes_back.search(said):
        return None
    found = SAID.begins.match(said)
    return None if found is None else "affirm" if found["yes"] else "deny"
