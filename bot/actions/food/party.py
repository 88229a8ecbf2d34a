"""Who of a party cannot eat what: "my sister can't do shellfish and I'm vegan, what could she have"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from phrases import Phrases

from . import WORDS

ME, SHE, HE, THEY = "me", "she", "he", "they"
SAID = Phrases(__file__, **{name: WORDS.alternatives(name) for name in ("anyone", "women", "men")})


@dataclass(frozen=True)
class Need:
    """What one of the party cannot eat.

    Attributes:
        who: ``ME``, ``SHE``, ``HE`` or ``THEY``, somebody who may be called any of these but ``ME``.
        notes: "nut allergy", "vegan diet".
        called: "mum", where that was said.
    """

    who: str
    notes: tuple[str, ...]
    called: str = ""


def needs_told(texts: Sequence[str], find_notes: Callable[[str], Sequence[str]]) -> list[Need]:
    """Return what was told of each person, in the order in which it was said.

    Args:
        texts: what the guest said, the latest last.
        find_notes: what reads "nut allergy" from words about somebody.
    """
    found = []
    for text in texts:
        lowered = text.lower().replace("\u2019", "'")
        mentions = list(SAID.people.finditer(lowered))
        ends = [*(mention.start() for mention in mentions[1:]), len(lowered)]
        for mention, end in zip(mentions, ends, strict=False):
            if notes := find_notes(lowered[mention.start() : end]):
                found.append(Need(_who(mention), tuple(notes), _called(mention)))
    return found


def needs_of(question: str, needs: Sequence[Need], noted: Sequence[str]) -> list[str]:
    """Return the notes that count for who is asked about: those told of that person, or else all of them.

    Args:
        question: "what could she have".
        needs: what was told of each.
        noted: everything noted, of whomever; what is no longer noted does not count.
    """
    lowered = question.lower().replace("\u2019", "'")
    mentions = list(SAID.people.finditer(lowered))
    if not mentions or SAID.all.search(lowered):
        return list(noted)
    who, called = _who(mentions[-1]), _called(mentions[-1])
    told = {note for need in needs for note in need.notes}
    theirs = {note for need in needs if called and need.called == called for note in need.notes}
    theirs = theirs or {note for need in needs if _may_be(who, need.who) for note in need.notes}
    kept = [note for note in noted if note in theirs or note not in told]
    return kept if theirs & set(noted) else list(noted)


def names_somebody(text: str) -> bool:
    """Say whether somebody is named or meant: "and for my wife?"."""
    return bool(SAID.people.search(text.lower()))


def without_people(text: str) -> str:
    """Return the words with somebody in the place of the people in them."""
    return SAID.all.sub("#", SAID.people.sub("somebody", text.lower()))


def _may_be(asked: str, told: str) -> bool:
    return asked == told or (THEY in (asked, told) and ME not in (asked, told))


def _called(mention: re.Match[str]) -> str:
    noun = next((name for name in (mention["woman"], mention["man"], mention["other"]) if name), "")
    noun = noun.removesuffix("'s")
    return "" if noun in ("he", "him", "she", "her", "they", "one") else noun


def _who(mention: re.Match[str]) -> str:
    if mention["woman"]:
        return SHE
    if mention["man"]:
        return HE
    return ME if SAID.self.fullmatch(mention["other"].strip()) else THEY
