"""What helps to hear a value: text in its style for the recognizer, and whether more of it has to follow."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Protocol, TypeVar

from convai_rasa.capture.by_words import says_words
from convai_rasa.capture.pieces import Sort
from convai_rasa.capture.said_value import ON_KEYS, known_spelling, read, spelling_in
from convai_rasa.capture.settling import pieces_of
from convai_rasa.capture.tokens import split

_USUAL_PHONE = 10  # digits; fewer may go on
_STYLES = {
    "phone": "digits",
    "number": "letters digits words",
    "postcode": "letters digits words",
    "spelled": "letters words",
    "email": "email email_words",
    "name": "letters words",
}
_OPEN_ENDS = frozenset({Sort.SIGN, Sort.AGAIN})


class Heard(Protocol):
    """What a recognizer heard."""

    @property
    def text(self) -> str:
        """The words."""

    @property
    def confidence(self) -> float:
        """In [0, 1]."""


HeardT = TypeVar("HeardT", bound=Heard)


def prompts(kind: str, language: str | None) -> tuple[str, ...]:
    """Return texts in the styles in which a value may be said; whoever recognizes it tries each of them.

    Whisper writes letters in the style of its prompt: "K-O-W-A", or "K as in Kilo". In the wrong one it writes neither.
    Empty for a kind that is said in sentences, and in languages whose file has none.
    """
    spelling = known_spelling(language)
    sentences = spelling.sentences if spelling else {}
    keys = (f"hear_{style}" for style in _STYLES.get(kind, "").split())
    return tuple(sentences[key] for key in keys if key in sentences)


def likeliest(kind: str, heard: Sequence[HeardT], language: str | None, plain: HeardT | None = None) -> HeardT | None:
    """Return the one of several hearings of the same sound that is believed: the surest of those that say a value.

    ``heard`` is what each style of prompt has led to, ``plain`` what another prompt has: a value that was not spelled
    there was only said, and is believed, since a recognizer that is shown letters makes some of any short word.

    Returns:
        The surest with a value, and before others one that is spelled with words, which no recognizer invents; or else
        the surest with letters or digits; None where none has any.
    """
    with_value = [one for one in heard if read(kind, one.text, language=language or "en")]
    spelling = spelling_in(language)
    with_words = [one for one in with_value if says_words(split(one.text), spelling)]
    if plain is not None and not with_words:
        said = read(kind, plain.text, language=language or "en")
        if said is not None and not said.spelled:
            return plain
    some = with_words or with_value or [one for one in heard if progress(kind, one.text, language) is not None]
    return max(some, key=lambda one: one.confidence, default=None)


class Progress(Enum):
    """How far a value is said."""

    OPEN = "open"  # more has to follow
    MAY_GO_ON = "may go on"
    DONE = "done"


def progress(kind: str, text: str, language: str | None) -> Progress | None:
    """Return how far a value of a kind is said; None where the words, which are those so far, say nothing of it."""
    spelling = known_spelling(language)
    if kind == "date" or spelling is None:
        return None
    pieces = [piece for piece in pieces_of(split(text), spelling, codes=kind in ON_KEYS) if piece.said]
    if not pieces:
        return None
    value = read(kind, text, language=language or "en")
    if value is None:
        one_by_one = any(piece.sort in (Sort.LETTER, Sort.DIGIT) for piece in pieces)
        return Progress.OPEN if one_by_one or pieces[-1].sort in _OPEN_ENDS else None
    if kind == "phone":
        return Progress.OPEN if len(value.value.lstrip("+")) < _USUAL_PHONE else Progress.DONE
    if kind == "email":
        return Progress.OPEN if pieces[-1].sort in _OPEN_ENDS else Progress.DONE
    return Progress.MAY_GO_ON if value.spelled else Progress.DONE
