"""What cannot be exported, and kinds of Tacotron 2 that the released voices are not."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import TinyModels

from convai_rasa.errors import ConfigurationError, ModelCorrupt, ModelError
from convai_rasa.store.conversions import run_conversion
from convai_rasa.tts.export import coqui_to_onnx
from convai_rasa.tts.export.coqui import vits
from convai_rasa.tts.export.coqui.tacotron2 import Tacotron2, _network
from convai_rasa.tts.export.coqui.voice_folder import CoquiFolder
from convai_rasa.tts.export.writing import Graph

pytestmark = [pytest.mark.processes, pytest.mark.needs("torch", "TTS", "pkg_resources")]


@pytest.fixture(params=["tacotron2", "glow_tts"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def copied(tiny_models: TinyModels, kind: str, tmp_path: Path) -> Path:
    """A voice to be damaged."""
    return copy(tiny_models(kind), tmp_path / kind)


def copy(folder: Path, target: Path) -> Path:
    """Copy a voice without its graphs; the weights are links, to be replaced and not written to."""

    def copy_or_link(source: str, copied: str) -> None:
        (os.symlink if source.endswith(".pth") else shutil.copy2)(source, copied)

    return Path(shutil.copytree(folder, target, ignore=shutil.ignore_patterns("onnx"), copy_function=copy_or_link))


def change(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    ("where", "changes", "sentence"),
    [
        ("config.json", {"use_speaker_embedding": True}, "only VITS voices may have several speakers"),
        ("config.json", {"use_d_vector_file": True}, "only VITS voices may have several speakers"),
        ("vocoder/config.json", {"generator_model": "wavernn"}, "vocoder is a 'wavernn'; only hifigan"),
        ("vocoder/config.json", {"audio": {"sample_rate": 24000, "num_mels": 80, "hop_length": 256}}, "do not match"),
    ],
)
def test_what_is_unsupported_is_refused(
    copied: Path, tmp_path: Path, where: str, changes: dict[str, object], sentence: str
) -> None:
    change(copied / where, **changes)
    with pytest.raises(ConfigurationError, match=sentence):
        coqui_to_onnx.convert(copied, tmp_path)


def test_a_vocoder_by_another_name_is_taken(tiny_models: TinyModels, tmp_path: Path) -> None:
    copied = copy(tiny_models("glow_tts"), tmp_path / "voice")
    (copied / "vocoder").rename(tmp_path / "other")
    (tmp_path / "made").mkdir()
    # in a process of its own, as it is run
    assert run_conversion("coqui_to_onnx", copied, tmp_path / "made", str(tmp_path / "other")) < 1e-5
    with pytest.raises(ConfigurationError, match=r"needs a vocoder: put it with its config\.json into .*vocoder"):
        run_conversion("coqui_to_onnx", copied, tmp_path / "made")


@pytest.mark.parametrize("damaged", ["model_file.pth", "vocoder/model.pth"])
def test_damaged_checkpoints_are_named(copied: Path, tmp_path: Path, damaged: str) -> None:
    path = copied / damaged
    begun = path.read_bytes()[:5000]
    path.unlink()
    path.write_bytes(begun)
    with pytest.raises(ModelCorrupt, match=path.name.replace(".", r"\.")):
        coqui_to_onnx.convert(copied, tmp_path)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("use_d_vector_file", "several speakers by 'use_speaker_embedding'"),
        ("use_language_embedding", "voices of one language"),
        ("encoder_sample_rate", "upsamples between encoder and decoder"),
    ],
)
def test_a_vits_of_another_kind_is_refused(key: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        vits.VitsArgs.from_config({"model": "vits", "model_args": {key: 16000}})


def test_weights_that_are_no_numbers_are_refused(tiny_models: TinyModels, tmp_path: Path) -> None:
    import torch

    copied = copy(tiny_models("vits"), tmp_path / "voice")
    checkpoint = torch.load(copied / "model_file.pth", weights_only=True)
    checkpoint["model"]["waveform_decoder.conv_post.weight"].fill_(np.nan)
    (copied / "model_file.pth").unlink()
    torch.save(checkpoint, copied / "model_file.pth")
    with pytest.raises(ModelError, match="produces NaN"):
        coqui_to_onnx.convert(copied, tmp_path)


def test_a_vits_without_random_durations_is_exported(tiny_models: TinyModels, tmp_path: Path) -> None:
    import torch

    copied = copy(tiny_models("vits_many"), tmp_path / "voice")
    config = json.loads((copied / "config.json").read_text())
    config["model_args"]["use_sdp"] = False
    (copied / "config.json").write_text(json.dumps(config))
    checkpoint = torch.load(copied / "model.pth", weights_only=True)
    rest = {name: value for name, value in checkpoint["model"].items() if not name.startswith("duration_predictor.")}
    args = vits.VitsArgs.from_config(config)
    fresh = vits._network(args, checkpoint["model"])["duration_predictor"].state_dict(prefix="duration_predictor.")
    (copied / "model.pth").unlink()
    torch.save({"model": {**rest, **fresh}}, copied / "model.pth")
    (copied / "speakers.pth").rename(copied / "not-there")
    voice, largest = vits.export(CoquiFolder.read(copied), tmp_path)
    assert largest < 1e-5
    assert voice.duration_noise_scale == 0
    assert voice.speakers == {"0": 0, "1": 1, "2": 2}


VARIANTS: dict[str, dict[str, Any]] = {
    "graves": {"attention_type": "graves", "attention_heads": 5},
    "dynamic": {"attention_type": "dynamic_convolution"},
    "window": {"attention_win": True, "attention_norm": "softmax"},
    "forward": {"use_forward_attn": True, "transition_agent": True, "forward_attn_mask": True},
    "dropout": {"prenet_dropout_at_inference": True, "location_attn": False},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_attention_of_tacotron_2_is_exported_as_coqui_computes_it(variant: str, tmp_path: Path) -> None:
    """Coqui's own ``Decoder.inference`` decodes the same symbols step by step."""
    import torch

    torch.manual_seed(1)
    config = {"r": 2, "prenet_type": "original", "prenet_dropout": True, **VARIANTS[variant]}
    network = _network(config, 40).eval()
    symbols = np.random.default_rng(0).integers(1, 40, (1, 41))
    ours = Tacotron2(config, {"model": network.state_dict()}, lambda mel: mel, tmp_path)
    graphs, originals = (ours.frames(run) for run in (Graph.written, Graph.original))
    np.testing.assert_allclose(graphs, originals, atol=1e-4)
    if variant == "dropout":
        return  # what is dropped is drawn by Coqui itself
    with torch.inference_mode():
        inputs = network["encoder"].inference(network["embedding"](torch.as_tensor(symbols)).transpose(1, 2))
        network["decoder"].max_decoder_steps = 12
        network["decoder"].stop_threshold = 2.0
        mel = network["decoder"].inference(inputs)[0]
        mel = mel + network["postnet"](mel)
    np.testing.assert_allclose(graphs, mel.numpy(), atol=1e-4)


