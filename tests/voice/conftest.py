"""Makes ``twilio_simulator.py`` importable: pytest's importlib mode adds no folder to the path."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from standing_clock import Clock

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def clock() -> Clock:
    return Clock()
