"""Sounds that were made before: sentences recur, and a kept one is there at once."""

from __future__ import annotations

import collections
import hashlib
import json
import pathlib
import threading
from typing import Optional

import numpy as np

from convai_rasa.tts.disk_cache import DiskCache

_MB = 1_000_000


def sound_key(identity: str, text: str, *, speed: float, language: str, sample_rate: int) -> str:
    """Return the key of a sentence's sound; two sentences that may sound different have different ones.

    Args:
        identity: of the voice, see ``Capabilities``.
        text: one normalized sentence.
        speed: times the voice's own.
        language: of the text.
        sample_rate: of the sound in Hz.
    """
    parts = [identity, text, round(speed, 4), language, sample_rate]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class SoundCache:
    """Sounds in memory and on disk; what was not used for longest goes first. Threads may share it.

    Args:
        folder: for those on disk; None keeps them in memory alone.
        memory_mb: of all sounds in memory, in millions of bytes.
        disk_mb: of all files.
    """

    def __init__(self, folder: Optional[pathlib.Path], *, memory_mb: float, disk_mb: float) -> None:
        self._disk = DiskCache(folder, int(disk_mb * _MB)) if folder is not None and disk_mb > 0 else None
        self._memory: collections.OrderedDict[str, np.ndarray] = collections.OrderedDict()
        self._limit, self._size = int(memory_mb * _MB), 0
        self._lock = threading.Lock()

    def get(self, key: str) -> Optional[np.ndarray]:
        """Return a sound, read-only int16 of shape (n,), or None."""
        sound = self.recall(key)
        if sound is None and self._disk:
            sound = self._disk.get(key)
            if sound is not None:
                self._remember(key, sound)
        return sound

    def recall(self, key: str) -> Optional[np.ndarray]:
        """Return a sound as ``get`` does, but from memory alone: no file is read."""
        with self._lock:
            sound = self._memory.get(key)
            if sound is not None:
                self._memory.move_to_end(key)
        if sound is not None and self._disk:
            self._disk.touch(key)
        return sound

    def put(self, key: str, sound: np.ndarray) -> None:
        """Keep a whole sound, int16 of shape (n,)."""
        self._remember(key, sound)
        if self._disk:
            self._disk.put(key, sound)

    def _remember(self, key: str, sound: np.ndarray) -> None:
        if sound.nbytes > self._limit:
            return
        sound = sound.copy()  # of its own: a view would keep a larger array alive
        sound.setflags(write=False)
        with self._lock:
            before = self._memory.pop(key, None)
            self._memory[key] = sound
            self._size += sound.nbytes - (0 if before is None else before.nbytes)
            while self._size > self._limit:
                _, forgotten = self._memory.popitem(last=False)
                self._size -= forgotten.nbytes
