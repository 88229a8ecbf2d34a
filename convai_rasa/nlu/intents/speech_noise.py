"""Make English training sentences look like what a speech recognizer writes down.

A recognizer gives words: often without case and punctuation, numbers spelled out, the wrong one of two words that
sound alike, and short unstressed words missing. A classifier that has seen this loses less on transcripts.
"""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Sequence

import numpy as np

from convai_rasa.data_files import read_yaml
from convai_rasa.errors import require

CONFUSION_RATE = 0.3  # of the words that have a sound-alike
DROP_RATE = 0.15  # of the unstressed function words
LONGEST_NUMBER = 4  # digits; longer ones are read digit by digit, as telephone numbers are

_WORDS = read_yaml(Path(__file__).with_suffix(".yml"))
_DROPPED = frozenset(_WORDS["dropped"].split())
_SYMBOLS = {"%": " percent", "&": " and ", "@": " at ", "+": " plus ", "#": " number "}
_CURRENCIES = {"$": "dollars", "£": "pounds", "€": "euros"}
_DIGITS = r"(\d+(?:,\d{3})*(?:\.\d+)?)"
_AMOUNT = re.compile(rf"([$£€])\s?{_DIGITS}")
_NUMBER = re.compile(rf"{_DIGITS}(st|nd|rd|th)?")


def _sound_alikes() -> dict[str, list[str]]:
    groups = [group.split() for group in _WORDS["sound alike"].split("|")]
    alike: dict[str, set[str]] = {}
    for group in groups:
        for word in group:
            alike.setdefault(word, set()).update(group)
    return {word: sorted(others - {word}) for word, others in alike.items()}


_ALIKE = _sound_alikes()


def add_speech_noise(
    texts: Sequence[str], classes: np.ndarray, *, share: float, seed: int
) -> tuple[list[str], np.ndarray]:
    """Return English examples followed by noisy copies of a share of them, and the class of each.

    A copy that comes out as the example was is left out. The same seed gives the same copies.
    """
    chance = random.Random(seed)
    chosen = sorted(chance.sample(range(len(texts)), round(share * len(texts))))
    copies = [(as_recognised(texts[index], chance), index) for index in chosen]
    kept = [(copy, index) for copy, index in copies if copy and copy != texts[index]]
    added = np.array([classes[index] for _, index in kept], dtype=classes.dtype)
    return [*texts, *(copy for copy, _ in kept)], np.concatenate([classes, added])


def as_recognised(text: str, chance: random.Random) -> str:
    """Return a text as a recognizer might hear it: ``plain_words`` with some words confused and some dropped."""
    words = plain_words(text).split()
    heard = [chance.choice(_ALIKE[word]) if _hits(word in _ALIKE, CONFUSION_RATE, chance) else word for word in words]
    left = [now for before, now in zip(words, heard, strict=True) if not _hits(before in _DROPPED, DROP_RATE, chance)]
    return " ".join(left or heard)


def plain_words(text: str) -> str:
    """Return a text in lower case, without punctuation, numbers and signs spelled out.

    Raises:
        MissingExtra: num2words is not installed.
    """
    plain = text.lower().replace("’", "'")
    plain = _AMOUNT.sub(lambda match: f"{match[2]} {_CURRENCIES[match[1]]}", plain)
    for sign, word in _SYMBOLS.items():
        plain = plain.replace(sign, word)
    plain = _NUMBER.sub(lambda match: f" {_spoken(match[1], ordinal=bool(match[2]))} ", plain)
    plain = re.sub(r"(?<!\w)'|'(?!\w)|[^\w\s']|_", " ", plain)
    return " ".join(plain.split())


def _spoken(digits: str, *, ordinal: bool) -> str:
    num2words = require("num2words", extra="nlu").num2words
    number = digits.replace(",", "")
    if "," not in digits and len(number.partition(".")[0]) > LONGEST_NUMBER:
        return " ".join(str(num2words(int(digit))) if digit != "." else "point" for digit in number)
    if "." in number:
        return str(num2words(float(number)))
    return str(num2words(int(number), to="ordinal" if ordinal else "cardinal"))


def _hits(applies: bool, rate: float, chance: random.Random) -> bool:
    return applies and chance.random() < rate
