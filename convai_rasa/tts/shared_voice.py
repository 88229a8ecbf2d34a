"""One voice for all callers of this process: loaded beside, and spoken with in turns."""

from __future__ import annotations

import concurrent.futures
import contextlib
import inspect
import threading
from typing import Any, Generator, Iterator

import numpy as np

from convai_rasa.errors import ConvaiError, SynthesisError
from convai_rasa.tts.scheduler import CLOSE_TIMEOUT_S, CLOSED, Scheduler, Urgency
from convai_rasa.tts.synthesizer import Capabilities, Synthesizer, join_chunks, load_synthesizer

_START_TIMEOUT_S = 180.0  # busy cores and an export that is made first; measured 1 s on an idle machine
_STALL_TIMEOUT_S = 30.0  # for one chunk, which takes below a second; whoever heard nothing for longer has given up


class SharedVoice:
    """A ``Synthesizer`` that loads in the background; any thread may use it, many at once.

    Requests that arrive together are spoken in turns, a chunk each, so that nobody waits for another's long answer.
    A chunk is made when it is asked for: nothing is spoken ahead of who takes it.

    Args:
        engine: name of the engine.
        model: name in the models/ tree or a path; None means the engine's default.
        start_timeout_s: how long loading may take.
        stall_timeout_s: how long the engine may take for one chunk. Its thread cannot be ended: it is left behind,
            others go on in a new one, and after three such texts nothing more is asked of the engine.
        **options: keyword arguments of the engine's class.
    """

    def __init__(
        self,
        engine: str = "coqui",
        model: str | None = None,
        *,
        start_timeout_s: float = _START_TIMEOUT_S,
        stall_timeout_s: float = _STALL_TIMEOUT_S,
        **options: Any,
    ) -> None:
        self._name, self._model, self._options = engine, model, options
        self._start_timeout_s = start_timeout_s
        self._scheduler = Scheduler(stall_timeout_s)
        self._lock = threading.Lock()
        self._loading: threading.Thread | None = None
        self._engine: concurrent.futures.Future[Synthesizer] = concurrent.futures.Future()
        self._closed = False

    def start(self) -> None:
        """Begin to load the voice, and return at once; does nothing when it is already loading or loaded."""
        with self._lock:
            if self._loading is None and not self._closed:
                self._loading = threading.Thread(target=self._load, name="voice loading", daemon=True)
                self._loading.start()

    def ready(self) -> bool:
        """Whether the voice is loaded; from then on nobody waits for what it can do."""
        return not self._closed and self._engine.done() and self._engine.exception() is None

    def wait_ready(self, timeout: float | None = None) -> None:
        """Wait until the voice is loaded, starting it if need be.

        Args:
            timeout: in seconds; None means ``start_timeout_s``.

        Raises:
            ConvaiError: the error that loading ended with, for example ModelNotFound.
            SynthesisError: loading takes longer than ``timeout``, or the voice is closed.
        """
        self._loaded(timeout)

    @property
    def sample_rate(self) -> int:
        """Sample rate of the chunks in Hz; waits until the voice is loaded."""
        return self._loaded().sample_rate

    @property
    def capabilities(self) -> Capabilities:
        """What the engine can do; waits until the voice is loaded."""
        return self._loaded().capabilities

    def stream(
        self, text: str, *, speed: float = 1.0, language: str | None = None, urgency: Urgency = "first"
    ) -> Generator[np.ndarray, None, None]:
        """Speak a text piece by piece; see ``Synthesizer.stream``. Closing the iterator early cancels the rest.

        The first chunk of a text of urgency ``first`` overtakes others, as somebody waits in silence; those with
        ``more`` take their turn; ``idle`` ones are spoken while nobody else asks for anything.

        Raises:
            SynthesisError: the engine failed or hangs, or the voice is closed.
            ConvaiError: the voice could not be loaded.
        """
        engine = self._loaded()
        chunks = _chunks(engine, text, speed, language)
        take_turns = engine.capabilities.in_turns
        try:
            while (chunk := self._next(chunks, urgency if take_turns else None)) is not None:
                yield chunk
                if urgency == "first":
                    urgency = "more"
        finally:
            if inspect.getgeneratorstate(chunks) != inspect.GEN_RUNNING:  # else a thread hangs in it
                chunks.close()

    def synthesize(self, text: str, *, speed: float = 1.0, language: str | None = None) -> np.ndarray:
        """Return the whole sound: int16 of shape (n,) at ``sample_rate``."""
        return join_chunks(self.stream(text, speed=speed, language=language))

    def probe(self) -> None:
        """See whether an engine on another machine is there; others are.

        Raises:
            ConvaiError: saying what is wrong.
        """
        probe = getattr(self._loaded(), "probe", None)
        if probe is not None:
            probe()

    def close(self) -> None:
        """Fail what is in progress, and free the model unless the engine hangs."""
        with self._lock:
            engine = self._engine.result() if self.ready() else None
            self._closed = True
            if not self._engine.done():
                self._engine.set_exception(SynthesisError(CLOSED))
        if self._loading is not None:
            self._loading.join(CLOSE_TIMEOUT_S)
        if self._scheduler.close() and engine is not None:
            engine.close()

    def _load(self) -> None:
        try:
            engine = load_synthesizer(self._name, self._model, **self._options)
            self._scheduler.start()
        # It is for everybody who asks from now on.
        except Exception as error:
            with self._lock:
                if not self._closed:
                    self._engine.set_exception(error)
            return
        with self._lock:
            if not self._closed:
                self._engine.set_result(engine)
                return
        engine.close()

    def _loaded(self, timeout: float | None = None) -> Synthesizer:
        if self._closed:
            raise SynthesisError(CLOSED)
        if not self._engine.done():
            self.start()
            timeout = self._start_timeout_s if timeout is None else timeout
            if not concurrent.futures.wait([self._engine], timeout).done:
                raise SynthesisError(f"The voice was not loaded within {timeout:g} seconds; check the machine's load.")
        with _errors_as_ours("The voice could not be loaded"):
            return self._engine.result()

    def _next(self, chunks: Iterator[np.ndarray], urgency: Urgency | None) -> np.ndarray | None:
        def work() -> np.ndarray | None:
            chunk = next(chunks, None)
            return None if chunk is None else np.ascontiguousarray(chunk, dtype=np.int16)

        with _errors_as_ours("The voice failed"):
            made: np.ndarray | None = work() if urgency is None else self._scheduler.do(work, urgency)
            return made


@contextlib.contextmanager
def _errors_as_ours(what: str) -> Iterator[None]:
    """Say in our own words what an engine raises, whatever it is."""
    try:
        yield
    except ConvaiError:
        raise
    except Exception as error:
        raise SynthesisError(f"{what} ({type(error).__name__}: {error}).") from error


def _chunks(engine: Synthesizer, text: str, speed: float, language: str | None) -> Generator[np.ndarray, None, None]:
    # Asked for with the first chunk, in the thread that speaks: some engines work before they return an iterator.
    yield from engine.stream(text, speed=speed, language=language)
