"""Sounds kept on disk, one file each, as large together as allowed."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import pathlib
import tempfile
import threading
import time
from typing import Optional

import numpy as np

logger = logging.getLogger(__name__)

_MAGIC = b"convai-pcm-1\n"
_DIGEST_BYTES = hashlib.sha256().digest_size
_TRY_AGAIN_S = 60.0  # after a failure: each try may wait for a disk that is in trouble
_SHRINK_TO = 0.9  # of the limit, so that not every new sound has to make room


class DiskCache:
    """Sounds by key; several processes may share a folder.

    A file is written beside its place and then moved there, so it is there whole or not at all; one that was damaged
    since counts as missing, and is written anew the next time. The time of a file is that of its last use.

    Args:
        folder: made when the first sound comes.
        limit_bytes: of all files together; those unused for longest go first.
    """

    def __init__(self, folder: pathlib.Path, limit_bytes: int) -> None:
        self._folder, self._limit = folder, limit_bytes
        self._size: Optional[int] = None  # of all files together; None: not known yet
        self._lock = threading.Lock()
        self._failed_at: Optional[float] = None  # since then nothing could be written

    def get(self, key: str) -> Optional[np.ndarray]:
        """Return a sound, int16 of shape (n,), or None."""
        path = self._path(key)
        try:
            content = path.read_bytes()
        except OSError:  # not there, or not ours to read: both mean that the sound has to be made
            return None
        sound = content[len(_MAGIC) + _DIGEST_BYTES :]
        if len(sound) % 2 or content != _header(key, sound) + sound:
            logger.warning("A sound in %s is damaged; it will be made again.", self._folder)
            return None
        self.touch(key)
        return np.frombuffer(sound, dtype="<i2").astype(np.int16, copy=False)

    def touch(self, key: str) -> None:
        """Note that a sound was used."""
        with contextlib.suppress(OSError):  # it was given up meanwhile
            os.utime(self._path(key))

    def put(self, key: str, sound: np.ndarray) -> None:
        """Keep a sound, int16 of shape (n,).

        A disk that cannot be written is left alone for a minute. It is told of once, and again when it can be written.
        """
        content = np.ascontiguousarray(sound, dtype="<i2").tobytes()
        content = _header(key, content) + content
        if len(content) > self._limit:
            return
        with self._lock:
            if self._failed_at is not None and time.monotonic() < self._failed_at + _TRY_AGAIN_S:
                return
            try:
                self._add(self._path(key), content)
            except OSError as error:
                self._note_failure(error)
            else:
                self._note_success()

    def _add(self, path: pathlib.Path, content: bytes) -> None:
        if self._size is None:
            self._size = sum(size for _, size, _ in self._files())
        self._write(path, content)
        self._size += len(content)
        if self._size > self._limit:
            self._make_room()

    def _note_failure(self, error: OSError) -> None:
        if self._failed_at is None:
            logger.warning("The voice's sounds cannot be kept in %s: %s.", self._folder, error.strerror or error)
        self._failed_at = time.monotonic()
        self._size = None  # what is there by the time it works again may be anything

    def _note_success(self) -> None:
        if self._failed_at is not None:
            logger.warning("The voice's sounds are kept in %s again.", self._folder)
        self._failed_at = None

    def _path(self, key: str) -> pathlib.Path:
        return self._folder / key[:2] / f"{key}.pcm"

    def _write(self, path: pathlib.Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
        try:
            with open(handle, "wb") as file:
                file.write(content)
            os.replace(name, path)
        except BaseException:
            pathlib.Path(name).unlink(missing_ok=True)
            raise

    def _files(self) -> list[tuple[float, int, pathlib.Path]]:
        """Return the time of last use, the size and the path of every file."""
        found = []
        for path in self._folder.glob("??/*"):
            with contextlib.suppress(FileNotFoundError):  # another process gave it up
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        return found

    def _make_room(self) -> None:
        files = sorted(self._files())
        size = sum(size for _, size, _ in files)
        for _, bytes_freed, path in files:
            if size <= self._limit * _SHRINK_TO:
                break
            path.unlink(missing_ok=True)
            size -= bytes_freed
        self._size = size


def _header(key: str, sound: bytes) -> bytes:
    return _MAGIC + hashlib.sha256(key.encode() + sound).digest()
