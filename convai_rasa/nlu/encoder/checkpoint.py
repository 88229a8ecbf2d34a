"""A DistilBERT or BERT checkpoint folder as Hugging Face writes it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from convai_rasa.errors import ModelCorrupt, require
from convai_rasa.nlu.encoder.bert import SIZES, distilbert_config, distilbert_weights, weight_names
from convai_rasa.nlu.encoder.weights import SAFETENSORS_FILE, read_weights, weight_files
from convai_rasa.store import FORMATS, check_files, how_to_mend, joint_sha256, refusal

CONFIG_FILE = "config.json"
TOKENIZER_FILE = "tokenizer.json"
VOCABULARY_FILE = "vocab.txt"  # stands in for tokenizer.json in older checkpoints
TOKENIZER_CONFIG_FILE = "tokenizer_config.json"

KINDS = ("distilbert", "bert")
_WANTED = FORMATS["checkpoint"].called("a DistilBERT or BERT checkpoint")
_HEAD_KEYS = ("id2label", "label2id", "problem_type", "num_labels")


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
    """Read and check the encoder in a checkpoint folder; BERT is translated to DistilBERT.

    Raises:
        ModelCorrupt: a file or a weight is missing, or the folder holds another kind of model.
    """
    return read_with_head(folder)[0]


def read_with_head(folder: Path) -> tuple[Checkpoint, dict[str, np.ndarray]]:
    """Read a checkpoint folder like ``read_checkpoint``, and beside the encoder the weights that are not its own.

    These are float32 under the names of the checkpoint (``classifier.weight`` and so on).
    """
    config, tokenizer = read_config(folder), read_tokenizer(folder)
    kind = config["model_type"]
    absent = [key for key in (SIZES if kind == "bert" else SIZES.values()) if key not in config]
    if absent:
        raise ModelCorrupt(f"{folder / CONFIG_FILE} lacks {', '.join(absent)}.")
    # checkpoints saved with a task head keep the encoder under its kind
    weights = {name.removeprefix(f"{kind}."): array for name, array in read_weights(folder).items()}
    if kind == "bert":
        config, weights = distilbert_config(config, folder), distilbert_weights(weights)
    config = {key: value for key, value in config.items() if key not in _HEAD_KEYS}
    config["architectures"] = ["DistilBertModel"]
    if config.get("activation", "gelu") != "gelu":
        raise ModelCorrupt(f"{folder} uses the activation {config['activation']!r}; only gelu is supported.")
    expected = weight_names(int(config["n_layers"]))
    missing = [name for name in expected if name not in weights]
    if missing:
        raise ModelCorrupt(
            f"{folder} does not contain a complete encoder: {len(missing)} weights are missing; "
            f"the first is {missing[0]}; fetch the model again."
        )
    vocabulary, shape = weights["embeddings.word_embeddings.weight"].shape, (config["vocab_size"], config["dim"])
    if vocabulary != shape:
        raise ModelCorrupt(
            f"{folder}: the weights have a vocabulary of shape {vocabulary}, {CONFIG_FILE} says {shape}; the two files "
            "belong to different models."
        )
    encoder = {name: weights.pop(name) for name in expected}
    return Checkpoint(config=config, tokenizer=tokenizer, weights=encoder), weights


def read_config(folder: Path) -> dict[str, Any]:
    """Read ``config.json`` of a checkpoint folder as it is.

    Raises:
        ModelCorrupt: a file is missing, or the folder holds another kind of model than DistilBERT or BERT.
    """
    check_files(folder, _WANTED)
    weight_files(folder)  # raises where one of several is not there
    try:
        config: dict[str, Any] = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        kind = config.get("model_type")
    except (ValueError, AttributeError) as error:
        raise ModelCorrupt(f"{folder / CONFIG_FILE} is not a JSON object: {error}") from error
    if kind not in KINDS:
        raise refusal(folder, _WANTED)
    return config


def write_checkpoint(checkpoint: Checkpoint, folder: Path) -> None:
    """Write a checkpoint folder; weights are kept as float16, which halves the file and is enough to go on from."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG_FILE).write_text(json.dumps(checkpoint.config, indent=2, sort_keys=True), encoding="utf-8")
    (folder / TOKENIZER_FILE).write_text(checkpoint.tokenizer, encoding="utf-8")
    half = {name: np.ascontiguousarray(array, dtype=np.float16) for name, array in checkpoint.weights.items()}
    save_file(half, folder / SAFETENSORS_FILE, metadata={"format": "pt"})


def checkpoint_hash(folder: Path) -> str:
    """Return a SHA-256 over the files that make up the checkpoint in a folder; absent files count as absent."""
    settings = [folder / name for name in (CONFIG_FILE, TOKENIZER_FILE, VOCABULARY_FILE, TOKENIZER_CONFIG_FILE)]
    return joint_sha256((path.name, path) for path in [*settings, *weight_files(folder)])


def read_tokenizer(folder: Path) -> str:
    """Return the text of ``tokenizer.json``, made from ``vocab.txt`` where there is only that.

    Raises:
        ModelCorrupt: there is none that can be read.
    """
    if (folder / TOKENIZER_FILE).is_file():
        try:
            return (folder / TOKENIZER_FILE).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ModelCorrupt(f"{folder / TOKENIZER_FILE} is not text ({error}); {how_to_mend(folder)}.") from error
    implementations = require("tokenizers.implementations", extra="nlu")
    settings: dict[str, Any] = {}
    try:
        if (folder / TOKENIZER_CONFIG_FILE).is_file():
            settings = json.loads((folder / TOKENIZER_CONFIG_FILE).read_text(encoding="utf-8"))
        pieces = (folder / VOCABULARY_FILE).read_text(encoding="utf-8").splitlines()
        tokenizer = implementations.BertWordPieceTokenizer(
            {piece: number for number, piece in enumerate(pieces)},
            lowercase=settings.get("do_lower_case", True),
            strip_accents=settings.get("strip_accents"),
            handle_chinese_chars=settings.get("tokenize_chinese_chars", True),
        )
    # TypeError: the vocabulary lacks the pieces [CLS] and [SEP]
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelCorrupt(
            f"{folder}: no tokenizer can be made from {VOCABULARY_FILE} and {TOKENIZER_CONFIG_FILE} ({error}); "
            "fetch the model again."
        ) from error
    return str(tokenizer.to_str())
