"""Cutting sound into windows that Whisper can take, and cutting what it repeats."""

from __future__ import annotations

import re

import numpy as np

from convai_rasa.audio import SAMPLE_RATE

LONGEST_WINDOW_S = 28.0  # Whisper sees 30 s at most, and each window ends with a second of silence
_SEARCH_S = 8.0  # the last part of a window, in which the quietest moment is looked for
_QUIET_S = 0.2  # length of a moment; shorter ones lie inside words

_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*\s*")
_NOT_WORD = re.compile(r"[^\w']+")


def split_at_quiet(samples: np.ndarray, *, longest_s: float = LONGEST_WINDOW_S) -> list[np.ndarray]:
    """Cut a recording at its quietest moments into parts that fit one window.

    Args:
        samples: float32 of shape (n,) at 16 kHz.
        longest_s: the longest part allowed, in seconds.

    Returns:
        The parts in order; joined they are exactly ``samples``.
    """
    longest = int(longest_s * SAMPLE_RATE)
    search = min(int(_SEARCH_S * SAMPLE_RATE), longest // 2)
    parts = []
    while len(samples) > longest:
        start = longest - search
        cut = start + _quietest(samples[start:longest])
        parts.append(samples[:cut])
        samples = samples[cut:]
    return [*parts, samples]


def _quietest(samples: np.ndarray) -> int:
    """Return the middle of the moment with the least energy."""
    length = min(int(_QUIET_S * SAMPLE_RATE), len(samples))
    energy = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    return int(np.argmin(energy[length:] - energy[:-length])) + length // 2


def cut_repeats(text: str) -> str:
    """Cut a text where it begins to repeat itself, as Whisper does when the sound ends before its window.

    A sentence of three words or more that was there before ends the text, and so does a beginning of one at the
    very end; shorter ones ("No. No.") may be said twice and are cut the third time.
    """
    seen: list[str] = []
    kept = ""
    for match in _SENTENCE.finditer(text):
        words = _NOT_WORD.sub(" ", match.group().lower()).strip()
        length = len(words.split())
        if seen.count(words) >= (1 if length >= 3 else 2):
            break
        unfinished = not match.group().rstrip().endswith((".", "!", "?", "…"))
        if unfinished and length >= 3 and any(sentence.startswith(words) for sentence in seen):
            break
        kept += match.group()
        seen.append(words)
    return kept.strip()
