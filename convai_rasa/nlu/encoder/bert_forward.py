"""What a BERT and a DistilBERT encoder compute for one text, in numpy and double precision: measures a conversion.

Each is read by its publisher's own names of the weights (Devlin et al. 2019, Sanh et al. 2019), so that a weight that
was led to the wrong place shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

Weights = Mapping[str, np.ndarray]

# The layers' prefix; then query, key, value and output of the attention, its norm, both linear maps, and their norm.
BERT_NAMES = (
    "encoder.layer.",
    *(f"attention.self.{part}" for part in ("query", "key", "value")),
    *("attention.output.dense", "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"),
)
DISTILBERT_NAMES = (
    "transformer.layer.",
    *(f"attention.{part}_lin" for part in ("q", "k", "v", "out")),
    *("sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm"),
)
_erf = np.frompyfunc(math.erf, 1, 1)  # numpy has none
_EPSILON = 1e-12  # of the layer norms; both kinds of encoder have it fixed


def hidden_states(weights: Weights, ids: Sequence[int], names: Sequence[str], *, heads: int) -> np.ndarray:
    """Return the last hidden states of an encoder for one text of one segment, float64 of shape (len(ids), dim).

    ``weights`` have the ``names`` of transformers' ``BertModel`` or ``DistilBertModel``; ``ids`` are word pieces.

    Raises:
        KeyError: a weight is missing.
    """
    prefix, *parts = names
    states = weights["embeddings.word_embeddings.weight"][list(ids)].astype(np.float64)
    states = states + weights["embeddings.position_embeddings.weight"][: len(ids)]
    if names is BERT_NAMES:
        states = states + weights["embeddings.token_type_embeddings.weight"][0]
    states = _norm(weights, "embeddings.LayerNorm", states)
    for number in range(len({name[len(prefix) :].split(".")[0] for name in weights if name.startswith(prefix)})):
        query, key, value, out, attention_norm, inner, outer, norm = (f"{prefix}{number}.{part}" for part in parts)
        mixed = _attend(*(_linear(weights, name, states) for name in (query, key, value)), heads=heads)
        states = _norm(weights, attention_norm, states + _linear(weights, out, mixed))
        expanded = _gelu(_linear(weights, inner, states))
        states = _norm(weights, norm, states + _linear(weights, outer, expanded))
    return states


def _linear(weights: Weights, name: str, states: np.ndarray) -> np.ndarray:
    return states @ weights[f"{name}.weight"].astype(np.float64).T + weights[f"{name}.bias"]


def _norm(weights: Weights, name: str, states: np.ndarray) -> np.ndarray:
    centred = states - states.mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + _EPSILON)
    return np.asarray(scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"])


def _gelu(states: np.ndarray) -> np.ndarray:
    return states * 0.5 * (1.0 + _erf(states / math.sqrt(2.0)).astype(np.float64))


def _attend(query: np.ndarray, key: np.ndarray, value: np.ndarray, *, heads: int) -> np.ndarray:
    query, key, value = (part.reshape(len(part), heads, -1).swapaxes(0, 1) for part in (query, key, value))
    scores = query @ key.swapaxes(1, 2) / math.sqrt(query.shape[-1])
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = shares / shares.sum(axis=-1, keepdims=True) @ value
    return np.asarray(mixed.swapaxes(0, 1).reshape(mixed.shape[1], -1))
