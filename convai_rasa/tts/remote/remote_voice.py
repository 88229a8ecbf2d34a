"""What every voice on another machine does here: hand it sentences, and hand on its sound as it comes."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from typing import AbstractSet as Set, Any, AsyncGenerator, Iterator, Optional

import numpy as np

from convai_rasa.errors import SynthesisError
from convai_rasa.options import Field, Options
from convai_rasa.remote import RemoteEngine, RemoteError, iterate
from convai_rasa.tts.synthesizer import Capabilities, join_chunks
from convai_rasa.tts.text import Pause, script


class RemoteSynthesisError(RemoteError, SynthesisError):
    """A voice on another machine failed."""


class VoiceOptions(Options):
    """What every voice on another machine takes.

    Attributes:
        model_path: the model's or the voice's name there.
        language: code of the language it speaks; None where it speaks several.
        sample_rate: of its sound in Hz, as it is spoken here; other sound is brought to it.
        speed: 1.0 is the voice's own pace, 2.0 twice as fast.
        threads: as every engine is given; the server has its own.
    """

    model_path: str = ""
    language: Optional[str] = None
    sample_rate: int = Field(24_000, ge=8_000, le=48_000)
    speed: float = Field(1.0, ge=0.25, le=4.0)
    threads: int = Field(1, ge=1, le=256)


class RemoteVoice(RemoteEngine, ABC):
    """A voice on another machine; threads may share it, and nobody has to wait for another's sentence.

    Attributes:
        sounds_by: the options that decide how it sounds.
    """

    failure = RemoteSynthesisError
    options: VoiceOptions
    sounds_by: Set[str]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.sample_rate = self.options.sample_rate
        sounds_by = self.options.dict(include=set(self.sounds_by))
        self.capabilities = Capabilities(
            languages=() if self.options.language is None else (self.options.language,),
            streams=True,
            identity=hashlib.sha256(json.dumps(sounds_by, sort_keys=True).encode()).hexdigest(),
            in_turns=False,
        )

    @abstractmethod
    def ask(self, text: str, speed: float, language: Optional[str]) -> AsyncGenerator[np.ndarray, None]:
        """Ask the server to speak.

        Args:
            text: one sentence, ready for the ear.
            speed: times the voice's own pace.
            language: code of the text; None: the voice's own.

        Yields:
            int16 of shape (n,) at ``sample_rate``.

        Raises:
            RemoteSynthesisError: there is no sound in time, or something else.
        """

    def stream(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> Iterator[np.ndarray]:
        """Speak a text sentence by sentence, each as it comes; see ``Synthesizer.stream``."""
        for step in script(text, language or self.options.language or "en"):
            if self._closed:
                raise RemoteSynthesisError("This voice is closed; create a new one.")
            if isinstance(step, Pause):
                yield step.sound(self.sample_rate)
                continue
            yield from iterate(self.ask(step.text, speed * step.rate * self.options.speed, language))

    def synthesize(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> np.ndarray:
        """Return the whole sound: int16 of shape (n,) at ``sample_rate``."""
        return join_chunks(self.stream(text, speed=speed, language=language))
