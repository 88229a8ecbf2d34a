"""What ``rasa train`` is doing, a line for each phase, where Rasa itself was told to be quiet.

Rasa and our components say in their logs what they begin; ``shown`` reads these and nothing else. On a terminal the
phase that is under way has a clock, and the bars of whatever it does below it; elsewhere there are the lines alone.
"""

from __future__ import annotations

import contextlib
import logging
import re
import sys
import time
from collections.abc import Iterator

from tqdm import tqdm

from convai_rasa.store import clock

_HOOKS = "rasa.engine.training.hooks"  # says which component is trained, or was trained before
_VALIDATION = "rasa.cli.train"
_OURS = "convai_rasa.nlu"
_STARTED = re.compile(r"Starting to train component '(\w+)'")
_FINISHED = re.compile(r"Finished training component '(\w+)'")
_RESTORED = re.compile(r"Restored component '(\w+)' from cache")


class _Phases(logging.Handler):
    """Turns log records into phases; each ends where the next begins."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._under_way = contextlib.ExitStack()
        self._label, self._began = "", 0.0

    def begin(self, label: str, *, minor: bool = False) -> None:
        """Start a phase; a minor one is not worth a line where it cannot be shown while it lasts."""
        self.end()
        self._label, self._began = label, time.monotonic()
        if sys.stderr.isatty():
            self._under_way.enter_context(clock(label))
        elif not minor:
            _say(f"{label} …")

    def end(self) -> None:
        """End the phase that is under way, if any."""
        self._under_way.close()
        took_s = time.monotonic() - self._began
        if self._label and sys.stderr.isatty() and took_s >= 1:
            _say(f"{self._label}: {took_s:.0f} s")
        self._label = ""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.name.startswith(_OURS):
            if record.levelno < logging.WARNING:  # Rasa's own handler shows the others
                _say(f"  {message}")
        elif record.name == _VALIDATION:
            self.begin("Checking the domain and the training data")
        elif started := _STARTED.search(message):
            self.begin(f"Training {started[1]}")
        elif _FINISHED.search(message):
            self.begin("Saving the trained model", minor=True)
        elif restored := _RESTORED.search(message):
            _say(f"{restored[1]}: nothing changed, taken from the last training")


@contextlib.contextmanager
def shown() -> Iterator[None]:
    """Show the phases of a training that happens inside."""
    phases = _Phases()
    for name in (_HOOKS, _VALIDATION, _OURS):
        logger = logging.getLogger(name)
        logger.addHandler(phases)
        logger.setLevel(logging.INFO)
    phases.begin("Starting Rasa")
    try:
        yield
    finally:
        phases.end()
        for name in (_HOOKS, _VALIDATION, _OURS):
            logging.getLogger(name).removeHandler(phases)


def _say(line: str) -> None:
    with tqdm.external_write_mode(file=sys.stderr):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
