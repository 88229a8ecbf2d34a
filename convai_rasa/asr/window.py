"""Cutting sound into windows that Whisper can take, and cutting what it repeats."""

from __future__ import annotations

import re

import numpy as np

from convai_rasa.audio import SAMPLE_RATE

LONGEST_WINDOW_S = 28.0  # Whisper sees 30 s at most, and each window ends with a second of silence
_SEARCH_S = 8.0  # the last part of a window, in which the quietest moment is looked for
_QUIET_S = 0.2  # length of a moment; shorter ones lie inside words

_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*\s*")
_ENDS = (".", "!", "?", "…")
_SHORT_UTTERANCE_S = 10.0
_SHORT_SENTENCE_S = 0.8  # nobody says a sentence, however short, and a pause in less
_LOOP = re.compile(
    r"\b(?:(?P<word>\w+)(?:\W+(?P=word)\b){7,}"  # one word, eight times
    r"|(?P<words>\w+(?:\W+\w+){1,5}?)(?:\W+(?P=words)\b){3,})",  # some words, four times running
    re.IGNORECASE,
)
_NOT_WORD = re.compile(r"[^\w']+")


def split_at_quiet(samples: np.ndarray) -> list[np.ndarray]:
    """Cut a recording, float32 of shape (n,) at 16 kHz, at its quietest moments into parts that fit one window."""
    longest = int(LONGEST_WINDOW_S * SAMPLE_RATE)
    start = longest - int(_SEARCH_S * SAMPLE_RATE)
    parts = []
    while len(samples) > longest:
        cut = start + _quietest(samples[start:longest])
        parts.append(samples[:cut])
        samples = samples[cut:]
    return [*parts, samples]


def _quietest(samples: np.ndarray) -> int:
    """Return the middle of the moment with the least energy."""
    length = int(_QUIET_S * SAMPLE_RATE)
    energy = np.concatenate([np.zeros(1), np.cumsum(samples.astype(np.float64) ** 2)])
    return int(np.argmin(energy[length:] - energy[:-length])) + length // 2


def loops(text: str) -> bool:
    """Whether some words of a text come four times running, or a single word eight times."""
    return _LOOP.search(text) is not None


def cut_repeats(text: str, speech_s: float) -> str:
    """Cut a text where it begins to repeat itself, as Whisper does when the sound ends before its window.

    Words that come four times running (eight times for a single word) are kept once, and the rest is cut. In a
    short utterance, whose window is mostly silence, a sentence of three words or more that was there before ends
    the text, and so does a beginning of one at the very end; shorter ones ("No. No.") may be said twice, if the
    speech is long enough for it. In a long utterance people do repeat themselves: there only an end that says
    nothing new is cut, and a repeated sentence that new ones follow is kept.
    """
    loop = _LOOP.search(text)
    if loop:
        text = text[: loop.start()] + (loop["words"] or loop["word"])
    sentences = [match.group() for match in _SENTENCE.finditer(text)]
    repeated: list[bool] = []
    seen: list[str] = []
    for sentence in sentences:
        words = _NOT_WORD.sub(" ", sentence.lower()).strip()
        repeated.append(_is_repeat(words, sentence, seen, speech_s))
        seen.append(words)
    kept = len(sentences)
    if speech_s <= _SHORT_UTTERANCE_S:
        kept = repeated.index(True) if True in repeated else kept
    else:
        # The limit on tokens stops a loop anywhere, and its last words may be spelled as none before.
        if repeated[-3:-1] == [True, True] and not sentences[-1].rstrip().endswith(_ENDS):
            kept -= 1
        while kept and repeated[kept - 1]:
            kept -= 1
    return "".join(sentences[:kept]).strip()


def _is_repeat(words: str, sentence: str, seen: list[str], speech_s: float) -> bool:
    length = len(words.split())
    may_be_said_twice = length < 3 and speech_s >= _SHORT_SENTENCE_S * (len(seen) + 1)
    if seen.count(words) >= (2 if may_be_said_twice else 1):
        return True
    unfinished = not sentence.rstrip().endswith(_ENDS)
    return unfinished and length >= 3 and any(earlier.startswith(words) for earlier in seen)
