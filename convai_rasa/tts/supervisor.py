"""Keeps one voice process running: started again when it ends, less often if it keeps ending."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Mapping, Optional

from convai_rasa.errors import ConvaiError, SynthesisError
from convai_rasa.store import resolve
from convai_rasa.tts.engine_errors import EngineErrors
from convai_rasa.tts.worker_process import WorkerProcess

logger = logging.getLogger(__name__)

_SHORT_LIFE_S = 60.0  # dead so soon after loading: whatever killed it is likely to kill the next one
_QUICK_RESTARTS = 2  # two short lives may be bad luck; from the third on there is a rest before the next start
_FIRST_REST_S = 2.0  # doubled with every further short life
_LONGEST_REST_S = 60.0  # one start a minute costs a machine that lacks memory little


class Supervisor:
    """One voice, in one process after the other.

    Args:
        engine: name of the engine.
        model: name in the models/ tree or a path; None means the engine's default.
        options: keyword arguments of the engine's class.

    Attributes:
        last_loaded: the process that was loaded last, dead or alive; None before the first.
        restarts: how often a process was started for one that had ended.
    """

    def __init__(self, engine: str, model: Optional[str], options: Mapping[str, Any]) -> None:
        self.last_loaded: Optional[WorkerProcess] = None
        self.restarts = 0
        self._call: dict[str, Any] = {"engine": engine, "model": model, "options": options}
        self._process: Optional[WorkerProcess] = None
        self._given_up: Optional[ConvaiError] = None  # it could not be loaded, not even once
        self._changed = threading.Condition()  # loaded, closed or given up
        self._closed = threading.Event()
        self._engine_errors = EngineErrors()
        self._short_lives = 0
        self._rest_until = 0.0
        self._resting: Optional[threading.Thread] = None

    @property
    def process(self) -> Optional[WorkerProcess]:
        """The process started last; None before the first."""
        return self._process

    @property
    def is_closed(self) -> bool:
        """Whether ``close`` was called."""
        return self._closed.is_set()

    def running(self) -> WorkerProcess:
        """Return the process that speaks or loads, started if it is the first.

        Raises:
            SynthesisError: the voice is closed, or rests because it keeps ending.
        """
        with self._changed:
            self._check_not_closed()
            if self._process is None:
                self._call["model"] = _settled(self._call["model"])
                self._process = self._started()
            self._check_rest(0)
            return self._process

    def loaded_again(self, within_s: Optional[float]) -> WorkerProcess:
        """Wait until a process is loaded, through deaths and rests.

        Args:
            within_s: how long to wait; None waits until there is one.

        Raises:
            SynthesisError: the voice is closed, was not loaded in time, or rests for longer than that.
            ConvaiError: it was never loaded, and cannot be.
        """
        with self._changed:
            if within_s is not None:
                self._check_rest(within_s)
            self._changed.wait_for(lambda: self.is_closed or self._given_up or self._is_ready(), within_s)
            self._check_not_closed()
            if self._given_up is not None:
                raise self._given_up
            if self._process is None or not self._is_ready():
                raise SynthesisError(f"The voice has ended and was not loaded again within {within_s:g} seconds.")
            return self._process

    def close(self) -> None:
        """End the process and whatever waits to start another."""
        with self._changed:
            self._closed.set()
            process, resting = self._process, self._resting
            self._changed.notify_all()
        if process is not None:
            process.close()
        if resting is not None:
            resting.join()

    def _is_ready(self) -> bool:
        return self._process is not None and self._process.is_ready

    def _check_not_closed(self) -> None:
        if self.is_closed:
            raise SynthesisError("This voice is closed; create a new SynthesisWorker.")

    def _check_rest(self, bearable_s: float) -> None:
        rest_s = self._rest_until - time.monotonic()
        if rest_s > bearable_s:
            raise SynthesisError(f"The voice keeps ending; it is started again in {rest_s:.0f} s, try again then.")

    def _started(self) -> WorkerProcess:
        started = time.monotonic()
        process = WorkerProcess(self._call, self._engine_errors, self._note_loaded, self._replace)
        logger.debug("voice process %d started in %.2f s", process.pid, time.monotonic() - started)
        return process

    def _note_loaded(self, process: WorkerProcess) -> None:
        with self._changed:
            self.last_loaded = process
            self._changed.notify_all()

    def _replace(self, dead: WorkerProcess) -> None:
        """Start a new process for one that has ended: at once, or after a rest if it is not the first to die young."""
        with self._changed:
            if self.is_closed:
                return
            # A voice that was never loaded is not tried again: its error is the answer to every request.
            if dead.load_error is not None and self.last_loaded is None:
                self._given_up = dead.load_error
                self._changed.notify_all()
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
            with self._changed:
                if not self.is_closed:
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
