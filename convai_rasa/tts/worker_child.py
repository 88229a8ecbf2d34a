"""A voice's process as the operating system sees it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from multiprocessing.connection import Connection
from typing import Any, Mapping

_LAST_WORDS_BYTES = 4000  # the end of what it printed, in which its last line lies


class Child:
    """One ``python -m convai_rasa.tts.worker_main``.

    Args:
        connection: the child's end of the pipe; the caller closes its own copy.
        options: of the engine; ``threads`` is for the libraries too.

    Raises:
        OSError: the machine could not start a process.
    """

    def __init__(self, connection: Connection, options: Mapping[str, Any]) -> None:
        # The child's words go to a file: on the console they would be a flood, in a pipe they could block it.
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "convai_rasa.tts.worker_main", str(connection.fileno()), str(os.getpid())],
            pass_fds=[connection.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=self._printed,
            stderr=self._printed,
            env=_environment(options),
            start_new_session=True,  # Ctrl-C in the terminal is for the parent, which then closes the child
        )

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def ends_within(self, seconds: float) -> bool:
        """Wait for its end; return whether it came."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def last_words(self) -> str:
        """Wait for its end; return how it ended, with the last line it printed. To be called once."""
        code = self._process.wait()
        how = f"exit status {code}"
        if code < 0:
            with contextlib.suppress(ValueError):
                how = f"signal {signal.Signals(-code).name}"
        with self._printed as printed:
            printed.seek(max(0, printed.seek(0, os.SEEK_END) - _LAST_WORDS_BYTES))
            lines = printed.read().decode("utf-8", "replace").strip().splitlines()
        return f"{how}: {lines[-1].strip()}" if lines else how


def _environment(options: Mapping[str, Any]) -> dict[str, str]:
    environment = dict(os.environ)
    # The child must find what this process finds: the project in the working directory, a plugin on the path.
    environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(os.path.abspath(entry) for entry in sys.path))
    environment["PYTHONUNBUFFERED"] = "1"
    environment["OMP_NUM_THREADS"] = str(options.get("threads", 1))
    return environment
