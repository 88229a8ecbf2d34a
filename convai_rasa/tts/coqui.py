"""Coqui voices."""

from __future__ import annotations

import json
import logging
import pathlib
import threading
from typing import Any, Iterator, Mapping, Optional

import numpy as np
from pydantic import Field
from typing_extensions import Literal

from convai_rasa.audio import float_to_pcm16
from convai_rasa.errors import ConfigurationError, ModelCorrupt, SynthesisError, require
from convai_rasa.options import Options, parse_options
from convai_rasa.store import resolve
from convai_rasa.tts.identity import voice_identity
from convai_rasa.tts.phonemes import PhonemeEncoder
from convai_rasa.tts.script import Pause, script
from convai_rasa.tts.synthesizer import Capabilities, join_chunks
from convai_rasa.tts.vits import VitsVoice, load_vits

logger = logging.getLogger(__name__)

DEFAULT_MODEL = "tts/vits-joe"

_FILES = ("config.json", "model.pth")
_FIRST_FRAMES = 40  # half a second of sound: computed fast, and it lasts until the next chunk is there
_LONGEST_FRAMES = 160
_SEED = 20


class CoquiOptions(Options):
    """What can be configured about a Coqui voice.

    Attributes:
        model_path: name in the models/ tree, or a folder with ``model.pth`` and ``config.json``.
        device: ``auto`` takes a GPU where torch sees one.
        threads: torch threads; they are set for the whole process.
        speed: 1.0 is the voice's own pace, 2.0 twice as fast.
        precision: of the decoder; ``auto`` takes bfloat16 on CPUs that compute in it (avx512_bf16).
    """

    model_path: str = DEFAULT_MODEL
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = Field(1, ge=1, le=256)
    speed: float = Field(1.0, ge=0.25, le=4.0)
    precision: Literal["auto", "float32", "bfloat16"] = "auto"


class CoquiSynthesizer:
    """A Coqui VITS voice in memory; threads may share it.

    The same text always gives the same sound.

    Args:
        model_path: name in the models/ tree, or a folder with ``model.pth`` and ``config.json``.
        **options: the other keys of ``CoquiOptions``.

    Raises:
        ConfigurationError: an option is impossible, or the voice is of an unsupported kind.
        ModelNotFound: the voice is not installed.
        ModelCorrupt: a file is missing or cannot be loaded.
        MissingExtra: torch, Coqui TTS or gruut is not installed.
    """

    options_class = CoquiOptions  # so that a configuration can be checked without loading a model

    def __init__(self, model_path: str = DEFAULT_MODEL, **options: Any) -> None:
        given = {"model_path": str(model_path), **options}
        self.options = parse_options(CoquiOptions, given, where="coqui")
        folder = resolve(self.options.model_path)
        config = _config(folder)
        self._encoder = PhonemeEncoder(config)
        torch = require("torch", extra="voice")
        torch.set_num_threads(self.options.threads)
        device = _device(torch, self.options.device)
        bfloat16 = _use_bfloat16(self.options.precision, device)
        self._voice: Optional[VitsVoice] = load_vits(folder / "model.pth", config, device=device, bfloat16=bfloat16)
        self.sample_rate = int(config["audio"]["sample_rate"])
        sounds_by = {"speed": self.options.speed, "device": device, "bfloat16": bfloat16, "seed": _SEED}
        self.capabilities = Capabilities(
            languages=(self._encoder.language.split("-")[0],),
            streams=True,
            identity=voice_identity([folder / name for name in _FILES], sounds_by),
        )
        self._lock = threading.Lock()
        self.synthesize("Ready.")  # the first sentence is slow: torch and gruut prepare themselves
        logger.debug("loaded %s on %s, decoder in %s", folder, device, "bfloat16" if bfloat16 else "float32")

    def stream(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> Iterator[np.ndarray]:
        """Speak a text sentence by sentence, each piece by piece; see ``Synthesizer.stream``."""
        for step in script(text, language or self.capabilities.languages[0]):
            if isinstance(step, Pause):
                yield np.zeros(int(step.seconds * self.sample_rate), np.int16)
                continue
            ids = self._encoder.encode(step.text)
            if ids:
                yield from self._speak(step.text, ids, speed * step.rate)

    def synthesize(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> np.ndarray:
        """Return the whole sound: int16 of shape (n,) at ``sample_rate``."""
        return join_chunks(self.stream(text, speed=speed, language=language))

    def close(self) -> None:
        """Free the model; the synthesiser cannot be used afterwards."""
        self._voice = None

    def _speak(self, sentence: str, ids: list[int], speed: float) -> Iterator[np.ndarray]:
        voice = self._voice
        if voice is None:
            raise SynthesisError("This synthesiser is closed; create a new one.")
        try:
            with self._lock:  # torch has one random generator, which is seeded for each sentence
                prior = voice.prior(ids, speed=speed * self.options.speed, seed=_SEED)
            for sound in voice.speak_in_chunks(prior, _FIRST_FRAMES, _LONGEST_FRAMES):
                yield float_to_pcm16(sound)
        except RuntimeError as error:
            raise SynthesisError(f"The voice could not speak {sentence[:60]!r}: {error}.") from error


def _config(folder: pathlib.Path) -> Mapping[str, Any]:
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        raise ModelCorrupt(f"The voice in {folder} lacks {' and '.join(missing)}; fetch it again.")
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelCorrupt(f"{folder / 'config.json'} is not JSON ({error}); fetch the voice again.") from error
    if not isinstance(config, dict):
        raise ModelCorrupt(f"{folder / 'config.json'} is no Coqui configuration; fetch the voice again.")
    return config


def _device(torch: Any, wanted: str) -> str:
    if wanted == "cuda" and not torch.cuda.is_available():
        raise ConfigurationError("coqui: device is 'cuda', but torch sees no GPU here; use 'auto' or 'cpu'.")
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return wanted


def _use_bfloat16(precision: str, device: str) -> bool:
    if precision != "auto":
        return precision == "bfloat16"
    if device != "cpu":
        return False
    try:
        flags = pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii", errors="ignore")
    except OSError:  # not Linux: float32 works everywhere
        return False
    return "avx512_bf16" in flags
