"""Coqui's HiFi-GAN and multi-band MelGAN vocoders as a graph: spectrogram frames to sound."""

from __future__ import annotations

import itertools
import math
import operator
from pathlib import Path
from typing import Any, Mapping, NamedTuple, Sequence

from convai_rasa.errors import ConfigurationError
from convai_rasa.tts.export.coqui.layers import frozen, loading, prepare_import, quiet, read_checkpoint
from convai_rasa.tts.export.coqui.voice_folder import CoquiFolder
from convai_rasa.tts.export.voice_file import WAVE
from convai_rasa.tts.export.writing import Graph, part

KINDS = ("hifigan_generator", "multiband_melgan_generator")
_GENERATOR = "model_g."
_BANDS = 4
_PQMF_TAPS = 62
_MELGAN_KERNEL = 3
_EDGE_KERNEL = 7  # of the first and the last convolution of both kinds


class Vocoder(NamedTuple):
    """A vocoder that was written as a graph.

    Attributes:
        graph: takes frames as the vocoder was trained, gives samples.
        hop_samples: samples per frame.
        overlap_frames: frames at each side that the sound of one frame depends on.
        padding_frames: how often Coqui repeats the first and the last frame.
    """

    graph: Graph
    hop_samples: int
    overlap_frames: int
    padding_frames: int


def export_vocoder(folder: CoquiFolder, target: Path) -> Vocoder:
    """Write the graph of a vocoder.

    Raises:
        ConfigurationError: a kind of vocoder that is not supported.
        ModelCorrupt: the file is damaged or does not fit its configuration.
    """
    import torch

    config = folder.config
    state = read_checkpoint(folder.checkpoint)["model"]
    if any(name.startswith(_GENERATOR) for name in state):  # saved by training, with the discriminator beside it
        state = {name[len(_GENERATOR) :]: value for name, value in state.items() if name.startswith(_GENERATOR)}
    with loading(folder.checkpoint):
        kind = str(config.get("generator_model")).lower()
        if kind not in KINDS:
            raise ConfigurationError(f"The vocoder is a '{kind}'; only {' and '.join(KINDS)} are supported.")
        hifigan, params = kind == KINDS[0], dict(config["generator_model_params"])
        mels = int(config["audio"]["num_mels"])
        prepare_import()
        with quiet():
            network = _hifigan(mels, params) if hifigan else _melgan(mels, params)
        network.load_state_dict(state)
        frozen(network)
        factors = [int(factor) for factor in params["upsample_factors"]]

    def wave(latents: Any) -> Any:
        sound = network(latents)
        return (sound if hifigan else network.pqmf_synthesis(sound)).reshape(1, -1)

    frames = {"latents": torch.randn(1, mels, 50)}
    return Vocoder(
        Graph.write(part(network, wave), target / WAVE, frames, ("sound",), {"latents": 2, "sound": 1}),
        hop_samples=math.prod(factors) * (1 if hifigan else _BANDS),
        overlap_frames=_hifigan_reach(params) if hifigan else _melgan_reach(factors, params),
        padding_frames=int(network.inference_padding),
    )


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
