"""A voice in a process of its own.

Loading a voice takes seconds and its Python would compete with Rasa's for the interpreter; here it loads
beside Rasa, and when native code dies the process is started again at once and goes on with what it was saying.

The child is a fresh ``python -m convai_rasa.tts.worker_main`` and not a ``multiprocessing`` process: that
would run the parent's ``__main__`` again, which for ``rasa run`` means importing Rasa and TensorFlow.
"""

from __future__ import annotations

import contextlib
import logging
from typing import Any, Generator, Iterator, Optional

import numpy as np

from convai_rasa.tts.supervisor import Supervisor
from convai_rasa.tts.synthesizer import Capabilities, join_chunks
from convai_rasa.tts.worker_process import Urgency, VoiceEnded, WorkerProcess

__all__ = ["SynthesisWorker", "Urgency"]

logger = logging.getLogger(__name__)

_START_TIMEOUT_S = 180.0  # a cold disk and two busy cores; measured 4 s on an idle machine
_STALL_TIMEOUT_S = 60.0  # without any chunk: the process hangs and is ended
_RESUME_WITHIN_S = 15.0  # loading takes 3 to 5 s on two busy cores; whoever heard nothing for longer has given up


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
        self._start_timeout_s, self._stall_timeout_s = start_timeout_s, stall_timeout_s
        self._supervisor = Supervisor(engine, None if model is None else str(model), options)

    def start(self) -> None:
        """Begin to load the voice, and return at once; does nothing when it is already loading or loaded."""
        self._supervisor.running()

    def ready(self) -> bool:
        """Whether the voice is loaded and the process alive."""
        process = self._supervisor.process
        return process is not None and process.is_ready

    def was_loaded(self) -> bool:
        """Whether the voice has ever been loaded; from then on nobody waits for what it can do."""
        return self._supervisor.last_loaded is not None

    def wait_ready(self, timeout: Optional[float] = None) -> None:
        """Wait until the voice is loaded, starting it if need be.

        Args:
            timeout: in seconds; None means ``start_timeout_s``.

        Raises:
            ConvaiError: the error that loading ended with in the child, for example ModelNotFound.
            SynthesisError: loading took longer than ``timeout``, or the process died.
        """
        self._supervisor.running().wait_ready(self._start_timeout_s if timeout is None else timeout)

    @property
    def pid(self) -> Optional[int]:
        """Process id of the child; None before ``start``."""
        process = self._supervisor.process
        return None if process is None else process.pid

    @property
    def restarts(self) -> int:
        """How often a process was started for one that had ended."""
        return self._supervisor.restarts

    @property
    def sample_rate(self) -> int:
        """Sample rate of the chunks in Hz; waits until the voice is loaded for the first time."""
        return self._known().sample_rate

    @property
    def capabilities(self) -> Capabilities:
        """What the engine can do; waits until the voice is loaded for the first time."""
        return self._known().capabilities

    def stream(
        self, text: str, *, speed: float = 1.0, language: Optional[str] = None, urgency: Urgency = "first"
    ) -> Generator[np.ndarray, None, None]:
        """Speak a text piece by piece; see ``Synthesizer.stream``.

        Closing the iterator early cancels the rest; while nobody takes from it, the process speaks no more than a few
        seconds ahead. Texts of urgency ``first`` overtake others, as somebody waits in
        silence; those with ``more`` take their turn; ``idle`` ones are spoken beside them, at the lowest priority.

        If the process ends meanwhile, the next one is asked once, as soon as it is loaded: in up to 15 seconds, or
        whenever that is for what is ``idle``. It goes on at the sample the last one came to where the same text always
        gives the same sound, which an ``identity`` in the capabilities promises; else it begins again.

        Raises:
            SynthesisError: the engine failed, its process died twice, was not back in time, or has died so often that
                it rests before a new start.
            ConvaiError: the voice could not be loaded.
        """
        sent = 0
        first: Optional[WorkerProcess] = None
        try:
            first = self._loaded(urgency)
            with contextlib.closing(self._asked(first, text, speed, language, urgency)) as chunks:
                for chunk in chunks:
                    sent += len(chunk)
                    yield chunk
            return
        except VoiceEnded:
            if self._supervisor.is_closed:
                raise
        second = self._supervisor.loaded_again(None if urgency == "idle" else _RESUME_WITHIN_S)
        skipped = sent if first is not None and _sound_the_same(first, second) else 0
        with contextlib.closing(self._asked(second, text, speed, language, urgency)) as chunks:
            yield from _without_beginning(chunks, skipped)

    def synthesize(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> np.ndarray:
        """Return the whole sound: int16 of shape (n,) at ``sample_rate``."""
        return join_chunks(self.stream(text, speed=speed, language=language))

    def close(self) -> None:
        """End the process and whatever waits to start another; requests in progress fail."""
        self._supervisor.close()

    def _known(self) -> WorkerProcess:
        """Return the process that was loaded last: the model is settled, so the next one can do the same."""
        process = self._supervisor.last_loaded
        return self._once_loaded() if process is None else process

    def _loaded(self, urgency: Urgency) -> WorkerProcess:
        if urgency == "idle" and self.was_loaded():  # it has all the time that a voice needs to come back
            return self._supervisor.loaded_again(None)
        return self._once_loaded()

    def _once_loaded(self) -> WorkerProcess:
        process = self._supervisor.running()
        process.wait_ready(self._start_timeout_s)
        return process

    def _asked(
        self, process: WorkerProcess, text: str, speed: float, language: Optional[str], urgency: Urgency
    ) -> Generator[np.ndarray, None, None]:
        request = process.request(text, speed, language, urgency)
        # What is idle waits until nobody else speaks, which may take any time.
        patience = None if urgency == "idle" else self._stall_timeout_s
        try:
            while (chunk := request.next_chunk(patience)) is not None:
                yield chunk
        finally:
            request.cancel()


def _sound_the_same(one: WorkerProcess, other: WorkerProcess) -> bool:
    return bool(one.capabilities.identity) and one.capabilities == other.capabilities


def _without_beginning(chunks: Iterator[np.ndarray], samples: int) -> Iterator[np.ndarray]:
    for chunk in chunks:
        if len(chunk) > samples:
            yield chunk[samples:]
        samples = max(0, samples - len(chunk))
