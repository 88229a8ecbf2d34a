"""The parent's side of one voice process: its life, its pipe and its requests."""

from __future__ import annotations

import contextlib
import itertools
import json
import multiprocessing
import queue
import threading
import time
from multiprocessing.connection import Connection
from typing import Any, Callable, Mapping, Optional, Union

import numpy as np
from typing_extensions import Literal

from convai_rasa import errors
from convai_rasa.errors import ConvaiError, SynthesisError
from convai_rasa.tts.engine_errors import EngineErrors
from convai_rasa.tts.synthesizer import Capabilities
from convai_rasa.tts.worker_child import Child

Urgency = Literal["first", "more", "idle"]

_CLOSE_TIMEOUT_S = 2.0


class VoiceEnded(SynthesisError):
    """The process ended before the text was spoken; the text may not be to blame."""


class Request:
    """One text being spoken."""

    def __init__(self, process: WorkerProcess, number: int, text: str, urgency: Urgency) -> None:
        self.text = text
        self._process, self._number, self._urgency = process, number, urgency
        self._received: queue.SimpleQueue[Union[np.ndarray, ConvaiError, None]] = queue.SimpleQueue()
        self._over = False

    def put(self, item: Union[np.ndarray, ConvaiError, None]) -> None:
        """Hand over a chunk, the error the request ended with, or None for its end."""
        self._received.put(item)

    def next_chunk(self, timeout: Optional[float]) -> Optional[np.ndarray]:
        """Return the next chunk, or None after the last.

        Args:
            timeout: in seconds; None waits for as long as the process lives.

        Raises:
            SynthesisError: the engine failed, or was silent for ``timeout`` seconds (its process is then ended).
            VoiceEnded: the process ended.
        """
        try:
            item = self._received.get(timeout=timeout)
        except queue.Empty:
            self._process.kill(f"silent for {timeout:g} seconds")
            raise SynthesisError(
                f"The voice was silent for {timeout:g} seconds, so its process was ended; send the text again."
            ) from None
        self._over = not isinstance(item, np.ndarray)
        if isinstance(item, ConvaiError):
            raise item
        if item is not None and self._urgency != "idle":  # what nobody waits for is not held back either
            self._process.taken(self._number, len(item))
        return item

    def cancel(self) -> None:
        """Give up the rest; does nothing when it is all spoken."""
        if not self._over:
            self._process.cancel(self._number, self._urgency)


