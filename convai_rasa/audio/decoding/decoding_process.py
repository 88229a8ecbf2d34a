"""The parent's side of one decoding process: its start, its pipes, its deadline and its end.

The child may have been taken over by the recording it decodes, so nothing that it says is believed: lengths have
bounds, and samples are 16-bit, so that any bytes are samples.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import struct
import subprocess
import sys
import time

import numpy as np

from convai_rasa.audio.decoding.decode import Recording
from convai_rasa.audio.frames import SAMPLE_RATE
from convai_rasa.audio.pcm import pcm16_to_float
from convai_rasa.errors import AudioError

READY = b"\x06"  # the child is loaded and its limits are set
REQUEST = struct.Struct("<QdI")  # bytes of the recording that follows, longest one in s, processor time in s, 1 or more
ANSWER = struct.Struct("<BIQ")  # HEARD or REFUSED, bytes of the sentence that follows in UTF-8, int16 samples after it
HEARD, REFUSED = 0, 1
MAX_SENTENCE = 1_000  # bytes of a warning, or of what is wrong

_LOAD_S = 30.0  # Python, numpy and FFmpeg: 0.2 s, but at the lowest priority of a busy machine
_PIECE = 1 << 16  # bytes; what a pipe holds


class ChildDied(Exception):
    """The process ended instead of answering, or was ended."""

    def __init__(self, how: str, *, too_long: bool = False) -> None:
        super().__init__(how)
        self.too_long = too_long  # the deadline's, of the clock or of the processor
        self.while_loading = False  # whether it had not begun to decode


class Child:
    """One child process; starts to load at once. Used by one thread, which must live as long as it.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(self) -> None:
        self._ready = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "convai_rasa.audio.decoding.child_main", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env=_environment(),
            start_new_session=True,  # a signal for the parent's terminal is not for it; and it can be ended as a group
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to = self._process.stdin.fileno()
        self._from = self._process.stdout.fileno()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def has_ended(self) -> bool:
        """Whether it is dead."""
        return self._process.poll() is not None

    def decode(self, data: bytes, max_seconds: float, deadline_s: float) -> Recording:
        """Decode a recording; see ``Decoder.decode``.

        Raises:
            AudioError: what the child says is wrong with the recording.
            ChildDied: it ended, took longer than ``deadline_s``, or answered nonsense; it is dead then.
        """
        try:
            if not self._ready:
                if self._read(1, time.monotonic() + _LOAD_S) != READY:
                    raise ValueError("The child's first word is wrong.")
                self._ready = True
            deadline = time.monotonic() + deadline_s
            self._write(REQUEST.pack(len(data), max_seconds, max(1, round(deadline_s))), deadline)
            self._write(data, deadline)
            return self._answer(int(max_seconds * SAMPLE_RATE), deadline)
        except ChildDied as died:
            died.while_loading = not self._ready
            self.end()
            raise
        except ValueError as error:
            self.end()
            raise ChildDied(f"it answered nonsense: {error}") from error
        except OSError:
            raise self._death() from None

    def kill(self) -> None:
        """Kill it, with whatever it started; may be called from any thread, ``decode`` then raises."""
        if self._process.returncode is None:  # or its number may belong to another by now
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()

    def end(self) -> None:
        """Kill it, wait until it is gone, and close its pipes."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _answer(self, most_samples: int, deadline: float) -> Recording:
        kind, sentence_bytes, samples = ANSWER.unpack(self._read(ANSWER.size, deadline))
        fits = sentence_bytes <= MAX_SENTENCE and samples <= most_samples
        if kind not in (HEARD, REFUSED) or not fits or (kind == HEARD) != (samples > 0):
            raise ValueError("The child's answer is impossible.")
        said = self._read(sentence_bytes, deadline).decode("utf-8", "replace")
        sentence = "".join(letter for letter in said if letter.isprintable())
        if kind != HEARD:
            raise AudioError(sentence or "The recording could not be decoded; send another file.")
        pcm = np.frombuffer(self._read(samples * 2, deadline), dtype="<i2")
        return Recording(pcm16_to_float(pcm), sentence or None)

    def _write(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            self._wait(self._to, select.POLLOUT, deadline)
            with contextlib.suppress(BlockingIOError):
                view = view[os.write(self._to, view[:_PIECE]) :]

    def _read(self, count: int, deadline: float) -> bytes:
        received = bytearray()
        while len(received) < count:
            self._wait(self._from, select.POLLIN, deadline)
            with contextlib.suppress(BlockingIOError):
                piece = os.read(self._from, min(count - len(received), 1 << 20))
                if not piece:
                    raise self._death()
                received += piece
        return bytes(received)

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        poll = select.poll()  # select() itself cannot take descriptors above 1,023
        poll.register(descriptor, event)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1_000):
            raise ChildDied("it took too long", too_long=True)

    def _death(self) -> ChildDied:
        """Wait for the end of a child that has closed its pipes, and say how it ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        code = self._process.poll()
        self.end()
        if code is None:
            return ChildDied("it closed its pipes")
        if code >= 0:
            return ChildDied(f"exit status {code}")
        name = signal.Signals(-code).name if -code in signal.valid_signals() else str(-code)
        return ChildDied(f"signal {name}", too_long=-code == signal.SIGXCPU)


def _environment() -> dict[str, str]:
    """Return what the child needs to load, and nothing that could be a secret."""
    environment = {
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(os.path.abspath(entry) for entry in sys.path)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C.UTF-8",
        # numpy keeps a thread with its own memory for each core otherwise
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):  # where a system keeps FFmpeg's libraries
        if name in os.environ:
            environment[name] = os.environ[name]
    return environment
