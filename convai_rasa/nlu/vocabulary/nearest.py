"""Which of many sequences are nearest to one, by how many symbols have to be changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

_BUCKETS = 64  # symbols are counted by; several may share one, which lets more through and loses nothing
_COMPARED = 256  # sequences at a time, 0.5 ms; of more, those with the most symbols in common
_LONGEST = 60  # symbols; nothing longer is said as one value, and all are stored at the length of the longest
_NONE, _OTHER = -1, -2  # behind the end of a sequence; a symbol that none of them has
_WHOLE, _HALF = 2, 1  # a change, in halves
_ROUNDING = 1e-6  # of shares in 32 bits


class Nearest:
    """Finds sequences that differ from one in few symbols: missing, added, exchanged or swapped with the next."""

    def __init__(
        self, sequences: Sequence[Sequence[str]], alike: Callable[[str], bool] = lambda _symbol: False
    ) -> None:
        """Take the sequences to search in; those longer than 60 symbols, and empty ones, are never near.

        ``alike`` says of a symbol whether it is one of those that are half a change from each other, such as vowels.
        """
        self._alike = alike
        self._codes: dict[str, int] = {}
        kept = [sequence if len(sequence) <= _LONGEST else () for sequence in sequences]
        self._lengths = np.array([len(sequence) for sequence in kept], np.float32)
        self._symbols = np.full((len(kept), max(map(len, kept), default=0)), _NONE, np.int32)
        self._counts = np.zeros((_BUCKETS, len(kept)), np.uint8)
        for row, sequence in enumerate(kept):
            for place, symbol in enumerate(sequence):
                self._symbols[row, place] = self._codes.setdefault(symbol, len(self._codes))
                self._counts[self._bucket(symbol), row] += 1
        self._are_alike = np.isin(self._symbols, [code for symbol, code in self._codes.items() if alike(symbol)])

    def search(self, sequence: Sequence[str], within: float) -> dict[int, float]:
        """Return the places of near sequences, each with its distance: a share of the longer one's length, 0 to 1."""
        if not sequence or len(sequence) > _LONGEST or not len(self._lengths):
            return {}
        longer = np.maximum(self._lengths, np.float32(len(sequence)))
        shared = self._in_common(sequence) / longer
        rows = np.flatnonzero((shared >= 1 - within - _ROUNDING) & (self._lengths > 0))
        if len(rows) > _COMPARED:
            rows = rows[np.argpartition(-shared[rows], _COMPARED)[:_COMPARED]]
        distances = self._changes(sequence, rows) / longer[rows]
        return {int(row): float(far) for row, far in zip(rows, distances, strict=True) if far <= within + _ROUNDING}

    def _bucket(self, symbol: str) -> int:
        return 0 if self._alike(symbol) else 1 + self._codes[symbol] % (_BUCKETS - 1)

    def _in_common(self, sequence: Sequence[str]) -> np.ndarray:
        """Return how many symbols at most need no change, those alike counted as the same; of shape (n,)."""
        known = (symbol for symbol in sequence if symbol in self._codes or self._alike(symbol))
        shared = np.zeros(len(self._lengths), np.uint8)
        for bucket, times in Counter(map(self._bucket, known)).items():
            shared += np.minimum(self._counts[bucket], times)
        return shared

    def _changes(self, sequence: Sequence[str], rows: np.ndarray) -> np.ndarray:
        """Return the optimal string alignment distance of a sequence to each of those in ``rows``; of shape (n,)."""
        others, alike = self._symbols[rows], self._are_alike[rows]
        codes = [self._codes.get(symbol, _OTHER) for symbol in sequence]
        steps = np.arange(others.shape[1] + 1, dtype=np.int16) * _WHOLE
        before = last = np.broadcast_to(steps, (len(others), len(steps)))
        for place, code in enumerate(codes):
            same = others == code
            exchanged = np.where(alike & self._alike(sequence[place]), _HALF, _WHOLE) * ~same
            now = np.empty(last.shape, np.int16)
            now[:, 0] = (place + 1) * _WHOLE
            now[:, 1:] = np.minimum(last[:, :-1] + exchanged, last[:, 1:] + _WHOLE)
            if place:
                swapped = same[:, :-1] & (others[:, 1:] == codes[place - 1])
                now[:, 2:] = np.where(swapped, np.minimum(now[:, 2:], before[:, :-2] + _WHOLE), now[:, 2:])
            # What is added costs one a symbol: the least of all cells to the left, with the way from there.
            now = np.minimum.accumulate(now - steps, axis=1) + steps
            before, last = last, now
        return last[np.arange(len(others)), self._lengths[rows].astype(int)] / _WHOLE
