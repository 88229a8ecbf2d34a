"""What a BERT and a DistilBERT encoder compute for one text, in numpy and double precision: measures a conversion.

Each is written with its publisher's own names of the weights (Devlin et al. 2019, Sanh et al. 2019), so that a weight
that was led to the wrong place shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

Weights = Mapping[str, np.ndarray]

_erf = np.frompyfunc(math.erf, 1, 1)  # numpy has none
_EPSILON = 1e-12  # of the layer norms; both kinds of encoder have it fixed


def bert_states(weights: Weights, ids: Sequence[int], *, heads: int) -> np.ndarray:
    """Return the last hidden states of a BERT encoder for one text of one segment.

    Args:
        weights: under the names of transformers' ``BertModel``.
        ids: word pieces.
        heads: of each layer's attention.

    Returns:
        float64 of shape (len(ids), dim).

    Raises:
        KeyError: a weight is missing.
    """
    states = _embedded(weights, ids) + _get(weights, "embeddings.token_type_embeddings.weight")[0]
    states = _norm(weights, "embeddings.LayerNorm", states)
    for number in range(_layers(weights, "encoder.layer.")):
        layer = f"encoder.layer.{number}"
        query, key, value = (
            _linear(weights, f"{layer}.attention.self.{part}", states) for part in ("query", "key", "value")
        )
        mixed = _linear(weights, f"{layer}.attention.output.dense", _attend(query, key, value, heads))
        states = _norm(weights, f"{layer}.attention.output.LayerNorm", states + mixed)
        inner = _gelu(_linear(weights, f"{layer}.intermediate.dense", states))
        states = _norm(weights, f"{layer}.output.LayerNorm", states + _linear(weights, f"{layer}.output.dense", inner))
    return states


def distilbert_states(weights: Weights, ids: Sequence[int], *, heads: int) -> np.ndarray:
    """Return the same for a DistilBERT encoder, whose weights have the names of transformers' ``DistilBertModel``."""
    states = _norm(weights, "embeddings.LayerNorm", _embedded(weights, ids))
    for number in range(_layers(weights, "transformer.layer.")):
        layer = f"transformer.layer.{number}"
        query, key, value = (_linear(weights, f"{layer}.attention.{part}_lin", states) for part in "qkv")
        mixed = _linear(weights, f"{layer}.attention.out_lin", _attend(query, key, value, heads))
        states = _norm(weights, f"{layer}.sa_layer_norm", states + mixed)
        inner = _gelu(_linear(weights, f"{layer}.ffn.lin1", states))
        states = _norm(weights, f"{layer}.output_layer_norm", states + _linear(weights, f"{layer}.ffn.lin2", inner))
    return states


def _get(weights: Weights, name: str) -> np.ndarray:
    return weights[name].astype(np.float64)


def _layers(weights: Weights, prefix: str) -> int:
    return len({name.removeprefix(prefix).split(".")[0] for name in weights if name.startswith(prefix)})


def _embedded(weights: Weights, ids: Sequence[int]) -> np.ndarray:
    words = weights["embeddings.word_embeddings.weight"][list(ids)].astype(np.float64)
    return np.asarray(words + _get(weights, "embeddings.position_embeddings.weight")[: len(ids)])


def _linear(weights: Weights, name: str, states: np.ndarray) -> np.ndarray:
    return states @ _get(weights, f"{name}.weight").T + _get(weights, f"{name}.bias")


def _norm(weights: Weights, name: str, states: np.ndarray) -> np.ndarray:
    centred = states - states.mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + _EPSILON)
    return np.asarray(scaled * _get(weights, f"{name}.weight") + _get(weights, f"{name}.bias"))


def _gelu(states: np.ndarray) -> np.ndarray:
    return states * 0.5 * (1.0 + _erf(states / math.sqrt(2.0)).astype(np.float64))


def _attend(query: np.ndarray, key: np.ndarray, value: np.ndarray, heads: int) -> np.ndarray:
    query, key, value = (part.reshape(len(part), heads, -1).swapaxes(0, 1) for part in (query, key, value))
    scores = query @ key.swapaxes(1, 2) / math.sqrt(query.shape[-1])
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = shares / shares.sum(axis=-1, keepdims=True) @ value
    return np.asarray(mixed.swapaxes(0, 1).reshape(mixed.shape[1], -1))