def test_statistics_are_needed_and_cannot_run_code(tiny_models: TinyModels, tmp_path: Path) -> None:
    copied = copy(tiny_models("tacotron2"), tmp_path / "voice")
    statistics = copied / "scale_stats.npy"

    class Evil:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "was-run",))

    np.save(statistics, np.array(Evil(), dtype=object), allow_pickle=True)
    with pytest.raises(ModelCorrupt, match=r"scale_stats\.npy cannot be read"):
        coqui_to_onnx.convert(copied, tmp_path)
    assert not (tmp_path / "was-run").exists()
    statistics.unlink()
    with pytest.raises(ConfigurationError, match=r"scale_stats\.npy is missing"):
        coqui_to_onnx.convert(copied, tmp_path)


@pytest.mark.parametrize(
    ("voice", "vocoder"),
    [("tacotron2-DDC", "hifigan_v2"), ("glow-tts", "multiband-melgan"), ("fast_pitch", "hifigan_v2")],
)
def test_in_coquis_own_cache_the_vocoder_lies_beside_the_voice(
    copied: Path, tmp_path: Path, voice: str, vocoder: str
) -> None:
    cached = copied.rename(tmp_path / f"tts_models--en--ljspeech--{voice}")
    beside = (cached / "vocoder").rename(tmp_path / f"vocoder_models--en--ljspeech--{vocoder}")
    assert CoquiFolder.read(cached).vocoder().path == beside
    elsewhere = cached.rename(tmp_path / "tts_models--en--ljspeech--unknown")
    with pytest.raises(ConfigurationError, match="needs a vocoder"):
        CoquiFolder.read(elsewhere).vocoder()
