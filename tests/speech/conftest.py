from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from scripted_speech import VOICES, Serve, Served, serving, tone

from convai_rasa.audio import SAMPLE_RATE, wav_bytes
from convai_rasa.speech.options import SpeechOptions


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts services that end with the test."""
    with contextlib.ExitStack() as stack:

        def start(*, tokens: Sequence[str] = (), opened: bool = True, **options: Any) -> Served:
            return stack.enter_context(serving(SpeechOptions(**{"tts": VOICES, **options}), tokens, opened))

        yield start


@pytest.fixture(scope="session")
def wav() -> bytes:
    """A second of a tone."""
    return wav_bytes(tone(1.0, SAMPLE_RATE).samples, SAMPLE_RATE)
