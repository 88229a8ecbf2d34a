"""Strangers' recordings, decoded in a small process of their own, which may die of them."""

from __future__ import annotations

import concurrent.futures
import importlib.util
import logging
import os
import threading

from convai_rasa.audio.decoding.containers import KINDS
from convai_rasa.audio.decoding.decode import Recording
from convai_rasa.audio.decoding.decoding_process import Child, ChildDied
from convai_rasa.errors import AudioError, MissingExtra, install_command

logger = logging.getLogger(__name__)

# A child that has been taken over does not live longer than that, and memory in pieces is given back.
_RECORDINGS_PER_CHILD = 200
_NOT_NOW = "Recordings cannot be decoded at the moment; send it again later."


class Decoder:
    """Decodes recordings in child processes that are kept warm, and replaced when one dies.

    FFmpeg is a million lines of native code that strangers' bytes go through. Here the worst they can do is end a
    process that holds nothing: no secrets, no descriptors, no way to open any, and bounded memory and time. May be
    used from any thread; each child decodes one recording at a time, the next ones wait.

    Args:
        workers: how many child processes.
        deadline_s: seconds that a recording may take, and seconds that it may wait for its turn.
    """

    def __init__(self, *, workers: int = 1, deadline_s: float = 20.0) -> None:
        self._workers = workers
        self._deadline_s = deadline_s
        self._lock = threading.Lock()
        self._pool: concurrent.futures.ThreadPoolExecutor | None = None
        # Each thread lives as long as its child, which Linux ends with the thread that started it.
        self._own = threading.local()
        self._children: list[Child] = []
        self._owner = 0  # the process that started the threads
        self._closed = False

    def start(self) -> None:
        """Begin to load the child processes, and return at once; ``decode`` does it too.

        Raises:
            MissingExtra: PyAV is not installed.
        """
        with self._lock:
            if self._closed or self._owner == os.getpid():
                return
            if importlib.util.find_spec("av") is None:  # not imported here: that is what the child is for
                raise MissingExtra(f"av is not installed; install it with: {install_command('voice')}")
            # A fork has neither the threads nor a right to the children of the process it was made from.
            self._owner = os.getpid()
            self._children = []
            self._pool = concurrent.futures.ThreadPoolExecutor(self._workers, "convai-decoder")
            for _ in range(self._workers):
                self._pool.submit(self._child)

    def decode(self, data: bytes, *, max_seconds: float) -> Recording:
        """Decode a recording of any kind that ``decode_audio`` takes; blocks until it is done.

        Raises:
            AudioError: as ``decode_audio``; or the bytes took too long or too much memory, made the decoder crash, or
                waited too long for their turn.
            MissingExtra: PyAV is not installed.
        """
        self.start()
        with self._lock:
            if self._closed or self._pool is None:
                raise AudioError("The server is stopping and takes no more recordings.")
            result = self._pool.submit(self._decoded, data, max_seconds)
        concurrent.futures.wait([result], timeout=self._deadline_s)
        if result.cancel():  # nobody has begun with it
            raise AudioError("Too many recordings are being decoded; send it again in a moment.")
        return result.result()

    def close(self) -> None:
        """End the child processes; a recording that one is decoding is given up."""
        with self._lock:
            self._closed = True
            if self._pool is None or self._owner != os.getpid():
                return
            for child in self._children:
                child.kill()
        self._pool.shutdown()
        for child in self._children:
            child.end()

    def _decoded(self, data: bytes, max_seconds: float) -> Recording:
        child = self._child()
        if child is None:
            raise AudioError(_NOT_NOW)
        self._own.decoded += 1
        try:
            return child.decode(data, max_seconds, self._deadline_s)
        except ChildDied as died:
            logger.warning("A recording ended the process that decoded it (%s).", died)
            raise AudioError(_sentence(died)) from died
        except AudioError:
            raise
        except BaseException:
            child.end()  # nobody knows what is still in its pipes
            raise
        finally:
            self._child()  # so that the next one need not wait for it

    def _child(self) -> Child | None:
        """Return this thread's child, a new one where it has none, it died, or it has lived long enough."""
        child: Child | None = getattr(self._own, "child", None)
        if child is not None and not child.has_ended() and self._own.decoded < _RECORDINGS_PER_CHILD:
            return child
        if child is not None:
            child.end()
        self._own.child, self._own.decoded = None, 0
        with self._lock:
            self._children = [other for other in self._children if other is not child]
            if self._closed:
                return None
            try:
                self._own.child = Child()
            except OSError as error:  # no processes or no memory left; the next recording tries again
                logger.error("The process that decodes recordings cannot be started (%s).", error.strerror)
                return None
            self._children.append(self._own.child)
        return self._own.child


def _sentence(died: ChildDied) -> str:
    if died.while_loading:
        return _NOT_NOW
    if died.too_long:
        return "The recording takes too long to decode; send a shorter one, or another kind of file."
    return f"The recording could not be decoded safely; send it as {KINDS}."
