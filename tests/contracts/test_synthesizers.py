"""What every synthesiser must do; a new engine is added to the list of voices."""

from __future__ import annotations

import concurrent.futures
import contextlib
from typing import Callable, Iterator

import numpy as np
import pytest
from openai_server import openai_server

from convai_rasa.tts import SharedVoice, Synthesizer, TTSSynthesizer, load_synthesizer
from convai_rasa.tts.remote.openai_voice import OpenAiVoice

VOICES: dict[str, Callable[[], Synthesizer]] = {
    "tiny": lambda: load_synthesizer("tiny"),
    "tiny, shared": lambda: SharedVoice("tiny"),
    "coqui": lambda: load_synthesizer("coqui"),
    "coqui by its front": lambda: TTSSynthesizer("tts/vits-joe"),
    "coqui, shared": lambda: SharedVoice("coqui", "tts/vits-joe"),
    "coqui behind OpenAI's API": lambda: BehindApi("tts/vits-joe"),
}


class BehindApi(OpenAiVoice):
    """With the server around it."""

    def __init__(self, model: str) -> None:
        self._around = contextlib.ExitStack()
        server = self._around.enter_context(openai_server(tts=model))
        super().__init__(base_url=server.base_url, timeout_s=60, sample_rate=22_050, language="en")

    def close(self) -> None:
        super().close()
        self._around.close()


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.models] * name.startswith("coqui")) for name in VOICES])
def voice(request: pytest.FixtureRequest, tiny_voice: str) -> Iterator[Synthesizer]:
    synthesizer = VOICES[request.param]()
    yield synthesizer
    synthesizer.close()


def test_the_contract(voice: Synthesizer) -> None:
    assert isinstance(voice, Synthesizer)
    assert 8000 <= voice.sample_rate <= 48000
    assert "en" in voice.capabilities.languages

    chunks = list(voice.stream("We are open every day from noon. Would you like a table?"))
    assert all(chunk.dtype == np.int16 and chunk.ndim == 1 and len(chunk) for chunk in chunks)
    whole = np.concatenate(chunks)
    assert 1.0 < len(whole) / voice.sample_rate < 15.0
    assert np.abs(whole.astype(int)).max() > 1000
    if voice.capabilities.streams:
        assert len(chunks[0]) < len(whole) / 2

    for nothing in ("", "   ", "\n", "...", "🙂", "?!", "***"):
        silence = voice.synthesize(nothing)
        assert (silence.dtype, silence.shape) == (np.int16, (0,))

    given_up = voice.stream("This will be given up. " * 20)
    next(given_up)
    given_up.close()
    np.testing.assert_array_equal(voice.synthesize("Still here."), voice.synthesize("Still here."))

    texts = ["One table.", "Two tables, please.", "Three more tables for us."]
    alone = [voice.synthesize(text) for text in texts]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for expected, together in zip(alone, pool.map(voice.synthesize, texts), strict=True):
            np.testing.assert_array_equal(together, expected)
