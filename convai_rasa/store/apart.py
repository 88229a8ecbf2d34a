"""Work in a process of its own, because it imports gigabytes of libraries that print a lot, and may die in native code.

Such a module is run with ``python -m``. What it found is one JSON object on its standard output, written by ``answer``;
whatever libraries print goes to standard error.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from convai_rasa import errors
from convai_rasa.errors import ConvaiError, ModelError


class Unanswered(Exception):
    """A process ended without an answer; a clause that says how."""


def run_apart(module: str, *arguments: str, environment: Mapping[str, str], limit_s: float | None = None) -> Any:
    """Run a module and return its answer; raises the ConvaiError that it has raised, or ``Unanswered``."""
    package_parent = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, [package_parent, os.environ.get("PYTHONPATH")]))
    with tempfile.TemporaryFile() as words:  # a pipe could fill up
        try:
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-m", module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=words,
                timeout=limit_s,
                env={**os.environ, "PYTHONPATH": path, **environment},
            )
        except subprocess.TimeoutExpired:
            raise Unanswered(f"it was not done within {limit_s:g} s") from None
        words.seek(0)
        last = words.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
    if done.returncode < 0:
        killed = signal.Signals(-done.returncode).name
        memory = ", perhaps because memory ran out" if killed == "SIGKILL" else ""
        raise Unanswered(f"its process was ended by {killed}{memory}")
    if not done.stdout:
        raise Unanswered(last or f"exit status {done.returncode}")
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise getattr(errors, answer["kind"], ModelError)(answer["error"])
    return answer


def answer(work: Callable[[], Mapping[str, Any]]) -> int:
    """Do the work of such a process, and print what came of it, by names; returns the exit status."""
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries print, too
    try:
        said = work()
    except ConvaiError as error:
        said = {"error": str(error), "kind": type(error).__name__}
    with own:
        own.write(json.dumps(said) + "\n")
    return int("error" in said)
