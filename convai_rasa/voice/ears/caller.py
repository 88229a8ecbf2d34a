"""Tells one caller's speech from that of people behind them, by what is learnt of how loud both are.

A voice detector takes the next table for speech, too, and what it says is understood and mixed into the turn. Whoever
holds the microphone is louder. So an utterance is cut to the interval in which the level speaks for the caller, and
what was cut away on both sides shows how loud the others are: from then on, sound that is no louder than they were
neither begins a turn nor holds one open. Where nobody else has been heard nothing is done, however softly the caller
speaks.

The constants come from orders by the project's own voice with others behind it. Of the recordings that
``benchmarks/orders.py`` counts only the clean ones had a part in it: none of them may be cut.
"""

from __future__ import annotations

import collections
import math
from typing import Deque, Optional, Sequence, Tuple

import numpy as np

_SMOOTHED = 7  # frames, 224 ms: a syllable; the levels of single frames overlap far more
_LOUD_FRAMES = 10  # 320 ms in all: a knock is shorter, the shortest order is not
_CORE_DB = 6.0  # below the caller's loud frames: babble 12 dB below speech seldom comes so near
_AWAY_FRAMES = 10  # beyond the core, where the caller's own soft ends may still be
_NEXT_TO_FRAMES = 3  # the reach of the smoothing
_OTHERS_FRAMES = 32  # 1 s of speech as weak as that; of 62 clean recordings none has so much of the caller's own
_KNOWN_OTHERS_FRAMES = 8  # once they have been heard before
_APART_DB = 5.0  # between the caller and the others
_APART_WITH_GAPS_DB = 12.0  # where they fall silent in between: it might be the caller's own soft words
_TALKING = 0.6  # share of the frames; people in a full room hardly ever fall silent all at once
_QUIET_DB = 15.0  # below the others' level: silence, of which a full room has less than one frame in ten
_TOWARDS_CALLER = 0.35  # place of the limit between the others' level and the caller's; soft last words are costly
_SOFTEST = -0.5  # what a frame without sound speaks against the caller, where a loud one speaks for them with 1
_ROUNDS = 4  # the interval and the two levels depend on each other; two or three do
_LEAD_FRAMES = 6  # 192 ms kept before the caller's part
_TAIL_FRAMES = 8  # 256 ms kept after it

_LOOKED_EVERY = 16  # frames of a turn, half a second
_OVER_OTHERS_DB = 3.0  # louder than nine in ten of their frames by so much, and it is the caller
_BELOW_CALLER_DB = 5.0  # whatever is nearer to the caller's level is theirs
_WAY_BACK_FRAMES = 250  # 8 s of speech taken for the others': perhaps the caller has moved away
_GONE_FRAMES = 625  # 20 s without the others

Span = Tuple[int, int]


class Caller:
    """Follows the levels of one caller and of those behind them; time is the frames it was shown."""

    def __init__(self, threshold: float = 0.5) -> None:
        self._threshold = threshold
        self._powers: Deque[float] = collections.deque(maxlen=_SMOOTHED)
        self._kept_out = 0  # frames of speech since the caller's last
        self._without_others = 0
        # Of speech, in dB of full scale as ``NoiseFloor.level_db``; None while others are unknown.
        self.level_db: Optional[float] = None
        self.others_db: Optional[float] = None

    def probability(self, level_db: float, probability: float) -> float:
        """Return the probability to go by: that of the next frame, or less than the threshold for speech of others."""
        self._powers.append(10 ** (level_db / 10))
        if self.others_db is None or self.level_db is None:
            return probability
        smoothed_db = 10 * math.log10(sum(self._powers) / len(self._powers) + 1e-12)
        needed_db = min(self.others_db + _OVER_OTHERS_DB, self.level_db - _BELOW_CALLER_DB)
        spoken = probability >= self._threshold
        weak = spoken and smoothed_db < needed_db
        self._without_others = 0 if weak else self._without_others + 1
        self._kept_out += weak
        if spoken and smoothed_db >= self.level_db - _CORE_DB:
            self._kept_out = 0
        if self._kept_out >= _WAY_BACK_FRAMES or self._without_others >= _GONE_FRAMES:
            self.forget()
            return probability
        return min(probability, math.nextafter(self._threshold, 0.0)) * 0.5 if weak else probability

    def part(self, levels_db: Sequence[float], spoken: Sequence[bool]) -> Optional[Span]:
        """Return the first frame of an utterance that is the caller's, and the one after the last; learn from it.

        ``spoken`` is whether a frame holds anybody's speech. None where nobody else is heard; margins are included.
        """
        speech = np.asarray(spoken, bool)
        if np.count_nonzero(speech) < _LOUD_FRAMES:
            return None
        smoothed_db = _smoothed(levels_db)
        found = _caller_part(smoothed_db, speech, _OTHERS_FRAMES if self.others_db is None else _KNOWN_OTHERS_FRAMES)
        if found is None:
            return None
        first, end = found
        self.level_db = float(np.sort(smoothed_db[first:end])[-min(_LOUD_FRAMES, end - first)])
        self.others_db = float(np.percentile(smoothed_db[_beyond(speech, first, end, _NEXT_TO_FRAMES)], 90))
        self._without_others = 0
        return max(0, first - _LEAD_FRAMES), min(len(speech), end + _TAIL_FRAMES)

    def looks(self, frames: int) -> bool:
        """Whether it is worth looking for others in an utterance that has now so many frames."""
        return self.others_db is None and frames % _LOOKED_EVERY == 0

    def forget(self) -> None:
        """Take everybody for the caller again, until others are heard beside them."""
        self.level_db = self.others_db = None
        self._kept_out = self._without_others = 0


