"""Strangers' recordings, decoded in a small process of their own, which may die of them."""

from __future__ import annotations

import concurrent.futures
import importlib.util
import logging
import os
import queue
import threading
from typing import NamedTuple

from convai_rasa.audio.decoding.child import Child, ChildDied
from convai_rasa.audio.decoding.containers import KINDS
from convai_rasa.audio.decoding.decode import Recording
from convai_rasa.errors import AudioError, MissingExtra, install_command

logger = logging.getLogger(__name__)

# A child that has been taken over does not live longer than that, and memory in pieces is given back.
_RECORDINGS_PER_CHILD = 200
_NOT_NOW = "Recordings cannot be decoded at the moment; send it again later."


class _Job(NamedTuple):
    data: bytes
    max_seconds: float
    result: concurrent.futures.Future[Recording]


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
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
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
            self._jobs = queue.SimpleQueue()
            self._children = []
            # Each thread lives as long as its child, which Linux ends with the thread that started it.
            self._threads = [
                threading.Thread(target=self._serve, args=(self._jobs,), name="convai-decoder", daemon=True)
                for _ in range(self._workers)
            ]
            for thread in self._threads:
                thread.start()

    def decode(self, data: bytes, *, max_seconds: float) -> Recording:
        """Decode a recording; blocks until it is done.

        Args:
            data: the bytes of a wav, ogg, webm (Matroska), mp3, m4a (mp4), flac or raw AAC file.
            max_seconds: the longest recording accepted.

        Returns:
            Its samples, and a sentence about what was not heard, if anything.

        Raises:
            AudioError: the bytes are not a recording, hold no sound, last longer than ``max_seconds``, took too long
                or too much memory, made the decoder crash, or waited too long for their turn.
            MissingExtra: PyAV is not installed.
        """
        self.start()
        if self._closed:
            raise AudioError("The server is stopping and takes no more recordings.")
        job = _Job(data, max_seconds, concurrent.futures.Future())
        self._jobs.put(job)
        concurrent.futures.wait([job.result], timeout=self._deadline_s)
        if job.result.cancel():  # nobody has begun with it
            raise AudioError("Too many recordings are being decoded; send it again in a moment.")
        return job.result.result()

    def close(self) -> None:
        """End the child processes; a recording that one is decoding is given up."""
        with self._lock:
            self._closed = True
            ours = self._owner == os.getpid()
            threads = self._threads if ours else []
            for _ in threads:
                self._jobs.put(None)
            for child in self._children if ours else []:
                child.kill()
        for thread in threads:
            thread.join(self._deadline_s)

    def _serve(self, jobs: queue.SimpleQueue[_Job | None]) -> None:
        child: Child | None = None
        decoded = 0
        try:
            while True:
                if child is None or child.has_ended() or decoded >= _RECORDINGS_PER_CHILD:
                    child = self._replaced(child)
                    decoded = 0
                job = jobs.get()
                if job is None:
                    return
                if child is None or child.has_ended():  # it was killed while nobody needed it
                    child = self._replaced(child)
                    decoded = 0
                decoded += 1
                if job.result.set_running_or_notify_cancel():
                    self._run(job, child)
        finally:
            self._end(child)

    def _replaced(self, child: Child | None) -> Child | None:
        self._end(child)
        with self._lock:
            if self._closed:
                return None
            try:
                self._children.append(Child())
            except OSError as error:  # no processes or no memory left; the next recording tries again
                logger.error("The process that decodes recordings cannot be started (%s).", error.strerror)
                return None
            return self._children[-1]

    def _end(self, child: Child | None) -> None:
        if child is not None:
            child.end()
            with self._lock:
                self._children.remove(child)

    def _run(self, job: _Job, child: Child | None) -> None:
        try:
            if child is None:
                raise AudioError(_NOT_NOW)
            job.result.set_result(child.decode(job.data, job.max_seconds, self._deadline_s))
        except ChildDied as died:
            logger.warning("A recording ended the process that decoded it (%s).", died)
            job.result.set_exception(AudioError(_sentence(died)))
        # Whatever it is, the one who waits must hear of it, and the thread must go on.
        except Exception as error:
            if child is not None and not isinstance(error, AudioError):
                child.kill()  # nobody knows what is still in its pipes
            job.result.set_exception(error)


def _sentence(died: ChildDied) -> str:
    if died.while_loading:
        return _NOT_NOW
    if died.too_long:
        return "The recording takes too long to decode; send a shorter one, or another kind of file."
    return f"The recording could not be decoded safely; send it as {KINDS}."
