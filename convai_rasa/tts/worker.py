"""A voice in a process of its own.

Loading a voice takes seconds and its Python would compete with Rasa's for the interpreter; here it loads
beside Rasa, and when native code dies one sentence is lost and the process is started again at once, so that
the next sentence finds it loaded or loading.

The child is a fresh ``python -m convai_rasa.tts.worker_main`` and not a ``multiprocessing`` process: that
would run the parent's ``__main__`` again, which for ``rasa run`` means importing Rasa and TensorFlow.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Generator, Optional

import numpy as np

from convai_rasa.errors import ConvaiError, SynthesisError
from convai_rasa.store import resolve
from convai_rasa.tts.synthesizer import Capabilities, join_chunks
from convai_rasa.tts.worker_process import Urgency, WorkerProcess

__all__ = ["SynthesisWorker", "Urgency"]

logger = logging.getLogger(__name__)

_START_TIMEOUT_S = 180.0  # a cold disk and two busy cores; measured 4 s on an idle machine
_STALL_TIMEOUT_S = 60.0  # without any chunk: the process hangs and is ended
_SHORT_LIFE_S = 60.0  # dead so soon after loading: whatever killed it is likely to kill the next one
_QUICK_RESTARTS = 2  # two short lives may be bad luck; from the third on there is a rest before the next start
_FIRST_REST_S = 2.0  # doubled with every further short life
_LONGEST_REST_S = 60.0  # one start a minute costs a machine that lacks memory little


class SynthesisWorker:
    """A ``Synthesizer`` whose engine lives in a child process; any thread may use it.

    Requests that arrive together are spoken in turns, a chunk each, so that nobody waits for another's long
    answer. The child ends with this process, however it ends.

    Args:
        engine: name of the engine.
        model: name in the models/ tree or a path; None means the engine's default.
        start_timeout_s: how long loading may take.
        stall_timeout_s: how long the engine may be silent in the middle of a request.
        **options: keyword arguments of the engine's class.
    """

    def __init__(
        self,
        engine: str = "coqui",
        model: Optional[str] = None,
        *,
        start_timeout_s: float = _START_TIMEOUT_S,
        stall_timeout_s: float = _STALL_TIMEOUT_S,
        **options: Any,
    ) -> None:
        self._call: dict[str, Any] = {
            "engine": engine,
            "model": None if model is None else str(model),
            "options": options,
        }
        self._start_timeout_s, self._stall_timeout_s = start_timeout_s, stall_timeout_s
        self._process: Optional[WorkerProcess] = None
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._short_lives = 0
        self._was_loaded = False
        self._rest_until = 0.0
        self._resting: Optional[threading.Thread] = None
        self.restarts = 0

    def start(self) -> None:
        """Begin to load the voice, and return at once; does nothing when it is already loading or loaded."""
        self._running()

    def ready(self) -> bool:
        """Whether the voice is loaded and the process alive."""
        process = self._process
        return process is not None and process.is_ready

    def wait_ready(self, timeout: Optional[float] = None) -> None:
        """Wait until the voice is loaded, starting it if need be.

        Args:
            timeout: in seconds; None means ``start_timeout_s``.

        Raises:
            ConvaiError: the error that loading ended with in the child, for example ModelNotFound.
            SynthesisError: loading took longer than ``timeout``, or the process died.
        """
        self._running().wait_ready(self._start_timeout_s if timeout is None else timeout)

    @property
    def pid(self) -> Optional[int]:
        """Process id of the child; None before ``start``."""
        process = self._process
        return None if process is None else process.pid

    @property
    def sample_rate(self) -> int:
        """Sample rate of the chunks in Hz; waits until the voice is loaded."""
        process = self._running()
        process.wait_ready(self._start_timeout_s)
        return process.sample_rate

    @property
    def capabilities(self) -> Capabilities:
        """What the engine can do; waits until the voice is loaded."""
        process = self._running()
        process.wait_ready(self._start_timeout_s)
        return process.capabilities

    def stream(
        self, text: str, *, speed: float = 1.0, language: Optional[str] = None, urgency: Urgency = "first"
    ) -> Generator[np.ndarray, None, None]:
        """Speak a text piece by piece; see ``Synthesizer.stream``.

        Closing the iterator early cancels the rest; while nobody takes from it, the process speaks no more than a few
        seconds ahead. Texts of urgency ``first`` overtake others, as somebody waits in
        silence; those with ``more`` take their turn; ``idle`` ones are spoken beside them, at the lowest priority.

        Raises:
            SynthesisError: the engine failed, its process died, or it died so often that it rests before a new start.
            ConvaiError: the voice could not be loaded.
        """
        process = self._running()
        process.wait_ready(self._start_timeout_s)
        request = process.request(text, speed, language, urgency)
        # What is idle waits until nobody else speaks, which may take any time.
        patience = None if urgency == "idle" else self._stall_timeout_s
        try:
            while True:
                chunk = request.next_chunk(patience)
                if chunk is None:
                    return
                yield chunk
        finally:
            request.cancel()

    def synthesize(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> np.ndarray:
        """Return the whole sound: int16 of shape (n,) at ``sample_rate``."""
        return join_chunks(self.stream(text, speed=speed, language=language))

    def close(self) -> None:
        """End the process and whatever waits to start another; requests in progress fail."""
        with self._lock:
            self._closed.set()
            process, resting = self._process, self._resting
        if process is not None:
            process.close()
        if resting is not None:
            resting.join()

    def _running(self) -> WorkerProcess:
        with self._lock:
            if self._closed.is_set():
                raise SynthesisError("This voice is closed; create a new SynthesisWorker.")
            if self._process is None:
                self._call["model"] = _settled(self._call["model"])
                self._process = self._started()
            rest_s = self._rest_until - time.monotonic()
            if rest_s > 0:
                raise SynthesisError(f"The voice keeps ending; it is started again in {rest_s:.0f} s, try again then.")
            return self._process

    def _started(self) -> WorkerProcess:
        started = time.monotonic()
        process = WorkerProcess(self._call, self._replace)
        logger.debug("voice process %d started in %.2f s", process.pid, time.monotonic() - started)
        return process

    def _replace(self, dead: WorkerProcess) -> None:
        """Start a new process for one that has ended: at once, or after a rest if it is not the first to die young."""
        with self._lock:
            self._was_loaded |= dead.was_loaded
            # A voice that was never loaded is not tried again: its error is the answer to every request.
            if self._closed.is_set() or (dead.load_error is not None and not self._was_loaded):
                return
            self._short_lives = 0 if dead.served_s() >= _SHORT_LIFE_S else self._short_lives + 1
            self._start_again(dead.last_words)

    def _start_again(self, why: str) -> None:
        """Start a new process, now or after a rest; the caller holds the lock."""
        rest_s = _rest_s(self._short_lives)
        if rest_s == 0:
            logger.warning("The voice process ended (%s); starting a new one.", why)
            self._start_now()
            return
        logger.warning(
            "The voice process ended (%s), %d times in a row within a minute; starting a new one in %g s.",
            why,
            self._short_lives,
            rest_s,
        )
        self._rest_until = time.monotonic() + rest_s
        self._resting = threading.Thread(target=self._start_after, args=(rest_s,), name="voice restart", daemon=True)
        self._resting.start()

    def _start_after(self, rest_s: float) -> None:
        if not self._closed.wait(rest_s):
            with self._lock:
                if not self._closed.is_set():
                    self._start_now()

    def _start_now(self) -> None:
        self._rest_until = 0.0
        self.restarts += 1
        try:
            self._process = self._started()
        except OSError as error:  # no memory, no file descriptors: counts like a process that died
            self._short_lives = max(self._short_lives, _QUICK_RESTARTS) + 1
            self._start_again(str(error))


def _rest_s(short_lives: int) -> float:
    """Return how long to wait before the next start, in seconds."""
    beyond = short_lives - _QUICK_RESTARTS
    return 0.0 if beyond <= 0 else min(_FIRST_REST_S * 2.0 ** (beyond - 1), _LONGEST_REST_S)


def _settled(model: Optional[str]) -> Optional[str]:
    """Return the folder that the name of a model means now.

    A process that is started again in the middle of a call has to speak with the same voice, whichever version was
    pinned meanwhile.
    """
    if model is None:
        return None
    try:
        return str(resolve(model))
    except ConvaiError:
        return model  # the child says what is wrong; or the engine has models of its own
