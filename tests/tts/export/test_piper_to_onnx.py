"""Voices as Piper writes them, of Coqui's layers with random weights: cut, and held against the whole."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from tiny import TinyModels

from convai_rasa.errors import ModelCorrupt, ModelError
from convai_rasa.store import resolve
from convai_rasa.store.manifest import read_manifest
from convai_rasa.tts.export import piper_to_onnx
from convai_rasa.tts.export.voice_file import read_voice_file
from convai_rasa.tts.export.writing import TOLERANCE, spread

pytestmark = [pytest.mark.processes, pytest.mark.needs("onnx", "onnxruntime", "TTS", "pkg_resources")]

GRAPH = "en_US-tiny-low.onnx"


@pytest.fixture
def copied(tiny_models: TinyModels, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_models("piper"), tmp_path / "piper"))


@pytest.mark.parametrize("kind", ["piper", "piper_many"])
def test_the_parts_say_what_the_whole_says(tiny_models: TinyModels, tmp_path: Path, kind: str) -> None:
    assert piper_to_onnx.convert(tiny_models(kind), tmp_path) <= 1e-5
    voice = read_voice_file(tmp_path)
    assert sorted(voice.graphs) == ["flow.onnx", "text.onnx", "wave.onnx"]
    assert voice.speakers == ({"anna": 0, "ben": 1, "cleo": 2} if kind == "piper_many" else {})
    assert (voice.hop_samples, voice.noise_scale, voice.length_scale) == (256, 0.7, 2.0)
    sizes = sum((tmp_path / name).stat().st_size for name in voice.graphs)
    assert sizes < 1.1 * (tiny_models(kind) / GRAPH).stat().st_size  # no weight lies in two of them


def test_parts_that_say_something_else_are_refused(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cut").mkdir()
    late = lambda columns, durations: np.roll(spread(columns, durations), 1, axis=2)  # noqa: E731 - one frame late
    monkeypatch.setattr(piper_to_onnx, "spread", late)
    with pytest.raises(ModelError, match=r"differs from the original by .*, but at most 0\.001 is allowed"):
        piper_to_onnx.convert(copied, tmp_path / "cut")


def test_what_is_no_piper_voice_is_refused(copied: Path, tmp_path: Path) -> None:
    import onnx
    from onnx import TensorProto, helper

    info = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1])
    other = helper.make_graph([helper.make_node("Identity", ["input"], ["output"])], "other", [info], [info])
    other.output[0].name = "output"
    onnx.save(helper.make_model(other), str(copied / GRAPH))
    with pytest.raises(ModelError, match="its graph is not that of a Piper voice as expected"):
        piper_to_onnx.convert(copied, tmp_path)
    (copied / GRAPH).write_bytes(b"no graph")
    with pytest.raises(ModelCorrupt, match=rf"{GRAPH} is not an ONNX graph"):
        piper_to_onnx.convert(copied, tmp_path)
    config = json.loads((copied / f"{GRAPH}.json").read_text())
    (copied / f"{GRAPH}.json").write_text(json.dumps({**config, "inference": {}}))
    with pytest.raises(ModelCorrupt, match=rf"{GRAPH}\.json is not what Piper writes \(.*noise_scale.*\)"):
        piper_to_onnx.convert(copied, tmp_path)
    (copied / f"{GRAPH}.json").unlink()
    with pytest.raises(ModelCorrupt, match=r"needs one \.onnx file with its \.onnx\.json beside it"):
        piper_to_onnx.convert(copied, tmp_path)


@pytest.mark.models
def test_the_voice_that_is_fetched_says_what_was_published() -> None:
    manifest = read_manifest(resolve("tts/vits-joe"))
    assert manifest.conversion == "piper_to_onnx"
    assert manifest.difference is not None
    assert manifest.difference < TOLERANCE / 10
