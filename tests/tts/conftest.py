from __future__ import annotations

import contextlib
import importlib
import pathlib
import threading
from typing import Any, Iterator

import pytest

from convai_rasa.tts import SharedVoice

HERE = pathlib.Path(__file__).parent


@pytest.fixture
def tiny_voice(monkeypatch: pytest.MonkeyPatch) -> str:
    """Install the tiny engine of the contract tests for one test; returns its name."""
    monkeypatch.syspath_prepend(str(HERE.parent / "contracts" / "plugin"))
    return "tiny"


@pytest.fixture
def hangs_no_more(tiny_voice: str) -> Iterator[threading.Event]:
    """What ends a hang of the tiny voice; it is ended after the test at the latest."""
    event: threading.Event = importlib.import_module("tiny_voice").HANGS_NO_MORE
    event.clear()
    yield event
    event.set()


@pytest.fixture
def shared(tiny_voice: str) -> Iterator[Any]:
    """Return a function that makes shared voices of the tiny engine, all of them closed in the end."""
    with contextlib.ExitStack() as stack:

        def make(**options: Any) -> SharedVoice:
            return stack.enter_context(contextlib.closing(SharedVoice(tiny_voice, **options)))

        yield make
