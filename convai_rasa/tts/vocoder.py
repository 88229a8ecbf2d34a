"""Coqui's HiFi-GAN and multi-band MelGAN vocoders: spectrogram frames to sound, piece by piece."""

from __future__ import annotations

import itertools
import math
import operator
import pathlib
from typing import Any, Iterable, Iterator, Mapping, Sequence

import numpy as np

from convai_rasa.errors import ConfigurationError
from convai_rasa.tts.coqui_layers import loading, prepare_import, quiet, read_checkpoint, ready_to_speak
from convai_rasa.tts.overlap import in_pieces

KINDS = ("hifigan_generator", "multiband_melgan_generator")
_GENERATOR = "model_g."
_BANDS = 4
_PQMF_TAPS = 62
_MELGAN_KERNEL = 3
_EDGE_KERNEL = 7  # of the first and the last convolution of both kinds


class Vocoder:
    """A vocoder in memory.

    Args:
        config: the ``config.json`` of the vocoder.
        state: its weights.
        device: torch device.
        bfloat16: whether HiFi-GAN computes in bfloat16; the filter bank of MelGAN needs float32.

    Attributes:
        hop_samples: samples per frame.
        overlap_frames: frames at each side that the sound of one frame depends on.

    Raises:
        ConfigurationError: a kind of vocoder that is not supported.
    """

    def __init__(self, config: Mapping[str, Any], state: Mapping[str, Any], *, device: str, bfloat16: bool) -> None:
        import torch

        kind = str(config.get("generator_model")).lower()
        if kind not in KINDS:
            raise ConfigurationError(f"The vocoder is a '{kind}'; supported are {' and '.join(KINDS)}.")
        params = dict(config["generator_model_params"])
        mels = int(config["audio"]["num_mels"])
        prepare_import()
        with quiet():
            self._network = _hifigan(mels, params) if kind == KINDS[0] else _melgan(mels, params)
        self._network.load_state_dict(state)
        ready_to_speak(self._network, device)
        self._torch = torch
        self._dtype = torch.bfloat16 if bfloat16 and kind == KINDS[0] else torch.float32
        self._device = device
        self._network.to(self._dtype)
        self._padding = int(self._network.inference_padding)
        factors = [int(factor) for factor in params["upsample_factors"]]
        self.hop_samples = math.prod(factors) * (1 if kind == KINDS[0] else _BANDS)
        self.overlap_frames = _hifigan_reach(params) if kind == KINDS[0] else _melgan_reach(factors, params)

    def decode(self, frames: Any) -> np.ndarray:
        """Return the sound of all frames at once, padded as Coqui pads them: float32 of shape (n,)."""
        return self._decode(self._padded(frames))[0, 0].cpu().numpy()

    def speak_in_chunks(self, blocks: Iterable[Any], first_frames: int, longest_frames: int) -> Iterator[np.ndarray]:
        """Turn spectrogram frames into sound as they become known; the pieces joined equal ``decode`` of all.

        Args:
            blocks: tensors of shape (1, mels, frames), normalised as the vocoder was trained.
            first_frames: length of the first piece; each following one is twice as long.
            longest_frames: up to this length.
        """
        for sound in in_pieces(
            self._padding_around(blocks),
            self._decode,
            overlap=self.overlap_frames,
            first=first_frames,
            longest=longest_frames,
            scale=self.hop_samples,
        ):
            yield sound[0, 0].cpu().numpy()

    def _decode(self, frames: Any) -> Any:
        with self._torch.inference_mode():
            sound = self._network(frames.to(self._device, self._dtype))
            if hasattr(self._network, "pqmf_layer"):
                sound = self._network.pqmf_synthesis(sound)
            return sound.float()

    def _padded(self, frames: Any) -> Any:
        return self._torch.nn.functional.pad(frames, (self._padding, self._padding), "replicate")

    def _padding_around(self, blocks: Iterable[Any]) -> Iterator[Any]:
        last: Any = None
        for block in blocks:
            if last is None:
                yield block[:, :, :1].expand(-1, -1, self._padding)
            last = block
            yield block
        if last is not None:
            yield last[:, :, -1:].expand(-1, -1, self._padding)


def load_vocoder(checkpoint: pathlib.Path, config: Mapping[str, Any], *, device: str, bfloat16: bool) -> Vocoder:
    """Load a checkpoint.

    Raises:
        ConfigurationError: a kind of vocoder that is not supported.
        ModelCorrupt: the file is damaged or does not fit its configuration.
    """
    state = read_checkpoint(checkpoint)["model"]
    if any(name.startswith(_GENERATOR) for name in state):  # saved by training, with the discriminator beside it
        state = {name[len(_GENERATOR) :]: value for name, value in state.items() if name.startswith(_GENERATOR)}
    with loading(checkpoint):
        return Vocoder(config, state, device=device, bfloat16=bfloat16)


def _hifigan(mels: int, params: Mapping[str, Any]) -> Any:
    from TTS.vocoder.models.hifigan_generator import HifiganGenerator

    return HifiganGenerator(in_channels=mels, out_channels=1, **params)


def _melgan(mels: int, params: Mapping[str, Any]) -> Any:
    from TTS.vocoder.models.multiband_melgan_generator import MultibandMelganGenerator

    return MultibandMelganGenerator(
        in_channels=mels,
        out_channels=_BANDS,
        proj_kernel=_EDGE_KERNEL,
        base_channels=384,
        upsample_factors=params["upsample_factors"],
        res_kernel=_MELGAN_KERNEL,
        num_res_blocks=params["num_res_blocks"],
    )


def _hifigan_reach(params: Mapping[str, Any]) -> int:
    """Return the frames that one frame's sound depends on to one side: the sum over the layers, each at its rate."""
    blocks = [
        _block_reach(str(params["resblock_type"]), int(kernel), dilations)
        for kernel, dilations in zip(params["resblock_kernel_sizes"], params["resblock_dilation_sizes"], strict=True)
    ]
    kernels = [int(kernel) for kernel in params["upsample_kernel_sizes"]]
    return _reach([int(factor) for factor in params["upsample_factors"]], kernels, max(blocks))


def _block_reach(kind: str, kernel: int, dilations: Sequence[int]) -> int:
    half = (kernel - 1) // 2
    # Each dilated convolution of a block of the first type is followed by an undilated one.
    return half * (sum(dilations) + (len(dilations) if kind == "1" else 0))


def _melgan_reach(factors: Sequence[int], params: Mapping[str, Any]) -> int:
    stack = sum(_MELGAN_KERNEL**index for index in range(int(params["num_res_blocks"])))
    in_bands = _reach(factors, [2 * factor for factor in factors], stack)
    return in_bands + math.ceil(_PQMF_TAPS / (math.prod(factors) * _BANDS))


def _reach(factors: Sequence[int], kernels: Sequence[int], stage_reach: int) -> int:
    edge = (_EDGE_KERNEL - 1) // 2
    reach, rate = float(edge), 1
    for kernel, rate in zip(kernels, itertools.accumulate(factors, operator.mul), strict=True):
        reach += kernel / rate + stage_reach / rate
    return math.ceil(reach + edge / rate)
