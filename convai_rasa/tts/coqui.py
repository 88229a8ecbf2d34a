"""Voices of Coqui and Piper, spoken by onnxruntime."""

from __future__ import annotations

import logging
import pathlib
from typing import Any, Iterator, Optional, Union

import numpy as np
from typing_extensions import Literal

from convai_rasa.audio import float_to_pcm16
from convai_rasa.errors import SynthesisError
from convai_rasa.options import Field, Options, parse_options
from convai_rasa.store import how_to_mend, resolve
from convai_rasa.tts.export import VOICE_FILE, read_voice_file
from convai_rasa.tts.exported import check_voice, find_graphs
from convai_rasa.tts.graphs import GraphVoice, load_voice
from convai_rasa.tts.identity import voice_identity
from convai_rasa.tts.synthesizer import Capabilities, join_chunks
from convai_rasa.tts.text import Pause, SymbolEncoder, read_as, script

logger = logging.getLogger(__name__)

__all__ = ["CoquiOptions", "CoquiSynthesizer", "check_voice"]

DEFAULT_MODEL = "tts/vits-joe"

_SEED = 20


class CoquiOptions(Options):
    """What can be configured about a voice.

    Attributes:
        model_path: name in the models/ tree, or a folder with a voice as it was fetched, trained or exported.
        vocoder: name in the models/ tree or folder of the vocoder of a Tacotron 2 or Glow-TTS voice; None takes the
            voice's subfolder ``vocoder``.
        speaker: name of one of several speakers; None takes the first.
        device: ``auto`` takes a GPU where onnxruntime can compute on one.
        threads: of the voice.
        speed: 1.0 is the voice's own pace, 2.0 twice as fast.
        precision: float32 is all there is; it is as fast as bfloat16 on CPUs that compute in that.
    """

    model_path: str = DEFAULT_MODEL
    vocoder: Optional[str] = None
    speaker: Optional[str] = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = Field(1, ge=1, le=256)
    speed: float = Field(1.0, ge=0.25, le=4.0)
    precision: Literal["auto", "float32"] = "auto"


class CoquiSynthesizer:
    """A voice in memory, Coqui's (VITS, Tacotron 2 or Glow-TTS) or Piper's; threads may share it.

    The same text always gives the same sound. A checkpoint is exported first, if that has not been done.

    Args:
        model_path: name in the models/ tree, or a folder with a voice as it was fetched, trained or exported.
        **options: the other keys of ``CoquiOptions``.

    Raises:
        ConfigurationError: an option is impossible, or the voice is of an unsupported kind.
        ModelNotFound: the voice is not installed.
        ModelCorrupt: a file is missing or cannot be loaded.
        ModelError: the voice could not be exported.
        MissingExtra: onnxruntime or gruut is not installed, or what exports a checkpoint.
    """

    options_class = CoquiOptions  # so that a configuration can be checked without loading a model

    def __init__(self, model_path: Union[str, pathlib.Path] = DEFAULT_MODEL, **options: Any) -> None:
        given = {"model_path": str(model_path), **options}
        self.options = parse_options(CoquiOptions, given, where="coqui")
        self.path = resolve(self.options.model_path)
        folder = find_graphs(self.path, self.options.vocoder)
        voice = read_voice_file(folder)
        self._encoder = SymbolEncoder(voice.symbols)
        chosen = self.options.dict(include={"threads", "device", "speaker"})
        self._voice: Optional[GraphVoice] = load_voice(folder, voice, **chosen)
        self.sample_rate = voice.sample_rate
        files = [folder / name for name in (VOICE_FILE, *voice.graphs)]
        sounds_by = self.options.dict(include={"speed", "speaker", "device"})
        self.capabilities = Capabilities(
            languages=_with_base(self._encoder.language),
            streams=True,
            identity=voice_identity(files, {**sounds_by, "seed": _SEED}),
        )
        self.synthesize("Ready.")  # the first sentence is slow: onnxruntime and gruut prepare themselves
        logger.debug("loaded %s", folder)

    def stream(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> Iterator[np.ndarray]:
        """Speak a text sentence by sentence, each piece by piece; see ``Synthesizer.stream``."""
        for step in script(text, read_as(language, self.capabilities.languages)):
            if isinstance(step, Pause):
                yield step.sound(self.sample_rate)
                continue
            ids = self._encoder.encode(step.text)
            if ids:
                yield from self._speak(ids, speed * step.rate)

    def synthesize(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> np.ndarray:
        """Return the whole sound: int16 of shape (n,) at ``sample_rate``."""
        return join_chunks(self.stream(text, speed=speed, language=language))

    def close(self) -> None:
        """Free the model; the synthesizer cannot be used afterwards."""
        self._voice = None

    def _speak(self, ids: list[int], speed: float) -> Iterator[np.ndarray]:
        voice = self._voice
        if voice is None:
            raise SynthesisError("This synthesizer is closed; create a new one.")
        for sound in voice.speak(ids, speed=speed * self.options.speed, seed=_SEED):
            if not np.isfinite(sound).all():
                raise SynthesisError(
                    f"The voice in {self.path} produces NaN (not a number), so its weights are damaged; "
                    f"{how_to_mend(self.path)}."
                )
            yield float_to_pcm16(sound)


def _with_base(language: str) -> tuple[str, ...]:
    """Return ``en`` and ``en-gb`` for ``en-gb-x-rp``."""
    parts = language.lower().replace("_", "-").split("-")
    return tuple(dict.fromkeys((parts[0], "-".join(parts[:2]))))
