"""Voices of two models: one makes a spectrogram of the symbols, the vocoder makes sound of the spectrogram."""

from __future__ import annotations

import threading
from typing import Any, Iterator, Mapping, Union

import numpy as np

from convai_rasa.errors import ConfigurationError
from convai_rasa.tts.acoustic_glow import GlowTts
from convai_rasa.tts.acoustic_tacotron2 import Tacotron2
from convai_rasa.tts.coqui_folder import CoquiFolder
from convai_rasa.tts.coqui_layers import loading, read_checkpoint
from convai_rasa.tts.mel_scale import MelScale
from convai_rasa.tts.vits import FIRST_FRAMES, LONGEST_FRAMES
from convai_rasa.tts.vocoder import load_vocoder

KINDS = ("tacotron2", "glow_tts")
_MANY_SPEAKERS = ("use_speaker_embedding", "use_d_vector_file")
_SAME_FRAMES = ("num_mels", "hop_length", "sample_rate")


class TwoStageVoice:
    """A Tacotron 2 or Glow-TTS voice with its vocoder; threads may share it.

    Args:
        folder: what was found in the voice's folder.
        device: torch device.
        bfloat16: whether the vocoder computes in bfloat16, if it can.

    Attributes:
        sample_rate: of the sound in Hz.

    Raises:
        ConfigurationError: a kind of model that is not supported, or a vocoder that does not fit.
        ModelCorrupt: a file is damaged or does not fit its configuration.
    """

    def __init__(self, folder: CoquiFolder, *, device: str, bfloat16: bool) -> None:
        config, vocoder = folder.config, folder.vocoder()
        _check(config, vocoder.config)
        checkpoint = read_checkpoint(folder.checkpoint)
        self._acoustic: Union[Tacotron2, GlowTts]
        with loading(folder.checkpoint):
            if config["model"] == "tacotron2":
                self._acoustic = Tacotron2(config, checkpoint, device=device)
            else:
                self._acoustic = GlowTts(config, checkpoint["model"], device=device)
        self._vocoder = load_vocoder(vocoder.checkpoint, vocoder.config, device=device, bfloat16=bfloat16)
        self._made_in = MelScale(config["audio"], folder.path)
        self._wanted_in = MelScale(vocoder.config["audio"], vocoder.path)
        self._lock = threading.Lock()
        self.sample_rate = int(vocoder.config["audio"]["sample_rate"])

    def speak(self, ids: list[int], *, speed: float, seed: int) -> Iterator[np.ndarray]:
        """Speak symbols piece by piece; see ``VitsVoice.speak``."""
        frames = self._frames(ids, speed=speed, seed=seed)
        yield from self._vocoder.speak_in_chunks(frames, FIRST_FRAMES, LONGEST_FRAMES)

    def whole(self, ids: list[int], *, speed: float, seed: int) -> np.ndarray:
        """Return the sound of ``speak`` as one computation gives it: float32 of shape (n,)."""
        import torch

        return self._vocoder.decode(torch.cat(list(self._frames(ids, speed=speed, seed=seed)), dim=2))

    def _frames(self, ids: list[int], *, speed: float, seed: int) -> Iterator[Any]:
        blocks = self._acoustic.frames(ids, speed=speed, seed=seed)
        while True:
            with self._lock:  # torch has one random generator, which is seeded for each block
                block = next(blocks, None)
            if block is None:
                return
            yield self._wanted_in.from_decibels(self._made_in.to_decibels(block))


def _check(config: Mapping[str, Any], vocoder: Mapping[str, Any]) -> None:
    for key in _MANY_SPEAKERS:
        if config.get(key):
            raise ConfigurationError(f"The voice has '{key}'; supported are voices of one speaker and language.")
    for key in _SAME_FRAMES:
        made, wanted = config["audio"].get(key), vocoder["audio"].get(key)
        if made != wanted:
            raise ConfigurationError(
                f"The voice and its vocoder do not fit: '{key}' is {made} in the one and {wanted} in the other; "
                "use the vocoder that was trained for this voice."
            )
