"""BERT in DistilBERT's words: the one table of sizes and names by which all of this room knows the two.

The two compute the same but for three things: BERT adds an embedding of the segment (for one segment always row 0, so
it can be added to every position embedding once), DistilBERT has no pooler, and the layers have other names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from convai_rasa.errors import ModelCorrupt

LAYER_NORM_EPSILON = 1e-12  # of both, always
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
SIZES = {
    "vocab_size": "vocab_size",
    "max_position_embeddings": "max_position_embeddings",
    "num_hidden_layers": "n_layers",
    "num_attention_heads": "n_heads",
    "hidden_size": "dim",
    "intermediate_size": "hidden_dim",
}
_RATES = {"hidden_dropout_prob": "dropout", "attention_probs_dropout_prob": "attention_dropout"}
_FIXED = {"hidden_act": "gelu", "layer_norm_eps": LAYER_NORM_EPSILON, "position_embedding_type": "absolute"}
_WORDS = "embeddings.word_embeddings.weight"
_POSITIONS = "embeddings.position_embeddings.weight"
_SEGMENTS = "embeddings.token_type_embeddings.weight"


def weight_names(layers: int) -> list[str]:
    """Return the names of all weights of a DistilBERT encoder with so many layers."""
    modules = ["embeddings.LayerNorm"]
    modules += [f"transformer.layer.{index}.{part}" for index in range(layers) for part in LAYER_NAMES.values()]
    return [_WORDS, _POSITIONS, *(f"{module}.{kind}" for module in modules for kind in ("weight", "bias"))]


def distilbert_config(config: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Translate the contents of BERT's ``config.json``, all sizes in it.

    Raises:
        ModelCorrupt: DistilBERT has fixed otherwise what this BERT uses.
    """
    for key, value in _FIXED.items():
        if config.get(key, value) != value:
            raise ModelCorrupt(f"{folder} is a BERT with {key} {config[key]!r}; only {value!r} is supported.")
    translated = {ours: config[theirs] for theirs, ours in SIZES.items()}
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
