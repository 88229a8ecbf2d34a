"""Makes the modules of this folder and of tests/faults importable: pytest's importlib mode adds no folder."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from convai_rasa.audio import resample
from convai_rasa.tts import SharedVoice

sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parent.parent / "faults"))


@pytest.fixture(scope="session")
def question(voice: SharedVoice) -> np.ndarray:
    """A spoken question, int16 at 16 kHz."""
    return resample(voice.synthesize("Do you have parking?"), voice.sample_rate, 16_000)
