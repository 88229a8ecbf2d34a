"""DistilBERT (Sanh et al. 2019) in torch, for training only; serving is in ``encoder.py``."""

from __future__ import annotations

from typing import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from convai_rasa.nlu.checkpoint import Checkpoint

LAYER_NORM_EPSILON = 1e-12
EMBED_BATCH = 64


class TorchEncoder(nn.Module):
    """An encoder whose transformer layers learn and whose word and position embeddings do not."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        config = checkpoint.config
        self._words = _frozen(checkpoint.weights["embeddings.word_embeddings.weight"])
        self._positions = _frozen(checkpoint.weights["embeddings.position_embeddings.weight"])
        self._kept = {name: array for name, array in checkpoint.weights.items() if name.startswith("embeddings.")}
        self.norm = nn.LayerNorm(config["dim"], eps=LAYER_NORM_EPSILON)
        self.norm.load_state_dict(_part(checkpoint.weights, "embeddings.LayerNorm."))
        self.norm.requires_grad_(False)
        self.dropout = nn.Dropout(config.get("dropout", 0.1))
        self.layers = nn.ModuleList([_Layer(config) for _ in range(config["n_layers"])])
        self.layers.load_state_dict(_part(checkpoint.weights, "transformer.layer."))
        self.eval()

    def forward(self, pieces: Sequence[Sequence[int]]) -> Tensor:
        """Return the embeddings of texts given as word-piece numbers, float32 of shape (texts, dim), length one."""
        length = max(len(ids) for ids in pieces)
        padded = torch.tensor([[*ids, *[0] * (length - len(ids))] for ids in pieces])
        mask = torch.tensor([[True] * len(ids) + [False] * (length - len(ids)) for ids in pieces])
        hidden = self.dropout(self.norm(self._words[padded] + self._positions[:length]))
        attend = None if bool(mask.all()) else mask[:, None, None, :]
        for layer in self.layers:
            hidden = layer(hidden, attend)
        return functional.normalize((hidden * mask[:, :, None]).sum(dim=1), dim=-1)

    def embed(self, pieces: Sequence[Sequence[int]]) -> np.ndarray:
        """Return the embeddings without dropout and without gradients."""
        training = self.training
        self.eval()
        order = sorted(range(len(pieces)), key=lambda index: len(pieces[index]))
        embeddings = np.zeros((len(pieces), self._words.shape[1]), dtype=np.float32)
        with torch.inference_mode():
            for start in range(0, len(order), EMBED_BATCH):
                chosen = order[start : start + EMBED_BATCH]
                embeddings[chosen] = self([pieces[index] for index in chosen]).numpy()
        self.train(training)
        return embeddings

    def weights(self) -> dict[str, np.ndarray]:
        """Return all weights under the names of a checkpoint."""
        layers = {f"transformer.layer.{name}": value.numpy().copy() for name, value in self.layers.state_dict().items()}
        return {**self._kept, **layers}


class _Layer(nn.Module):
    """One transformer layer; attribute names are those of the checkpoint."""

    def __init__(self, config: dict) -> None:
        super().__init__()
        dim = config["dim"]
        self.heads = config["n_heads"]
        self.attention = nn.ModuleDict({name: nn.Linear(dim, dim) for name in ("q_lin", "k_lin", "v_lin", "out_lin")})
        self.sa_layer_norm = nn.LayerNorm(dim, eps=LAYER_NORM_EPSILON)
        self.ffn = nn.ModuleDict(
            {"lin1": nn.Linear(dim, config["hidden_dim"]), "lin2": nn.Linear(config["hidden_dim"], dim)}
        )
        self.output_layer_norm = nn.LayerNorm(dim, eps=LAYER_NORM_EPSILON)
        self.dropout = nn.Dropout(config.get("dropout", 0.1))
        self.attention_dropout = float(config.get("attention_dropout", 0.1))

    def forward(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        query, key, value = (
            self.attention[name](hidden).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for name in ("q_lin", "k_lin", "v_lin")
        )
        dropout = self.attention_dropout if self.training else 0.0
        context = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout)
        hidden = self.sa_layer_norm(hidden + self.attention["out_lin"](context.transpose(1, 2).flatten(2)))
        expanded = functional.gelu(self.ffn["lin1"](hidden))
        return self.output_layer_norm(hidden + self.dropout(self.ffn["lin2"](expanded)))


def _frozen(array: np.ndarray) -> Tensor:
    return torch.from_numpy(array)


def _part(weights: dict[str, np.ndarray], prefix: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): torch.from_numpy(array) for name, array in weights.items() if name.startswith(prefix)
    }
