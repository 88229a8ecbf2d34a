"""One turn of asking for a value: it is read, read back, repaired, asked for again, or left out.

A pure function of what is known and what was said, so that any form can use it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from convai_rasa.capture.aloud import aloud
from convai_rasa.capture.repairs import repair
from convai_rasa.capture.said_value import ON_KEYS, Captured, read, spelling_in
from convai_rasa.capture.tokens import split
from convai_rasa.languages import Spelling

FAILURES = 2  # after so many another way is offered
_GIVEN_UP = 4  # after so many the value is left out

Read = Callable[[str, str, str], "Captured | None"]  # kind, text, language


@dataclass(frozen=True)
class Asking:
    """How far the asking for one slot's value is.

    Attributes:
        slot: whose value.
        heard: what was read back, if anything was.
        spelled: whether it was spelled.
        failures: how often the person was not understood, or corrected what was read back.
        say: what the bot says next; empty: its first question.
    """

    slot: str
    heard: str = ""
    spelled: bool = False
    failures: int = 0
    say: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return what a slot of a tracker can hold."""
        return dict(vars(self))

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None, slot: str) -> Asking:
        """Return what was kept for a slot; the beginning where it was for another, or nothing."""
        if not isinstance(kept, Mapping) or kept.get("slot") != slot:
            return cls(slot)
        return cls(**{key: kept[key] for key in cls.__dataclass_fields__ if key in kept})


@dataclass(frozen=True)
class Taken:
    """What a turn has led to.

    Attributes:
        asking: what is known now.
        value: agreed on; None while it is not.
        left_out: whether the person does not give it.
    """

    asking: Asking
    value: str | None = None
    left_out: bool = False


def take(
    asking: Asking, kind: str, text: str, *, language: str = "en", exact: bool = False, reading: Read | None = None
) -> Taken:
    """Take what somebody said to a question for a value of one of ``KINDS``, or to a value that was read back.

    Args:
        exact: whether it was typed or pressed, so that it need not be read back.
        reading: reads kinds that need more than words and letters, dates above all.
    """
    spelling = spelling_in(language)
    words = [token.low for token in split(text)]
    if _made_of(words, "leave_out", spelling):
        return Taken(replace(asking, say=spelling.sentences["left_out"]), left_out=True)
    heard = Captured(asking.heard, kind, asking.spelled) if asking.heard else None
    if heard is not None:
        taken = _answered(asking, heard, words, language)
        if taken is not None:
            return taken
    if heard is not None and kind != "date":
        found = repair(heard, text, language=language)
    else:
        found = reading(kind, text, language) if reading is not None else read(kind, text, language=language)
    if found is None:
        return _failed(asking, kind, spelling)
    if heard is None:
        return _agreed(asking, found.value) if exact else _read_back(asking, found, language)
    refused, agreed = (bool(spelling.at(role, words, 0)) for role in ("wrong", "right"))
    if (found.value == heard.value and not refused) or (agreed and not found.spelled):
        return _agreed(asking, heard.value)
    return _read_back(replace(asking, failures=asking.failures + 1), found, language)


def _answered(asking: Asking, heard: Captured, words: list[str], language: str) -> Taken | None:
    """Take an answer to a value that was read back; None where more was said than an answer."""
    spelling = spelling_in(language)
    if _made_of(words, "right", spelling):
        return _agreed(asking, heard.value)
    if _made_of(words, "say_words", spelling):
        return Taken(replace(asking, say=_question(heard, language, with_words=True)))
    if _made_of(words, "say_again", spelling):
        return Taken(asking)
    return _failed(asking, heard.kind, spelling) if _made_of(words, "wrong", spelling) else None


def _agreed(asking: Asking, value: str) -> Taken:
    return Taken(replace(asking, heard="", say=""), value)


def _read_back(asking: Asking, found: Captured, language: str) -> Taken:
    say = _question(found, language, with_words=False)
    return Taken(replace(asking, heard=found.value, spelled=found.spelled, say=say))


def _question(found: Captured, language: str, *, with_words: bool) -> str:
    value = aloud(found, language=language, with_words=with_words)
    return spelling_in(language).sentences["confirm"].format(value=value)


def _failed(asking: Asking, kind: str, spelling: Spelling) -> Taken:
    failures = asking.failures + 1
    asking = Asking(asking.slot, failures=failures)
    if failures >= _GIVEN_UP:
        return Taken(replace(asking, say=spelling.sentences["left_out"]), left_out=True)
    if failures >= FAILURES:
        say = spelling.sentences["other_keys" if kind in ON_KEYS else "other"]
    else:
        say = spelling.sentences[{"date": "again", "phone": "again_digits"}.get(kind, "again_words")]
    return Taken(replace(asking, say=say.format(example=spelling.sentences.get("example", ""))))


def _made_of(words: list[str], role: str, spelling: Spelling) -> bool:
    """Whether words are phrases of a role, with a "please" or "thanks" around them, and nothing else."""
    place, found = 0, False
    while place < len(words):
        length = spelling.at(role, words, place)
        found = found or length > 0
        length = length or spelling.at("after", words, place)
        if not length:
            return False
        place += length
    return found
