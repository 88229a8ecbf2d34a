"""Speech by a server with OpenAI's audio API: OpenAI itself, speaches, LocalAI and others."""

from __future__ import annotations

import logging
from typing import Any, AsyncGenerator, Callable, Mapping, Optional

import numpy as np

from convai_rasa.errors import AudioError
from convai_rasa.remote import HttpEngine, HttpOptions
from convai_rasa.tts.remote.pcm_stream import NotPcm, PcmStream
from convai_rasa.tts.remote.remote_voice import RemoteSynthesisError, RemoteVoice, VoiceOptions

logger = logging.getLogger(__name__)

_PATH = "/audio/speech"
_IN_WORDS = ("text/", "application/json", "application/problem+json", "application/xhtml")
_COMPRESSED = ("audio/mpeg", "audio/mp3", "audio/ogg", "audio/opus", "audio/aac", "audio/flac", "audio/webm")
_SLOWEST, _FASTEST = 0.25, 4.0  # of the API


class OpenAiVoiceOptions(HttpOptions, VoiceOptions):
    """What can be configured; ``model_path`` is the model's name on the server.

    Attributes:
        voice: of the model, by its name.
        instructions: how it is to speak, for models that listen to that.
    """

    model_path: str = "tts-1"
    voice: str = "alloy"
    instructions: Optional[str] = None


class OpenAiVoice(HttpEngine, RemoteVoice):
    """A voice behind ``POST {base_url}/audio/speech``; threads may share it."""

    options_class = OpenAiVoiceOptions
    options: OpenAiVoiceOptions
    sounds_by = frozenset({"base_url", "model_path", "voice", "instructions", "sample_rate", "speed"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._told_rate = False

    async def ask(self, text: str, speed: float, language: Optional[str]) -> AsyncGenerator[np.ndarray, None]:
        """Ask for PCM and hand it on as it comes; see ``RemoteVoice.ask``."""
        wanted = {
            "model": self.options.model_path,
            "input": text,
            "voice": self.options.voice,
            "response_format": "pcm",
            "speed": round(min(_FASTEST, max(_SLOWEST, speed)), 3),
        }
        if self.options.instructions:
            wanted["instructions"] = self.options.instructions
        is_silent = True
        async for sound in self.parts_of_answer(_PATH, {"json": wanted}, self._reader):
            is_silent = False
            yield sound
        if is_silent:
            raise self._strange("no sound at all")

    def _reader(self, kind: str, parameters: Mapping[str, str]) -> Callable[[bytes], Optional[np.ndarray]]:
        if kind.startswith(_IN_WORDS) or kind in _COMPRESSED:
            raise self._strange(kind)
        rate = parameters.get("rate", "")
        pcm = PcmStream(self.sample_rate, int(rate) if rate.isascii() and rate.isdigit() and int(rate) else None)

        def take(data: bytes) -> Optional[np.ndarray]:
            try:
                sound = pcm.take(data)
            except NotPcm as error:
                raise self._strange(str(error)) from error
            except AudioError as error:
                raise self._strange(f"sound at {pcm.source_rate} Hz") from error
            if pcm.source_rate != self.sample_rate and not self._told_rate:
                self._told_rate = True
                logger.warning(
                    "The speech server %s sends sound at %d Hz, which is brought to %d; set sample_rate: %d.",
                    *(self.options.base_url, pcm.source_rate, self.sample_rate, pcm.source_rate),
                )
            return sound

        return take

    def _strange(self, what: str) -> RemoteSynthesisError:
        return RemoteSynthesisError(
            f"The speech server {self.options.base_url} answered with {what}, not with 16-bit mono PCM; name a model "
            "and a server that know response_format pcm or wav."
        )
