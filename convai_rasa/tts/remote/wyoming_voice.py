"""Speech by a Wyoming server, for example wyoming-piper."""

from __future__ import annotations

import contextlib
from typing import Any, AsyncGenerator, Optional

import numpy as np

from convai_rasa.options import Field
from convai_rasa.remote import WyomingEngine, WyomingOptions
from convai_rasa.tts.remote.pcm_stream import PcmStream
from convai_rasa.tts.remote.remote_voice import RemoteSynthesisError, RemoteVoice, VoiceOptions


class WyomingVoiceOptions(WyomingOptions, VoiceOptions):
    """What can be configured; ``model_path`` is the voice's name on the server, empty for its own choice.

    Attributes:
        speaker: of a voice that has several.
    """

    speaker: Optional[str] = None
    sample_rate: int = Field(22_050, ge=8_000, le=48_000)


class WyomingVoice(WyomingEngine, RemoteVoice):
    """A voice behind a Wyoming server; threads may share it. The protocol knows no speed: the voice's own is spoken."""

    options_class = WyomingVoiceOptions
    options: WyomingVoiceOptions
    sounds_by = frozenset({"uri", "model_path", "speaker", "language", "sample_rate"})

    async def ask(self, text: str, speed: float, language: Optional[str]) -> AsyncGenerator[np.ndarray, None]:
        """Ask for a sentence and hand its sound on as it comes; see ``RemoteVoice.ask``."""
        from wyoming.tts import Synthesize, SynthesizeVoice

        name = self.options.model_path or None
        voice = SynthesizeVoice(
            name=name, language=language or self.options.language, speaker=self.options.speaker if name else None
        )
        events = ["audio-start", "audio-chunk", "audio-stop"]
        pcm: Optional[PcmStream] = None
        is_silent = True
        async with contextlib.aclosing(self.exchange([Synthesize(text=text, voice=voice)], events)) as answers:
            async for event in answers:
                if event.type == "audio-stop":
                    break
                pcm = pcm or self._stream(event.data)
                sound = pcm.take(event.payload) if event.payload else None
                if sound is not None:
                    is_silent = False
                    yield sound
        rest = pcm.take(b"") if pcm is not None else None
        if rest is not None:
            is_silent = False
            yield rest
        if is_silent:
            raise self._strange("no sound at all")

    def _stream(self, form: Any) -> PcmStream:
        rate, width, channels = (form.get(key) for key in ("rate", "width", "channels"))
        if (width, channels) != (2, 1) or not isinstance(rate, int) or not 8_000 <= rate <= 192_000:
            raise self._strange(f"sound of {channels} channels, {width} bytes a sample, {rate} Hz")
        return PcmStream(self.sample_rate, rate)

    def _strange(self, what: str) -> RemoteSynthesisError:
        return RemoteSynthesisError(
            f"The Wyoming server {self.options.uri} answered with {what}, not with 16-bit mono PCM; name another voice "
            "as model."
        )
