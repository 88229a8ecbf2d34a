"""Other readings of what was heard: when they are worth the time, and which of them say something else."""

from __future__ import annotations

from collections.abc import Iterable

from convai_rasa.asr.recognizer import Alternative, Expected
from convai_rasa.languages import words_of

READINGS = 5  # hypotheses of the beam; of orders in noise the right one is hardly ever behind them
SURE = -0.12  # mean log-probability of a token; above it, in words the bot knows, nothing is looked for


def is_doubtful(text: str, log_probability: float, expected: Expected | None) -> bool:
    """Say whether a first reading, with this mean over its tokens, is so doubtful that others are worth looking for."""
    if expected is None or not text:  # nobody wants alternatives, or there are none
        return False
    return log_probability < SURE or bool(unknown_words(text, expected.words))


def unknown_words(text: str, known: frozenset[str]) -> list[str]:
    """Return the words of a text that the bot does not know, figures left out; none where nothing is known."""
    if not known:
        return []
    # "I'd" is known where "I" and "d" are: not everybody who lists words keeps them together.
    parts = (part for word in words_of(text) if word not in known for part in word.split("'"))
    return [part for part in parts if part and part not in known and not part.isdecimal()]


def other_readings(first: str, readings: Iterable[Alternative]) -> tuple[Alternative, ...]:
    """Return the readings whose words differ from those of the first and of each other, the likeliest first."""
    seen = {tuple(words_of(first)), ()}
    others = []
    for reading in sorted(readings, key=lambda reading: -reading.log_probability):
        words = tuple(words_of(reading.text))
        if words not in seen:
            seen.add(words)
            others.append(reading)
    return tuple(others)
