"""How the bot's own training sentences end: which words are followed by more, and which are the last.

A small back-off model over the last words: the longest ending known decides, smoothed with the shorter ones.
"""

from __future__ import annotations

import collections
from typing import Counter, FrozenSet, Iterable, List, Optional, Tuple

from convai_rasa.languages import words_of

_LONGEST = 3  # words looked at
_WEIGHT = 3.0  # sightings that the shorter ending counts as
_FEW = 3  # sightings of the last word below which nothing is known


class PhraseEnds:
    """Counts endings.

    Args:
        phrases: the bot's training sentences; without any, nothing is ever known.
        words: that the bot knows besides, in lower case: those of its values.
    """

    def __init__(self, phrases: Iterable[str] = (), words: Iterable[str] = ()) -> None:
        self._seen: Counter[Tuple[str, ...]] = collections.Counter()
        self._last: Counter[Tuple[str, ...]] = collections.Counter()
        for phrase in phrases:
            said = _words(phrase)
            for end in range(1, len(said) + 1):
                for length in range(1, min(_LONGEST, end) + 1):
                    ending = tuple(said[end - length : end])
                    self._seen[ending] += 1
                    self._last[ending] += end == len(said)
        # All words, in lower case. Without those of values nobody judges readings, and others would only cost time.
        self.words: FrozenSet[str] = frozenset(words)
        if self.words:
            self.words |= {ending[0] for ending in self._seen if len(ending) == 1}

    def share(self, text: str) -> Optional[float]:
        """Return the share of times, in [0, 1], that these last words ended a sentence; None if they are unknown."""
        words = _words(text)
        share: Optional[float] = None
        for length in range(1, min(_LONGEST, len(words)) + 1):
            ending = tuple(words[-length:])
            seen = self._seen[ending]
            if share is None:
                if seen < _FEW:
                    return None
                share = self._last[ending] / seen
            elif seen == 0:
                break
            else:
                share = (self._last[ending] + _WEIGHT * share) / (seen + _WEIGHT)
        return share


def _words(text: str) -> List[str]:
    # One number is as good as another.
    return ["0" if word.isdigit() else word for word in words_of(text)]
