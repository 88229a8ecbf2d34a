"""Makes this folder's modules importable: pytest's importlib mode adds no folder to the path."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from convai_rasa.audio import StreamResampler, float_to_pcm16, pcm16_to_float
from convai_rasa.tts import SharedVoice

sys.path.insert(0, str(Path(__file__).parent))

from callers import Caller
from house import House


@pytest.fixture(scope="session")
def question(voice: SharedVoice) -> np.ndarray:
    """A spoken question, int16 at 16 kHz."""
    resample = StreamResampler(voice.sample_rate, 16_000)
    spoken = resample.push(pcm16_to_float(voice.synthesize("Do you have parking?")))
    return float_to_pcm16(np.concatenate([spoken, resample.flush()]))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def bob(house: House) -> AsyncIterator[Caller]:
    """Somebody who is there from the first fault to the last, on one connection."""
    async with Caller(house.url) as bob:
        yield bob
