from __future__ import annotations

import pathlib
import sys
from typing import Any, Iterator

import pytest

from convai_rasa.tts import SynthesisWorker

HERE = pathlib.Path(__file__).parent

sys.path.append(str(HERE))  # pytest's importlib mode adds no folder to the path


@pytest.fixture
def tiny_voice(monkeypatch: pytest.MonkeyPatch) -> str:
    """Install the tiny engine of the contract tests for one test; returns its name."""
    monkeypatch.syspath_prepend(str(HERE.parent / "contracts" / "plugin"))
    return "tiny"


@pytest.fixture
def moody_voice(monkeypatch: pytest.MonkeyPatch, tiny_voice: str) -> str:
    """Install an engine that fails in more ways for one test; returns its name."""
    monkeypatch.syspath_prepend(str(HERE / "plugin"))
    return "moody"


@pytest.fixture
def worker(tiny_voice: str) -> Iterator[Any]:
    """Return a function that makes workers, all of them closed in the end."""
    made: list[SynthesisWorker] = []

    def make(engine: str = tiny_voice, **options: Any) -> SynthesisWorker:
        made.append(SynthesisWorker(engine, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def moody(worker: Any, moody_voice: str) -> Any:
    """Return a function that makes workers with the moody voice."""
    return lambda **options: worker(moody_voice, **options)