class WorkerProcess:
    """One child process, from its start to its death.

    Args:
        call: what to load: ``engine``, ``model`` and ``options``.
        engine_errors: decides whether the process may go on after an error of its engine.
        on_loaded: called in a thread of its own when the voice is loaded.
        on_death: called in that thread when the child has ended, before anybody who waits for it is told.

    Raises:
        OSError: the machine could not start a process.

    Attributes:
        sample_rate: of the voice in Hz, once it is loaded.
        capabilities: of the voice, once it is loaded.
        load_error: what loading ended with, if it failed.
        last_words: how the child ended, with the last line it printed.
    """

    def __init__(
        self,
        call: Mapping[str, Any],
        engine_errors: EngineErrors,
        on_loaded: Callable[[WorkerProcess], None],
        on_death: Callable[[WorkerProcess], None],
    ) -> None:
        self.sample_rate = 0
        self.capabilities = Capabilities(languages=(), streams=False)
        self.load_error: Optional[ConvaiError] = None
        self._loaded = threading.Event()  # the voice is there, or will never be
        self._dead = threading.Event()
        self._ready_since: Optional[float] = None
        self._killed_because: Optional[str] = None
        self._engine_errors = engine_errors
        self._on_loaded, self._on_death = on_loaded, on_death
        self._requests: dict[int, Request] = {}
        self._numbers = itertools.count()
        self._send_lock = threading.Lock()
        self.last_words = "still running"
        self._connection, child_end = multiprocessing.Pipe()
        try:
            self._child = Child(child_end, call["options"])
        finally:
            child_end.close()
        self._send(("load", json.dumps(call, default=str)))
        self._reader = threading.Thread(target=self._read, name="voice process reader", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._child.pid

    @property
    def is_dead(self) -> bool:
        """Whether the child has ended."""
        return self._dead.is_set()

    @property
    def is_ready(self) -> bool:
        """Whether the voice is loaded and the child alive."""
        is_loaded = self._loaded.is_set() and self.load_error is None
        return is_loaded and self._killed_because is None and not self.is_dead

    def served_s(self) -> float:
        """Seconds since the voice was loaded, 0.0 if it never was."""
        return 0.0 if self._ready_since is None else time.monotonic() - self._ready_since

    def wait_ready(self, timeout: float) -> None:
        """Wait until the voice is loaded; raises what loading ended with, see ``SynthesisWorker.wait_ready``."""
        if not self._loaded.wait(timeout):
            raise SynthesisError(f"The voice was not loaded within {timeout:g} seconds; look at the machine's load.")
        if self.load_error is not None:
            raise self.load_error
        if self.is_dead:
            raise self._death()

    def request(self, text: str, speed: float, language: Optional[str], urgency: Urgency) -> Request:
        """Ask for a text to be spoken; see ``SynthesisWorker.stream``."""
        number = next(self._numbers)
        request = Request(self, number, text, urgency)
        self._requests[number] = request
        self._send(("speak", number, text, speed, language, urgency))
        if self.is_dead:  # it may have died before the request was there to be told
            request.put(self._death())
        return request

    def cancel(self, number: int, urgency: Urgency) -> None:
        """Tell the child to give up a request."""
        self._requests.pop(number, None)
        self._send(("cancel", number, urgency))

    def taken(self, number: int, samples: int) -> None:
        """Tell the child that sound has been taken, so that it may go on."""
        self._send(("taken", number, samples))

    def kill(self, why: str) -> None:
        """End the child at once, and wait until that is known."""
        self._end(why)
        self._dead.wait(_CLOSE_TIMEOUT_S)

    def close(self) -> None:
        """Ask the child to end, and end it if it does not."""
        self._send(("close",))
        if not self._child.ends_within(_CLOSE_TIMEOUT_S):
            self.kill("it did not close")
        self._reader.join(_CLOSE_TIMEOUT_S)

    def _end(self, why: str) -> None:
        self._killed_because = why
        self._child.kill()

    def _send(self, message: tuple[Any, ...]) -> None:
        # A child that has died is noticed by the reader, which tells every request.
        with self._send_lock, contextlib.suppress(OSError):
            self._connection.send(message)

    def _read(self) -> None:
        connection: Connection = self._connection
        while True:
            try:
                self._dispatch(*connection.recv())
            except (EOFError, OSError):
                break
            # Whatever it is, such as a lack of memory here: nobody would hear this child, nor of its end.
            except Exception as error:
                self._end(f"what it sent could not be read: {error!r}")
                break
        last_words = self._child.last_words()
        self.last_words = self._killed_because or last_words
        self._on_death(self)
        self._dead.set()
        self._loaded.set()
        for number in list(self._requests):
            request = self._requests.pop(number, None)
            if request is not None:
                request.put(self._death())
        connection.close()

    def _dispatch(self, kind: str, *values: Any) -> None:
        if kind == "ready":
            self.sample_rate, capabilities = values
            self.capabilities = Capabilities(**capabilities)
            self._ready_since = time.monotonic()
            self._engine_errors.process_started()
            self._loaded.set()
            self._on_loaded(self)
        elif kind == "failed":
            self.load_error = _error(*values)
            self._loaded.set()
        elif kind == "chunk":
            number, pcm = values
            self._engine_errors.spoke()
            if number in self._requests:
                self._requests[number].put(np.frombuffer(pcm, dtype=np.int16))
        elif kind == "error":
            self._fail(*values)
        else:  # "end"
            (number,) = values
            request = self._requests.pop(number, None)
            if request is not None:
                request.put(None)

    def _fail(self, number: int, about_the_engine: bool, name: str, sentence: str) -> None:
        request = self._requests.pop(number, None)
        text = "" if request is None else request.text  # without one it was given up meanwhile
        if self._engine_errors.failed(text, about_the_engine=about_the_engine):
            self._end(f"its engine failed: {sentence.rstrip('.')}")
        if request is not None:
            request.put(_error(name, sentence))

    def _death(self) -> VoiceEnded:
        return VoiceEnded(f"The voice process ended ({self.last_words}); send the text again.")


def _error(name: str, sentence: str) -> ConvaiError:
    """Return the child's error as one of ours."""
    kind = getattr(errors, name, SynthesisError)
    return kind(sentence) if isinstance(kind, type) and issubclass(kind, ConvaiError) else SynthesisError(sentence)
