"""The bot's replies as one stream of sound, at the pace of whatever plays it."""

from __future__ import annotations

import threading
from collections import deque
from typing import Deque, Dict, List, Tuple

import numpy as np


class Player:
    """Keeps what the bot said until it is played, and knows how much of each reply has been.

    A sound card pulls from its own thread, so every method may be called from any.
    """

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self._lock = threading.Lock()
        self._waiting: Deque[Tuple[str, np.ndarray]] = deque()
        self._played: Dict[str, int] = {}  # samples of each reply
        self._unreported: Dict[str, None] = {}
        self._current = ""

    def start(self, reply_id: str, from_ms: float = 0.0) -> None:
        """Sound of a reply follows, from this moment of it on."""
        with self._lock:
            self._current = reply_id
            self._played[reply_id] = round(from_ms * self.sample_rate / 1000)

    def add(self, pcm: np.ndarray) -> None:
        """Take more sound of the reply, int16 of shape (n,)."""
        with self._lock:
            self._waiting.append((self._current, pcm))

    def drop(self, reply_id: str) -> None:
        """Forget what has not been played of a reply."""
        with self._lock:
            self._waiting = deque(item for item in self._waiting if item[0] != reply_id)

    def pull(self, count: int) -> np.ndarray:
        """Return the next samples, int16 of shape (count,); silence where there are none."""
        pieces: List[np.ndarray] = []
        missing = count
        with self._lock:
            while missing and self._waiting:
                reply_id, sound = self._waiting.popleft()
                if len(sound) > missing:
                    self._waiting.appendleft((reply_id, sound[missing:]))
                    sound = sound[:missing]
                pieces.append(sound)
                missing -= len(sound)
                self._played[reply_id] = self._played.get(reply_id, 0) + len(sound)
                self._unreported[reply_id] = None
        return np.concatenate([*pieces, np.zeros(missing, np.int16)])

    @property
    def waiting(self) -> int:
        """Samples that have not been played."""
        with self._lock:
            return sum(len(sound) for _, sound in self._waiting)

    def reports(self) -> List[Tuple[str, float]]:
        """Return each reply of which more was played since the last time, and how much of it in ms."""
        with self._lock:
            changed = list(self._unreported)
            self._unreported.clear()
            return [(reply_id, self._played[reply_id] * 1000 / self.sample_rate) for reply_id in changed]
