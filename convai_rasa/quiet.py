"""Runs Rasa's own commands without the warnings that its dependencies have for each other.

``python -m convai_rasa.quiet rasa train`` is ``rasa train``; nobody at the keyboard could do anything about those
warnings. Rasa's own, those of the bot's code, and all errors still come through. ``rasa train --quiet`` says in a line
for each phase what it is doing.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import sys
import sysconfig
import warnings
from pathlib import Path
from typing import Any, ContextManager

from convai_rasa import heap

ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "RASA_TELEMETRY_ENABLED": "false",  # nothing leaves this machine
}

_INSTALLED = Path(sysconfig.get_paths()["purelib"])


def main() -> None:
    """Run the module named first on the command line as ``python -m`` would."""
    if len(sys.argv) < 2:
        sys.exit("usage: python -m convai_rasa.quiet MODULE [ARGUMENT ...], for example: rasa train")
    os.environ.update(ENVIRONMENT)
    # Not with filters: Sanic and Rasa both put their own in front of ours.
    show = warnings.showwarning

    def show_relevant(message: Any, category: type[Warning], filename: str, *more: Any, **others: Any) -> None:
        if is_relevant(filename, category):
            show(message, category, filename, *more, **others)

    warnings.showwarning = show_relevant
    heap.begin_loading()
    sys.argv = sys.argv[1:]
    phases: ContextManager[None] = contextlib.nullcontext()
    if sys.argv[:2] == ["rasa", "train"] and "--quiet" in sys.argv:
        from convai_rasa.phases import shown

        phases = shown()
    with phases:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def is_relevant(filename: str, category: type[Warning]) -> bool:
    """Whether a user can act on a warning: it is about the bot's code, or Rasa says something about the bot."""
    path = Path(filename)
    if _INSTALLED not in path.parents:
        return True
    return path.is_relative_to(_INSTALLED / "rasa") and not issubclass(category, DeprecationWarning)


if __name__ == "__main__":
    main()
