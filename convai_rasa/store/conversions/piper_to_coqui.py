"""Piper VITS voice (ONNX) → Coqui TTS 0.16 VITS checkpoint.

Both are the VITS of Kim, Kong and Son (2021) with the same layers under other names, so the conversion only renames,
reorders the phoneme embedding to Coqui's vocabulary and splits the decoder's weights for Coqui's weight norm.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from convai_rasa.errors import ModelError
from convai_rasa.store.conversions.piper_check import compare
from convai_rasa.store.conversions.piper_graph import PiperGraph, read_graph

if TYPE_CHECKING:
    import torch

PAD, BOS, EOS = "_", "^", "$"
# Parameters that only training uses; an exported voice does not have them.
_TRAINING_ONLY = re.compile(r"posterior_encoder\.|duration_predictor\.(post_|flows\.1\.)")


def convert(source: Path, target: Path) -> float:
    """Convert a single-speaker voice and compare it with the original.

    Args:
        source: folder with one ``.onnx`` file, its ``.onnx.json``, and MODEL_CARD if it has one.
        target: empty folder; gets model.pth and config.json, which ``TTS.api.TTS`` loads by path.

    Returns:
        The largest absolute difference between the two waveforms (full scale is 1) at zero noise.

    Raises:
        ModelError: not a single-speaker Piper VITS voice, or the result differs from it.
    """
    onnx_file = next(source.glob("*.onnx"))
    voice = json.loads(Path(f"{onnx_file}.json").read_text(encoding="utf-8"))
    if voice.get("num_speakers", 1) != 1:
        raise ModelError(f"{onnx_file.name} has {voice['num_speakers']} speakers; only one can be converted")
    _write_checkpoint(read_graph(onnx_file), voice, target)
    if (source / "MODEL_CARD").is_file():
        shutil.copyfile(source / "MODEL_CARD", target / "MODEL_CARD")
    return compare(onnx_file, voice["phoneme_id_map"], target)


def _write_checkpoint(graph: PiperGraph, voice: dict[str, Any], target: Path) -> None:
    from TTS.tts.models.vits import Vits
    from TTS.utils.io import save_fsspec

    config = coqui_config(graph, voice)
    model = Vits.init_from_config(config, verbose=False)
    # Coqui orders its vocabulary by itself: row i of the embedding is what Piper has for Coqui's symbol i.
    ids = [voice["phoneme_id_map"][symbol][0] for symbol in model.tokenizer.characters.vocab]
    weights = {**graph.weights, "enc_p.emb.weight": graph.weights["enc_p.emb.weight"][ids]}
    state = coqui_state(weights, model.state_dict())
    checkpoint = {"config": config.to_dict(), "model": state, "optimizer": None, "scaler": None, "step": 0, "epoch": 0}
    save_fsspec({**checkpoint, "date": ""}, str(target / "model.pth"))
    config.save_json(str(target / "config.json"))


def coqui_config(graph: PiperGraph, voice: dict[str, Any]) -> Any:
    """Read the sizes of all layers off the weights and return the ``VitsConfig`` that builds them.

    Args:
        graph: the voice's weights.
        voice: content of its ``.onnx.json``.
    """
    from TTS.tts.configs.shared_configs import CharactersConfig
    from TTS.tts.configs.vits_config import VitsConfig
    from TTS.tts.models.vits import VitsArgs, VitsAudioConfig

    symbols = "".join(symbol for symbol in voice["phoneme_id_map"] if symbol not in (PAD, BOS, EOS))
    return VitsConfig(
        model_args=VitsArgs(
            **_encoder_sizes(graph),
            **_decoder_sizes(graph),
            num_layers_posterior_encoder=1,  # training only: kept as small as it can be
            init_discriminator=False,  # training only
            inference_noise_scale=voice["inference"]["noise_scale"],
            inference_noise_scale_dp=voice["inference"]["noise_w"],
            length_scale=voice["inference"]["length_scale"],
        ),
        audio=VitsAudioConfig(sample_rate=voice["audio"]["sample_rate"]),
        run_name=f"piper-{voice.get('dataset', 'voice')}",
        use_phonemes=True,
        phonemizer="gruut",
        phoneme_language=voice["espeak"]["voice"],
        text_cleaner=None,
        add_blank=True,  # Piper puts a pad between all phonemes, …
        enable_eos_bos_chars=True,  # … and ^ and $ around them
        characters=CharactersConfig(
            characters_class="TTS.tts.utils.text.characters.IPAPhonemes",
            pad=PAD,
            bos=BOS,
            eos=EOS,
            blank=PAD,  # with add_blank and no blank, Coqui would use an id past the end of the embedding
            characters=symbols,
            punctuations="",
            phonemes=None,
            is_unique=False,
            is_sorted=False,
        ),
        test_sentences=[],
        datasets=[],
    )


def _encoder_sizes(graph: PiperGraph) -> dict[str, int]:
    weights = graph.weights
    hidden = weights["enc_p.emb.weight"].shape[1]
    feed_forward = weights["enc_p.encoder.ffn_layers.0.conv_1.weight"].shape
    return {
        "hidden_channels": hidden,
        "hidden_channels_ffn_text_encoder": feed_forward[0],
        "num_heads_text_encoder": hidden // weights["enc_p.encoder.attn_layers.0.emb_rel_k"].shape[2],
        "num_layers_text_encoder": graph.count(r"enc_p\.encoder\.attn_layers\.\d+\.conv_q\.weight"),
        "kernel_size_text_encoder": feed_forward[2],
        "kernel_size_flow": weights["flow.flows.0.enc.in_layers.0.weight"].shape[2],
        "num_layers_flow": graph.count(r"flow\.flows\.0\.enc\.in_layers\.\d+\.weight"),
    }


def _decoder_sizes(graph: PiperGraph) -> dict[str, Any]:
    weights, convolutions = graph.weights, graph.convolutions
    ups = graph.count(r"dec\.ups\.\d+\.weight")
    blocks = len({name.split(".")[2] for name in weights if name.startswith("dec.resblocks.")}) // ups
    second_kind = "dec.resblocks.0.convs.0.weight" in weights
    convs = "convs" if second_kind else "convs1"
    dilations = graph.count(rf"dec\.resblocks\.0\.{convs}\.\d+\.weight")
    return {
        "resblock_type_decoder": "2" if second_kind else "1",
        "resblock_kernel_sizes_decoder": [
            weights[f"dec.resblocks.{block}.{convs}.0.weight"].shape[2] for block in range(blocks)
        ],
        "resblock_dilation_sizes_decoder": [
            [convolutions[f"dec.resblocks.{block}.{convs}.{conv}"]["dilations"][0] for conv in range(dilations)]
            for block in range(blocks)
        ],
        "upsample_rates_decoder": [convolutions[f"dec.ups.{up}"]["strides"][0] for up in range(ups)],
        "upsample_kernel_sizes_decoder": [weights[f"dec.ups.{up}.weight"].shape[2] for up in range(ups)],
        "upsample_initial_channel_decoder": weights["dec.conv_pre.weight"].shape[0],
    }


def coqui_name(name: str) -> str:
    """Return Coqui's name of a Piper weight.

    Piper counts the parameter-free flips between the flows, Coqui does not.
    """
    if name.startswith("enc_p."):
        return "text_encoder." + name.removeprefix("enc_p.")
    if name.startswith("dec."):
        return "waveform_decoder." + name.removeprefix("dec.")
    if name.startswith("flow."):
        return re.sub(r"^flow\.flows\.(\d+)", lambda flow: f"flow.flows.{int(flow[1]) // 2}", name)
    name = re.sub(r"^dp\.flows\.(\d+)", lambda flow: f"dp.flows.{(int(flow[1]) + 1) // 2}", name)
    name = re.sub(r"^dp\.flows\.0\.m$", "dp.flows.0.translation", name)
    name = re.sub(r"^dp\.flows\.0\.logs$", "dp.flows.0.log_scale", name)
    return "duration_predictor." + name.removeprefix("dp.")


def coqui_state(weights: dict[str, np.ndarray], state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Put Piper's weights into the state of a Coqui model; what only training uses is left neutral.

    Args:
        weights: by Piper's names.
        state: ``state_dict()`` of a freshly built model of the same sizes.

    Raises:
        ModelError: a weight has no place in the model, another shape, or is missing.
    """
    import torch

    filled: dict[str, torch.Tensor] = {}
    for piper, array in weights.items():
        name = coqui_name(piper)
        tensor = torch.from_numpy(np.array(array, dtype=np.float32))
        if name in state:
            filled[name] = tensor
        else:  # weight norm: the weight is g · v / |v|, so v is the weight and g its norm
            stem = name.removesuffix(".weight")
            filled[f"{stem}.weight_v"] = tensor
            filled[f"{stem}.weight_g"] = tensor.flatten(1).norm(dim=1).view(-1, *[1] * (tensor.dim() - 1))
    wrong = [name for name, tensor in filled.items() if name not in state or state[name].shape != tensor.shape]
    missing = [name for name in state if name not in filled and not _TRAINING_ONLY.match(name)]
    if wrong or missing:
        raise ModelError(f"this is not a Piper voice as expected: unplaced weights {wrong[:3]}, missing {missing[:3]}")
    for name in state.keys() - filled.keys():
        # ones under weight norm, whose direction must not be the zero vector
        filled[name] = torch.ones_like(state[name]) if "weight_" in name else torch.zeros_like(state[name])
    return {name: filled[name] for name in state}
