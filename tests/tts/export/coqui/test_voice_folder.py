"""What is refused as a Coqui voice, and that a user's own is taken by its path."""

from __future__ import annotations

import contextlib
import json
import pathlib
import shutil

import numpy as np
import pytest
from tiny import TinyModels

from convai_rasa.errors import ConvaiError, ModelCorrupt
from convai_rasa.tts import SharedVoice, TTSSynthesizer

pytestmark = [pytest.mark.processes, pytest.mark.needs("onnx", "gruut", "pkg_resources")]

KINDS = ("tacotron2", "glow_tts", "vits", "vits_joe", "vits_many", "voice", "piper")
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 145217532\n"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is exported lies in the tree of the project that the test is in."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def own(tiny_models: TinyModels, tmp_path: pathlib.Path) -> pathlib.Path:
    """A user's own voice in the models/ tree of the project they are in."""
    return pathlib.Path(shutil.copytree(tiny_models("vits"), tmp_path / "models" / "tts" / "custom_voice"))


def speaks(voice: TTSSynthesizer | SharedVoice) -> np.ndarray:
    sound = voice.synthesize("Hello there, friend!")
    assert len(sound) > 0.2 * voice.sample_rate
    assert np.abs(sound).max() > 100
    return sound


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_voice_speaks(tiny_models: TinyModels, kind: str) -> None:
    speaks(TTSSynthesizer(model_path=tiny_models(kind)))


@pytest.mark.parametrize(
    "named",
    ["models/tts/custom_voice", "models/tts/custom_voice/", "tts/custom_voice", "tts/custom_voice/", "{}", "{}/"],
)
def test_a_voice_is_taken_by_its_path(own: pathlib.Path, named: str) -> None:
    speaks(TTSSynthesizer(model_path=named.format(own)))


def test_a_voice_that_callers_share_is_taken_by_its_path(own: pathlib.Path) -> None:
    here = speaks(TTSSynthesizer(model_path="models/tts/custom_voice/"))
    for named in ("models/tts/custom_voice/", f"{own}/"):
        with contextlib.closing(SharedVoice(model=named)) as shared:
            np.testing.assert_array_equal(speaks(shared), here)


def test_what_coquis_training_leaves_is_taken(tiny_models: TinyModels, tmp_path: pathlib.Path) -> None:
    """A training run keeps more checkpoints, and in a vocoder's the discriminator beside the generator."""
    import torch

    folder = pathlib.Path(shutil.copytree(tiny_models("glow_tts"), tmp_path / "run-November-25-2026"))
    before = speaks(TTSSynthesizer(folder))
    vocoder = folder / "vocoder"
    state = torch.load(vocoder / "model.pth", weights_only=True)["model"]
    trained = {f"model_g.{name}": value for name, value in state.items()}
    rest = {"model_d.weight": torch.zeros(3)}
    torch.save({"model": {**trained, **rest}, "optimizer": [], "step": 7}, vocoder / "best_model.pth")
    (vocoder / "model.pth").unlink()
    config = json.loads((folder / "config.json").read_text())
    whole = torch.load(folder / "model_file.pth", weights_only=True)
    more = {"config": config, "optimizer": {"state": {}}, "scaler": None, "epoch": 3, "date": "Nov 25, 2026"}
    torch.save({**whole, **more}, folder / "best_model.pth")
    torch.save({**whole, **more}, folder / "checkpoint_7.pth")
    (folder / "model_file.pth").unlink()
    np.testing.assert_array_equal(speaks(TTSSynthesizer(folder)), before)
    (folder / "best_model.pth").unlink()
    with pytest.raises(
        ModelCorrupt, match=r"lacks model\.pth; rename the checkpoint to use, such as checkpoint_7\.pth,"
    ):
        TTSSynthesizer(folder)


def refusal(path: pathlib.Path) -> str:
    with pytest.raises(ConvaiError) as refused:
        TTSSynthesizer(path)
    assert "\n" not in str(refused.value)
    assert str(path) in str(refused.value)
    return str(refused.value)


def test_other_models_are_called_by_their_names(tiny_models: TinyModels, tmp_path: pathlib.Path) -> None:
    assert "not a Coqui voice: it is an empty folder." in refusal(tmp_path)
    assert "it is a Whisper model for CTranslate2; WhisperRecognizer takes it." in refusal(tiny_models("whisper"))
    assert "it is a spaCy pipeline; EntityExtractor takes it." in refusal(tiny_models("spacy"))
    assert "of type 'distilbert' (DistilBertModel)." in refusal(tiny_models("distilbert"))
    vocoder = tiny_models("tacotron2") / "vocoder"
    assert "it is a Coqui vocoder (hifigan_generator); name it with the key 'vocoder' beside" in refusal(vocoder)


@pytest.mark.parametrize("name", ["config.json", "model_file.pth"])
def test_one_missing_file_is_named(own: pathlib.Path, name: str) -> None:
    (own / name).unlink()
    assert f"it lacks {'model.pth' if name.endswith('pth') else name}" in refusal(own)


def test_a_pointer_is_no_voice(own: pathlib.Path) -> None:
    (own / "model_file.pth").write_text(POINTER)
    assert "model_file.pth is a git-LFS pointer instead of the file of 145,217,532 bytes; fetch that" in refusal(own)


@pytest.mark.parametrize(("kind", "damage"), [("vits_joe", "cut"), ("vits_joe", "garbage"), ("glow_tts", "cut")])
def test_damaged_weights_are_named(tiny_models: TinyModels, tmp_path: pathlib.Path, kind: str, damage: str) -> None:
    own = pathlib.Path(shutil.copytree(tiny_models(kind), tmp_path / "own"))
    (weights,) = own.glob("model*.pth")
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1000] if damage == "cut" else b"\x5a" * len(whole))
    assert f"{weights} cannot be loaded" in refusal(own)
    assert refusal(own).endswith("copy it again from where it came, or recreate it.")
