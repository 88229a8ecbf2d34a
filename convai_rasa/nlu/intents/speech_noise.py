"""Make English training sentences look like what a speech recognizer writes down.

A recognizer gives words: often without case and punctuation, numbers spelled out, the wrong one of two words that
sound alike, and short unstressed words missing. A classifier that has seen this loses less on transcripts.
"""

from __future__ import annotations

import random
import re
from typing import Sequence

import numpy as np

from convai_rasa.errors import require

CONFUSION_RATE = 0.3  # of the words that have a sound-alike
DROP_RATE = 0.15  # of the unstressed function words
LONGEST_NUMBER = 4  # digits; longer ones are read digit by digit, as telephone numbers are

# Words of one line sound alike in most accents of English, the last few lines nearly so.
_SOUND_ALIKE = """
to too two|for four|there their they're|your you're|no know|right write|here hear|by buy bye|ate eight|won one|
see sea|week weak|our hour|meet meat|flower flour|whole hole|wait weight|pair pear|mail male|sale sail|cash cache|
check cheque|through threw|would wood|new knew|roll role|plain plane|fare fair|seen scene|piece peace|break brake|
great grate|night knight|sun son|red read|allowed aloud|board bored|sell cell|sent cent scent|course coarse|
dear deer|find fined|its it's|main mane|made maid|past passed|poor pour|rain reign|road rode|route root|some sum|
stare stair|steel steal|tail tale|waste waist|way weigh|where wear|which witch|whose who's|weather whether|
higher hire|let's lets|i'll aisle|we'll wheel|change chains|want won't|than then|an and|is his|of off|this these|
four fore|card cart|order border|bill build|fee feed|lost last|live leave|fill feel|rate raid|price prize
"""
_FUNCTION_WORDS = "a an the to of is are am do i it my me be at in on and some please"
_DROPPED = frozenset(_FUNCTION_WORDS.split())
_SYMBOLS = {"%": " percent", "&": " and ", "@": " at ", "+": " plus ", "#": " number "}
_CURRENCIES = {"$": "dollars", "£": "pounds", "€": "euros"}
_DIGITS = r"(\d+(?:,\d{3})*(?:\.\d+)?)"
_AMOUNT = re.compile(rf"([$£€])\s?{_DIGITS}")
_NUMBER = re.compile(rf"{_DIGITS}(st|nd|rd|th)?")


def _sound_alikes() -> dict[str, list[str]]:
    groups = [group.split() for group in _SOUND_ALIKE.replace("\n", "").split("|")]
    words = {word for group in groups for word in group}
    alike = {word: sorted({other for group in groups if word in group for other in group}) for word in words}
    return {word: [other for other in others if other != word] for word, others in alike.items()}


_ALIKE = _sound_alikes()


def add_speech_noise(
    texts: Sequence[str], classes: np.ndarray, *, share: float, seed: int
) -> tuple[list[str], np.ndarray]:
    """Add noisy copies of some examples to them.

    Args:
        texts: the examples, in English.
        classes: of each, shape (texts,).
        share: of the examples that get a copy; one that comes out as it was is not repeated.
        seed: the same seed gives the same copies.

    Returns:
        The examples followed by the copies, and the class of each.
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
