"""A DistilBERT checkpoint folder as Hugging Face writes it, read with numpy alone."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import numpy as np

from convai_rasa.errors import ModelCorrupt, require

CONFIG_FILE = "config.json"
TOKENIZER_FILE = "tokenizer.json"
WEIGHTS_FILE = "model.safetensors"
FILES = (CONFIG_FILE, TOKENIZER_FILE, WEIGHTS_FILE)

_PREFIX = "distilbert."  # checkpoints saved with a task head keep the encoder under this name
_CONFIG_KEYS = ("dim", "hidden_dim", "n_heads", "n_layers", "vocab_size", "max_position_embeddings")
_LAYER_PARTS = (
    "attention.q_lin",
    "attention.k_lin",
    "attention.v_lin",
    "attention.out_lin",
    "sa_layer_norm",
    "ffn.lin1",
    "ffn.lin2",
    "output_layer_norm",
)


@dataclass(frozen=True)
class Checkpoint:
    """The weights of a DistilBERT encoder with what is needed to use them.

    Attributes:
        config: the contents of ``config.json``.
        tokenizer: the contents of ``tokenizer.json``, as text.
        weights: float32 arrays under the names of transformers' ``DistilBertModel``.
    """

    config: dict[str, Any]
    tokenizer: str
    weights: dict[str, np.ndarray]

    @property
    def dim(self) -> int:
        """Size of one embedding."""
        return int(self.config["dim"])


def read_checkpoint(folder: Path) -> Checkpoint:
    """Read and check a checkpoint folder.

    Raises:
        ModelCorrupt: a file or a weight is missing, or the folder holds another kind of model.
    """
    config, tokenizer = _read_settings(folder)
    weights = _read_weights(folder)
    expected = weight_names(int(config["n_layers"]))
    missing = [name for name in expected if name not in weights]
    if missing:
        raise ModelCorrupt(
            f"{folder / WEIGHTS_FILE} is not a whole DistilBERT: {len(missing)} weights are missing, "
            f"the first is {missing[0]}; fetch the model again."
        )
    shape = (int(config["vocab_size"]), int(config["dim"]))
    if weights["embeddings.word_embeddings.weight"].shape != shape:
        raise ModelCorrupt(
            f"{folder}: the weights have a vocabulary of shape {weights['embeddings.word_embeddings.weight'].shape}, "
            f"{CONFIG_FILE} says {shape}; the two files belong to different models."
        )
    return Checkpoint(config=config, tokenizer=tokenizer, weights={name: weights[name] for name in expected})


def write_checkpoint(checkpoint: Checkpoint, folder: Path) -> None:
    """Write a checkpoint folder; weights are kept as float16, which halves the file and is enough to go on from."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG_FILE).write_text(json.dumps(checkpoint.config, indent=2, sort_keys=True), encoding="utf-8")
    (folder / TOKENIZER_FILE).write_text(checkpoint.tokenizer, encoding="utf-8")
    half = {name: np.ascontiguousarray(array, dtype=np.float16) for name, array in checkpoint.weights.items()}
    save_file(half, folder / WEIGHTS_FILE, metadata={"format": "pt"})


def checkpoint_hash(folder: Path) -> str:
    """Return a SHA-256 over the files that make up the checkpoint in a folder; absent files count as absent."""
    digest = hashlib.sha256()
    for name in FILES:
        path = folder / name
        digest.update(name.encode())
        if path.is_file():
            with path.open("rb") as file:
                for block in iter(lambda: file.read(1 << 20), b""):
                    digest.update(block)
    return digest.hexdigest()


def weight_names(layers: int) -> list[str]:
    """Return the names of all weights of a DistilBERT encoder with so many layers."""
    modules = ["embeddings.LayerNorm"]
    modules += [f"transformer.layer.{index}.{part}" for index in range(layers) for part in _LAYER_PARTS]
    names = ["embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight"]
    return names + [f"{module}.{kind}" for module in modules for kind in ("weight", "bias")]


def _read_settings(folder: Path) -> tuple[dict[str, Any], str]:
    if not folder.is_dir():
        raise ModelCorrupt(f"{folder} is not a folder; a DistilBERT checkpoint is a folder with {', '.join(FILES)}.")
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise ModelCorrupt(f"{folder} is not a DistilBERT checkpoint folder: {', '.join(missing)} missing.")
    try:
        config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        kind = config.get("model_type")
    except (ValueError, AttributeError) as error:
        raise ModelCorrupt(f"{folder / CONFIG_FILE} is not a JSON object: {error}") from error
    if kind != "distilbert":
        raise ModelCorrupt(f"{folder} holds a model of type {kind!r}; a DistilBERT checkpoint is needed.")
    absent = [key for key in _CONFIG_KEYS if key not in config]
    if absent:
        raise ModelCorrupt(f"{folder / CONFIG_FILE} lacks {', '.join(absent)}.")
    if config.get("activation", "gelu") != "gelu":
        raise ModelCorrupt(f"{folder} uses the activation {config['activation']!r}; only gelu is supported.")
    return config, (folder / TOKENIZER_FILE).read_text(encoding="utf-8")


def _read_weights(folder: Path) -> dict[str, np.ndarray]:
    safetensors = require("safetensors", extra="nlu")
    weights: dict[str, np.ndarray] = {}
    name: Optional[str] = None
    try:
        with safetensors.safe_open(folder / WEIGHTS_FILE, framework="np") as file:
            names = file.keys()
            for name in names:
                weights[name.removeprefix(_PREFIX)] = file.get_tensor(name).astype(np.float32)
    except (safetensors.SafetensorError, TypeError, OSError) as error:
        where = f" at weight {name}" if name else ""
        raise ModelCorrupt(
            f"{folder / WEIGHTS_FILE} cannot be read{where} ({error}); fetch the model again."
        ) from error
    return weights
