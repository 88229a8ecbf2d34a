"""Coqui voices."""

from __future__ import annotations

import logging
import pathlib
from typing import Any, Iterator, Optional, Protocol, Union

import numpy as np
from pydantic import Field
from typing_extensions import Literal

from convai_rasa.audio import float_to_pcm16
from convai_rasa.errors import ConfigurationError, SynthesisError, require
from convai_rasa.options import Options, parse_options
from convai_rasa.store import resolve
from convai_rasa.store.kinds import how_to_mend, kind_of, refuse
from convai_rasa.tts.coqui_folder import CoquiFolder
from convai_rasa.tts.identity import voice_identity
from convai_rasa.tts.script import Pause, script
from convai_rasa.tts.symbols import SymbolEncoder
from convai_rasa.tts.synthesizer import Capabilities, join_chunks
from convai_rasa.tts.two_stage import KINDS as TWO_STAGE_KINDS
from convai_rasa.tts.two_stage import TwoStageVoice
from convai_rasa.tts.vits import load_vits

logger = logging.getLogger(__name__)

DEFAULT_MODEL = "tts/vits-joe"

_SEED = 20


class CoquiVoice(Protocol):
    """What the kinds of Coqui voices have in common."""

    sample_rate: int

    def speak(self, ids: list[int], *, speed: float, seed: int) -> Iterator[np.ndarray]:
        """Speak symbols piece by piece: float32 arrays of shape (n,)."""


class CoquiOptions(Options):
    """What can be configured about a Coqui voice.

    Attributes:
        model_path: name in the models/ tree, or a folder with ``model.pth`` and ``config.json``.
        vocoder: name in the models/ tree or folder of the vocoder of a Tacotron 2 or Glow-TTS voice; None takes the
            voice's subfolder ``vocoder``.
        device: ``auto`` takes a GPU where torch sees one.
        threads: torch threads; they are set for the whole process.
        speed: 1.0 is the voice's own pace, 2.0 twice as fast.
        precision: of the decoder; ``auto`` takes bfloat16 on CPUs that compute in it (avx512_bf16).
    """

    model_path: str = DEFAULT_MODEL
    vocoder: Optional[str] = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = Field(1, ge=1, le=256)
    speed: float = Field(1.0, ge=0.25, le=4.0)
    precision: Literal["auto", "float32", "bfloat16"] = "auto"


class CoquiSynthesizer:
    """A Coqui voice in memory: VITS, Tacotron 2 or Glow-TTS; threads may share it.

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

    def __init__(self, model_path: Union[str, pathlib.Path] = DEFAULT_MODEL, **options: Any) -> None:
        given = {"model_path": str(model_path), **options}
        self.options = parse_options(CoquiOptions, given, where="coqui")
        folder = check_voice(resolve(self.options.model_path), self.options.vocoder)
        self.path = folder.path
        self._encoder = SymbolEncoder(folder.config)
        torch = require("torch", extra="voice")
        torch.set_num_threads(self.options.threads)
        device = _device(torch, self.options.device)
        bfloat16 = _use_bfloat16(self.options.precision, device)
        self._voice: Optional[CoquiVoice] = _load(folder, device=device, bfloat16=bfloat16)
        self.sample_rate = self._voice.sample_rate
        sounds_by = {"speed": self.options.speed, "device": device, "bfloat16": bfloat16, "seed": _SEED}
        two_stages = folder.config["model"] in TWO_STAGE_KINDS
        self.capabilities = Capabilities(
            languages=(self._encoder.language.split("-")[0],),
            streams=True,
            identity=voice_identity(folder.files(with_vocoder=two_stages), sounds_by),
        )
        self.synthesize("Ready.")  # the first sentence is slow: torch and gruut prepare themselves
        logger.debug("loaded %s on %s, decoder in %s", folder.path, device, "bfloat16" if bfloat16 else "float32")

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
            for sound in voice.speak(ids, speed=speed * self.options.speed, seed=_SEED):
                if not np.isfinite(sound).all():
                    raise SynthesisError(
                        f"The voice in {self.path} produces NaN (not a number), so its weights are damaged; "
                        f"{how_to_mend(self.path)}."
                    )
                yield float_to_pcm16(sound)
        except RuntimeError as error:
            raise SynthesisError(f"The voice could not speak {sentence[:60]!r}: {error}.") from error


def check_voice(path: pathlib.Path, vocoder: Optional[str] = None) -> CoquiFolder:
    """Look at the files of a voice; nothing heavy is imported.

    Args:
        path: of the voice's folder.
        vocoder: its name or folder, where it does not lie in the voice's folder.

    Raises:
        ConfigurationError: a kind of voice that is not supported.
        ModelCorrupt: the folder holds no voice.
    """
    folder = CoquiFolder.read(path, vocoder)
    if kind_of(folder.path).name == "vocoder":
        advice = "name it with the key 'vocoder' beside the voice it belongs to"
        raise refuse(folder.path, "a Coqui voice", advice=advice)
    kind = folder.config.get("model")
    if kind not in ("vits", *TWO_STAGE_KINDS):
        raise ConfigurationError(
            f"The voice is a '{kind}' model; supported are Coqui's vits, {' and '.join(TWO_STAGE_KINDS)}."
        )
    return folder


def _load(folder: CoquiFolder, *, device: str, bfloat16: bool) -> CoquiVoice:
    if folder.config["model"] in TWO_STAGE_KINDS:
        return TwoStageVoice(folder, device=device, bfloat16=bfloat16)
    return load_vits(folder.checkpoint, folder.config, device=device, bfloat16=bfloat16)


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
