"""BERT encoder → DistilBERT encoder, exactly, for texts of one segment.

The two compute the same but for three things: BERT adds an embedding of the segment (for one segment always row 0, so
it can be added to every position embedding once), DistilBERT has no pooler, and the layers have other names.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from convai_rasa.errors import ModelCorrupt, ModelError
from convai_rasa.store.conversions.bert_forward import bert_states, distilbert_states

TOLERANCE = 1e-5  # of a hidden state; both are computed in double precision, so that only the weights can differ
LAYER_NAMES = {
    "attention.self.query": "attention.q_lin",
    "attention.self.key": "attention.k_lin",
    "attention.self.value": "attention.v_lin",
    "attention.output.dense": "attention.out_lin",
    "attention.output.LayerNorm": "sa_layer_norm",
    "intermediate.dense": "ffn.lin1",
    "output.dense": "ffn.lin2",
    "output.LayerNorm": "output_layer_norm",
}
_SIZES = {
    "vocab_size": "vocab_size",
    "max_position_embeddings": "max_position_embeddings",
    "num_hidden_layers": "n_layers",
    "num_attention_heads": "n_heads",
    "hidden_size": "dim",
    "intermediate_size": "hidden_dim",
}
_RATES = {"hidden_dropout_prob": "dropout", "attention_probs_dropout_prob": "attention_dropout"}
_FIXED = {"hidden_act": "gelu", "layer_norm_eps": 1e-12, "position_embedding_type": "absolute"}
_SEGMENTS = "embeddings.token_type_embeddings.weight"
_POSITIONS = "embeddings.position_embeddings.weight"
_CONFIG_FILE, _WEIGHTS_FILE, _TOKENIZER_FILE = "config.json", "model.safetensors", "tokenizer.json"
_LONGEST_CHECKED = 128  # word pieces
_CHECK_TEXTS = [
    "hi",
    "Book a table for two at eight tonight, please.",
    "I've waited for 45 minutes and nobody came!!! That is terrible",
    "naïve café – 東京",
    "word " * 200,
]


def convert(source: Path, target: Path) -> float:
    """Rewrite a BERT checkpoint folder as a DistilBERT one and compare the two.

    Args:
        source: folder with config.json, model.safetensors and the tokenizer's files; README.md if it has one.
        target: empty folder.

    Returns:
        The largest absolute difference between the last hidden states of the two, over a few texts.

    Raises:
        ModelError: the checkpoint has a part DistilBERT cannot express, or the result differs from it.
    """
    from safetensors.numpy import load_file, save_file

    bert = json.loads((source / _CONFIG_FILE).read_text(encoding="utf-8"))
    config = {
        **distilbert_config(bert, source),
        "architectures": ["DistilBertModel"],
        "pad_token_id": bert.get("pad_token_id", 0),
    }
    (target / _CONFIG_FILE).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    weights = distilbert_weights(load_file(source / _WEIGHTS_FILE))
    kept = {name: weights[name] for name in weights if name.startswith("transformer.")}
    kept |= {name: weights[name] for name in weights if name.startswith("embeddings.") and "position_ids" not in name}
    save_file(kept, target / _WEIGHTS_FILE, metadata={"format": "pt"})
    _copy_tokenizer(source, target)
    if (source / "README.md").is_file():
        shutil.copyfile(source / "README.md", target / "MODEL_CARD.md")
    return _compare(source, target)


def distilbert_config(config: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Translate the contents of BERT's ``config.json``.

    Raises:
        ModelCorrupt: a size is missing, or DistilBERT has fixed otherwise what this BERT uses.
    """
    absent = [key for key in _SIZES if key not in config]
    if absent:
        raise ModelCorrupt(f"{folder / _CONFIG_FILE} lacks {', '.join(absent)}.")
    for key, value in _FIXED.items():
        if config.get(key, value) != value:
            raise ModelCorrupt(f"{folder} is a BERT with {key} {config[key]!r}; only {value!r} is supported.")
    translated = {ours: config[theirs] for theirs, ours in _SIZES.items()}
    translated.update({ours: config.get(theirs, 0.1) for theirs, ours in _RATES.items()})
    return {**translated, "model_type": "distilbert", "activation": "gelu", "sinusoidal_pos_embds": False}


def distilbert_weights(bert: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Rename the encoder's weights and add the embedding of the first segment to every position's.

    Weights of anything but the encoder (pooler, task head) keep their names.
    """
    weights = {}
    for name, array in bert.items():
        module, _, kind = name.rpartition(".")
        kind = {"gamma": "weight", "beta": "bias"}.get(kind, kind)  # as checkpoints made from TensorFlow call them
        if module.startswith("encoder.layer."):
            number, _, part = module.removeprefix("encoder.layer.").partition(".")
            module = f"transformer.layer.{number}.{LAYER_NAMES.get(part, part)}"
        weights[f"{module}.{kind}"] = array
    segments = weights.pop(_SEGMENTS, None)
    if segments is not None and _POSITIONS in weights:
        weights[_POSITIONS] = weights[_POSITIONS] + segments[0]
    return weights


def _copy_tokenizer(source: Path, target: Path) -> None:
    """Copy what there is: tokenizer.json alone will do, which newer checkpoints and those with sentencepiece have."""
    for name in (_TOKENIZER_FILE, "vocab.txt", "special_tokens_map.json"):
        if name == _TOKENIZER_FILE or (source / name).is_file():
            shutil.copyfile(source / name, target / name)
    config = json.loads((source / "tokenizer_config.json").read_text(encoding="utf-8"))
    config.pop("name_or_path", None)
    if str(config.get("tokenizer_class")).startswith("Bert"):  # a sentencepiece tokenizer keeps its class
        config["tokenizer_class"] = "DistilBertTokenizer"
    config["model_input_names"] = ["input_ids", "attention_mask"]
    (target / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def _compare(source: Path, target: Path) -> float:
    """Run what was published and what was written, each from its own folder, and compare their hidden states."""
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    bert, distilbert = (load_file(folder / _WEIGHTS_FILE) for folder in (source, target))
    given, made = (json.loads((folder / _CONFIG_FILE).read_text(encoding="utf-8")) for folder in (source, target))
    heads = [given["num_attention_heads"], made["n_heads"]]
    difference = 0.0
    pieces: list[list[list[int]]] = []
    for folder in (source, target):
        tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER_FILE))
        tokenizer.enable_truncation(min(_LONGEST_CHECKED, made["max_position_embeddings"]))
        tokenizer.no_padding()
        pieces.append([encoding.ids for encoding in tokenizer.encode_batch(_CHECK_TEXTS)])
    if pieces[0] != pieces[1]:
        raise ModelError("the converted tokenizer splits texts differently from the original")
    try:
        for ids in pieces[0]:
            apart = distilbert_states(distilbert, ids, heads=heads[1]) - bert_states(bert, ids, heads=heads[0])
            difference = max(difference, float(np.nan_to_num(np.abs(apart), nan=np.inf).max()))
    except KeyError as error:
        raise ModelError(f"the checkpoint lacks the weight {error}") from error
    if difference > TOLERANCE:
        raise ModelError(
            f"the converted encoder differs from the original by {difference:.2g}, but at most {TOLERANCE} is allowed"
        )
    return difference
