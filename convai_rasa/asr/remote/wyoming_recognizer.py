"""Recognition by a Wyoming server, for example wyoming-faster-whisper."""

from __future__ import annotations

import contextlib
from typing import Optional

import numpy as np

from convai_rasa.asr.remote.remote_recognizer import (
    Answer,
    Heard,
    RecognizerOptions,
    RemoteRecognitionError,
    RemoteRecognizer,
)
from convai_rasa.audio import SAMPLE_RATE, float_to_pcm16
from convai_rasa.remote import WyomingEngine, WyomingOptions

_CHUNK_SAMPLES = SAMPLE_RATE // 10


class WyomingRecognizerOptions(WyomingOptions, RecognizerOptions):
    """What can be configured; ``model_path`` is the model's name on the server, empty for its own choice."""


class WyomingRecognizer(WyomingEngine, RemoteRecognizer):
    """A model behind a Wyoming server; threads may share it.

    The protocol tells no probability: what the server writes is believed. The prompt goes along as terms to expect,
    which a server may pass over.
    """

    options_class = WyomingRecognizerOptions
    options: WyomingRecognizerOptions

    async def ask(self, samples: np.ndarray, language: Optional[str], prompt: Optional[str]) -> Answer:
        """Send the sound in pieces; see ``RemoteRecognizer.ask``."""
        from wyoming.asr import Transcribe
        from wyoming.audio import AudioChunk, AudioStart, AudioStop

        form = {"rate": SAMPLE_RATE, "width": 2, "channels": 1}
        pcm = float_to_pcm16(samples).astype("<i2").tobytes()
        size = 2 * _CHUNK_SAMPLES
        terms = [prompt.strip()] if prompt and prompt.strip() else None
        events = [
            Transcribe(name=self.options.model_path or None, language=language, transcript_terms=terms),
            AudioStart(**form),
            *(AudioChunk(audio=pcm[start : start + size], **form) for start in range(0, len(pcm), size)),
            AudioStop(),
        ]
        async with contextlib.aclosing(self.exchange(events, ["transcript"])) as answers:
            event = await answers.__anext__()
        text, told = event.data.get("text"), event.data.get("language")
        if not isinstance(text, str):
            raise RemoteRecognitionError(
                f"The Wyoming server {self.options.uri} sent a transcript without text; correct uri."
            )
        return Answer([Heard(text)], told if isinstance(told, str) and told else None)
