"""Letting Rasa and the bot's own code work without a word on the screen, and not for ever."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import signal
import sys
import threading
import time
import warnings
from pathlib import Path
from types import FrameType, ModuleType
from typing import Callable, Iterator, Optional, TypeVar

from convai_rasa.quiet import ENVIRONMENT, is_relevant

LIMIT_S = 30.0  # a large spaCy pipeline loads in five
Result = TypeVar("Result")


class TookTooLong(BaseException):
    """Something did not end in the time it has; no ``except Exception`` of the bot's code may swallow it."""


def attempt(
    action: Callable[[], Result], limit_s: float = LIMIT_S
) -> tuple[Optional[Result], Optional[BaseException], list[str]]:
    """Run something of Rasa's or of the bot's; what it prints is thrown away.

    The time limit holds as far as this is the main thread and the system has timers.

    Returns:
        Its result, None if it failed; what it failed with, None if it did not; and what it warned of.
    """
    with muted() as warned:
        try:
            with _within(limit_s):
                return action(), None, warned
        except (Exception, SystemExit, TookTooLong) as error:
            return None, error, warned


@contextlib.contextmanager
def muted() -> Iterator[list[str]]:
    """Keep what is printed, logged and warned of off the screen; yields a list that has Rasa's warnings afterwards."""
    warned: list[str] = []
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    formatter = warnings.formatwarning  # Rasa puts its own in its place where a warning is raised as an error
    try:
        with (
            warnings.catch_warnings(record=True) as caught,
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("always")
            yield warned
    finally:
        logging.disable(disabled)
        warnings.formatwarning = formatter
        about_the_bot = (
            warning
            for warning in caught
            if is_relevant(warning.filename, warning.category)
            and not issubclass(warning.category, (DeprecationWarning, PendingDeprecationWarning, FutureWarning))
        )
        warned += dict.fromkeys(str(warning.message) for warning in about_the_bot)


@contextlib.contextmanager
def _within(limit_s: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(number: int, frame: Optional[FrameType]) -> None:
        raise TookTooLong(f"it did not finish within {limit_s:g} seconds")

    began = time.monotonic()
    before = signal.signal(signal.SIGALRM, stop)
    around_s, _ = signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        yield
    finally:
        left_s = max(around_s - (time.monotonic() - began), 0.01) if around_s else 0
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, left_s)


@contextlib.contextmanager
def as_rasa_would(folder: Path) -> Iterator[None]:
    """Let the modules of the project in this folder be found and register themselves, and forget them afterwards.

    Nothing is fetched meanwhile: models that a component would download are left to the training.
    """
    environment = dict(os.environ)
    for name, value in {**ENVIRONMENT, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}.items():
        os.environ.setdefault(name, value)
    from rasa.engine.recipes import default_components  # noqa: F401  # registers Rasa's own
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe

    registry = DefaultV1Recipe._registered_components
    before, loaded, wrote = dict(registry), set(sys.modules), sys.dont_write_bytecode
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True  # nothing is written into the project
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)
        sys.dont_write_bytecode = wrote
        sys.path.remove(str(folder))
        theirs = {name for name in set(sys.modules) - loaded if _is_within(folder, sys.modules[name])}
        for name in theirs:
            del sys.modules[name]
        for name, registered in list(registry.items()):
            # A module that fails after it has registered its component is not among the loaded ones.
            if registered is not before.get(name) and registered.clazz.__module__ not in sys.modules:
                del registry[name]
                registry.update({name: before[name]} if name in before else {})


def _is_within(folder: Path, module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and folder in Path(file).parents and "site-packages" not in Path(file).parts
