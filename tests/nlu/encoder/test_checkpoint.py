from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from convai_rasa.errors import ModelCorrupt
from convai_rasa.nlu.encoder.checkpoint import checkpoint_hash, read_checkpoint, write_checkpoint


@pytest.fixture
def copy(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_checkpoint, tmp_path / "copy"))


def test_missing_files_are_named(copy: Path) -> None:
    (copy / "tokenizer.json").unlink()
    (copy / "model.safetensors").unlink()
    with pytest.raises(
        ModelCorrupt, match=r"lacks tokenizer\.json or vocab\.txt and model\.safetensors or pytorch_model\.bin\."
    ):
        read_checkpoint(copy)


def test_a_file_is_not_a_checkpoint(copy: Path) -> None:
    with pytest.raises(ModelCorrupt, match=r"is not a DistilBERT or BERT checkpoint: it is a file, not a folder\."):
        read_checkpoint(copy / "config.json")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "gpt2"}, "type 'gpt2'"),
        ({"activation": "relu"}, "activation 'relu'"),
        ({"n_layers": 3}, "16 weights are missing"),
        ({"vocab_size": 7}, "belong to different models"),
    ],
)
def test_another_kind_of_model_is_refused(copy: Path, change: dict[str, object], message: str) -> None:
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, **change}))
    with pytest.raises(ModelCorrupt, match=message):
        read_checkpoint(copy)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_damaged_files_are_refused(copy: Path, name: str) -> None:
    (copy / name).write_bytes((copy / name).read_bytes()[:100])
    with pytest.raises(ModelCorrupt, match=name):
        read_checkpoint(copy)


def test_weights_saved_with_a_task_head_are_found(copy: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = load_file(copy / "model.safetensors")
    prefixed = {f"distilbert.{name}": array for name, array in weights.items()}
    save_file({**prefixed, "classifier.weight": np.zeros((2, 32), np.float32)}, copy / "model.safetensors")
    assert set(read_checkpoint(copy).weights) == set(weights)


@pytest.mark.parametrize("name", ["vocab.txt", "pytorch_model.bin"])
def test_the_hash_covers_every_file_that_is_read(copy: Path, name: str) -> None:
    (copy / "tokenizer.json").unlink()
    (copy / "model.safetensors").unlink()
    (copy / name).write_bytes(b"one")
    before = checkpoint_hash(copy)
    (copy / name).write_bytes(b"two")
    assert checkpoint_hash(copy) != before


def test_written_checkpoints_read_back_in_half_precision(tiny_checkpoint: Path, tmp_path: Path) -> None:
    original = read_checkpoint(tiny_checkpoint)
    write_checkpoint(original, tmp_path / "written")
    again = read_checkpoint(tmp_path / "written")
    assert again.config == original.config
    for name, array in original.weights.items():
        np.testing.assert_allclose(again.weights[name], array, atol=1e-3)


def test_the_hash_changes_with_the_weights(copy: Path) -> None:
    before = checkpoint_hash(copy)
    assert checkpoint_hash(copy) == before
    content = bytearray((copy / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (copy / "model.safetensors").write_bytes(bytes(content))
    assert checkpoint_hash(copy) != before
