"""The voice put together from Coqui's layers, held against Coqui's own classes."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from tiny import TinyModels

from convai_rasa.store import resolve
from convai_rasa.tts.coqui_folder import CoquiFolder
from convai_rasa.tts.phonemes import phonemes
from convai_rasa.tts.symbols import SymbolEncoder
from convai_rasa.tts.vits import load_vits

pytest.importorskip("torch")
pytest.importorskip("TTS")

SENTENCE = "Your table for four people is booked, and we are looking forward to it!"


@pytest.fixture(scope="module")
def folder():
    return resolve("tts/vits-joe")


@pytest.fixture(scope="module")
def config(folder):
    return json.loads((folder / "config.json").read_text())


@pytest.mark.models
@pytest.mark.parametrize("frames", [(40, 160), (7, 7), (25, 1000)])
def test_decoding_in_chunks_equals_decoding_the_whole(folder, config, frames: tuple[int, int]) -> None:
    voice = load_vits(folder / "model.pth", config, device="cpu", bfloat16=False)
    prior = voice.prior(SymbolEncoder(config).encode(SENTENCE), speed=1.0, seed=1)
    total = prior.shape[2]
    whole = voice.decode(voice.latents(prior, 0, total))
    assert len(whole) == total * voice.hop_samples
    chunks = list(voice.speak_in_chunks(prior, *frames))
    assert len(chunks) > 2
    np.testing.assert_allclose(np.concatenate(chunks), whole, atol=2e-5)  # under one step of 16-bit sound


@pytest.mark.models
def test_the_same_seed_gives_the_same_speech_and_touches_nobody_else(folder, config) -> None:
    import torch

    voice = load_vits(folder / "model.pth", config, device="cpu", bfloat16=False)
    ids = SymbolEncoder(config).encode("Hello.")
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first = voice.prior(ids, speed=1.0, seed=1)
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(voice.prior(ids, speed=1.0, seed=1), first)
    assert not torch.equal(voice.prior(ids, speed=1.0, seed=2)[..., :10], first[..., :10])


@pytest.mark.models
def test_it_speaks_as_coquis_own_class(folder, config, tmp_path) -> None:
    """Coqui's class runs in a process of its own: it imports its whole training code."""
    pytest.importorskip("pkg_resources", reason="Coqui's training code needs setuptools < 81")
    config["model_args"].update(inference_noise_scale=0.0, inference_noise_scale_dp=0.0)
    ids = SymbolEncoder(config).encode(SENTENCE)
    voice = load_vits(folder / "model.pth", config, device="cpu", bfloat16=False)
    prior = voice.prior(ids, speed=1.0, seed=1)
    ours = voice.decode(voice.latents(prior, 0, prior.shape[2]))
    (tmp_path / "config.json").write_text(json.dumps(config))
    code = f"""
        import warnings; warnings.simplefilter("ignore")
        import numpy, torch
        from TTS.tts.configs.vits_config import VitsConfig
        from TTS.tts.models.vits import Vits
        config = VitsConfig(); config.load_json({str(tmp_path / "config.json")!r})
        model = Vits.init_from_config(config)
        model.load_state_dict(torch.load({str(folder / "model.pth")!r}, weights_only=True)["model"])
        model.eval()
        ids = {ids!r}
        with torch.inference_mode():
            sound = model.inference(torch.tensor([ids]))["model_outputs"]
        numpy.save({str(tmp_path / "theirs.npy")!r}, sound.numpy())
        characters = model.tokenizer.characters
        print([characters.char_to_id(symbol) for symbol in " əɪˈ,^$_"])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    theirs = np.load(tmp_path / "theirs.npy").reshape(-1)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)
    encoder = SymbolEncoder(config)
    assert str([encoder._ids[symbol] for symbol in " əɪˈ,^$_"]) == done.stdout.strip().splitlines()[-1]


@pytest.mark.models
def test_phonemes_keep_stress_and_punctuation_and_drop_what_is_unknown(config) -> None:
    encoder = SymbolEncoder(config)
    spoken = phonemes("Hello, world!", "en-us")
    assert spoken.startswith("h")
    assert "ˈ" in spoken
    assert spoken.count(" ") == 1
    assert spoken.endswith("!")
    ids = encoder.encode("Hello, world!")
    assert ids[0] == encoder._ids["^"]
    assert ids[-1] == encoder._ids["$"]
    assert set(ids[1:-1:2]) == {encoder._ids["_"]}
    assert encoder.encode("?!") == []
    assert encoder.encode("") == []


@pytest.mark.processes
@pytest.mark.parametrize("kind", ["vits", "vits_joe"])
def test_small_voices_speak_as_coquis_own_class(tiny_models: TinyModels, kind: str) -> None:
    pytest.importorskip("pkg_resources", reason="Coqui's training code needs setuptools < 81")
    folder = CoquiFolder.read(tiny_models(kind))
    theirs = np.load(folder.path / "expected.npz")
    voice = load_vits(folder.checkpoint, folder.config, device="cpu", bfloat16=False)
    sound = np.concatenate(list(voice.speak(theirs["ids"].tolist(), speed=1.0, seed=1)))
    assert theirs["sound"].std() > 0.01  # random weights, yet no silence
    np.testing.assert_allclose(sound, theirs["sound"], atol=1e-5)
