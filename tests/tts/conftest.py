from __future__ import annotations

import pathlib

import pytest


@pytest.fixture
def tiny_voice(monkeypatch: pytest.MonkeyPatch) -> str:
    """Install the tiny engine of the contract tests for one test; returns its name."""
    monkeypatch.syspath_prepend(str(pathlib.Path(__file__).parents[1] / "contracts" / "plugin"))
    return "tiny"