def _caller_part(smoothed_db: np.ndarray, speech: np.ndarray, others_frames: int) -> Optional[Span]:
    """Return the interval that is the caller's, without margins; None where too little is somebody else's.

    The interval with the largest sum of what its frames speak for the caller (Bentley's maximum subarray), between two
    levels that it decides itself, from the loudest frames outwards.
    """
    loud_db = np.sort(smoothed_db[speech])[-_LOUD_FRAMES]
    core = np.flatnonzero(speech & (smoothed_db >= loud_db - _CORE_DB))
    found, away = (int(core[0]), int(core[-1]) + 1), _AWAY_FRAMES
    for _ in range(_ROUNDS):
        levels_db = _two_levels(smoothed_db, speech, found, away, others_frames)
        if levels_db is None:
            return None
        others_db, caller_db = levels_db
        limit_db = others_db + _TOWARDS_CALLER * (caller_db - others_db)
        best = _largest_sum(np.clip((smoothed_db - limit_db) / (caller_db - limit_db), _SOFTEST, 1.0))
        if best == found and away == _NEXT_TO_FRAMES:
            return found
        found, away = best, _NEXT_TO_FRAMES
    return found if _two_levels(smoothed_db, speech, found, away, others_frames) is not None else None


def _two_levels(
    smoothed_db: np.ndarray, speech: np.ndarray, found: Span, away: int, others_frames: int
) -> Optional[Tuple[float, float]]:
    """Return the level of the others and that of the caller; None where there is no telling them apart."""
    first, end = found
    beyond = _beyond(speech, first, end, away)
    inside = smoothed_db[first:end][speech[first:end]]
    if np.count_nonzero(beyond) < others_frames or not len(inside):
        return None
    others_db, caller_db = float(np.median(smoothed_db[beyond])), float(np.percentile(inside, 60))
    outside = _beyond(np.ones(len(speech), bool), first, end, _NEXT_TO_FRAMES)
    talking = np.mean(speech[outside]) >= _TALKING
    quiet = np.percentile(smoothed_db[outside], 10) < others_db - _QUIET_DB
    needed_db = _APART_DB if talking and not quiet else _APART_WITH_GAPS_DB
    return (others_db, caller_db) if caller_db - others_db >= needed_db else None


def _beyond(speech: np.ndarray, first: int, end: int, away: int) -> np.ndarray:
    """Return which frames of speech lie outside an interval, so far away at least."""
    beyond = speech.copy()
    beyond[max(0, first - away) : end + away] = False
    return beyond


def _largest_sum(scores: np.ndarray) -> Span:
    sums = np.concatenate([[0.0], np.cumsum(scores)])
    end = int(np.argmax(sums - np.minimum.accumulate(sums)))
    return int(np.argmin(sums[: end + 1])), end


def _smoothed(levels_db: Sequence[float]) -> np.ndarray:
    """Return the mean level around each frame in dB, float64 of shape (n,)."""
    powers = 10 ** (np.asarray(levels_db, float) / 10)
    window = np.ones(_SMOOTHED)
    sums, counts = np.convolve(powers, window, "same"), np.convolve(np.ones(len(powers)), window, "same")
    return 10 * np.log10(sums / counts + 1e-12)
