"""DistilBERT (Sanh et al. 2019) in torch, for training only; serving is in ``ctranslate.py``."""

from __future__ import annotations

from typing import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from convai_rasa.nlu.encoder.bert import LAYER_NORM_EPSILON
from convai_rasa.nlu.encoder.checkpoint import Checkpoint
from convai_rasa.nlu.encoder.compute import batches_alike

EMBED_BATCH = 64


class TorchEncoder(nn.Module):
    """An encoder whose upper transformer layers learn; embeddings and the lower layers stay as they are.

    What stays as it is gives the same states for a text every time. They are computed once (``first_states``), and
    each step of training begins with them.
    """

    words: Tensor
    positions: Tensor

    def __init__(self, checkpoint: Checkpoint, *, frozen_layers: int = 0) -> None:
        super().__init__()
        config = checkpoint.config
        for name in ("words", "positions"):
            array = checkpoint.weights[f"embeddings.{name.removesuffix('s')}_embeddings.weight"]
            self.register_buffer(name, torch.from_numpy(array))
        self._kept = {name: array for name, array in checkpoint.weights.items() if name.startswith("embeddings.")}
        self.norm = nn.LayerNorm(config["dim"], eps=LAYER_NORM_EPSILON)
        self.norm.load_state_dict(_part(checkpoint.weights, "embeddings.LayerNorm."))
        self.norm.requires_grad_(False)
        self.dropout = nn.Dropout(config.get("dropout", 0.1))
        self.layers = nn.ModuleList([_Layer(config) for _ in range(config["n_layers"])])
        self.layers.load_state_dict(_part(checkpoint.weights, "transformer.layer."))
        self.layers[:frozen_layers].requires_grad_(False)
        self.frozen_layers = frozen_layers
        self.eval()

    def train(self, mode: bool = True) -> TorchEncoder:
        """Switch dropout on or off; the frozen layers never drop anything."""
        super().train(mode)
        self.layers[: self.frozen_layers].eval()
        return self

    def forward(self, states: Sequence[Tensor]) -> Tensor:
        """Return the embeddings of texts given by ``first_states``, float32 of shape (texts, dim), length one."""
        hidden = nn.utils.rnn.pad_sequence(list(states), batch_first=True).float()
        mask, attend = _masks([len(state) for state in states], hidden.device)
        if not self.frozen_layers:
            hidden = self.dropout(hidden)
        for layer in self.layers[self.frozen_layers :]:
            hidden = layer(hidden, attend)
        return functional.normalize((hidden.float() * mask[:, :, None]).sum(dim=1), dim=-1)

    def first_states(self, pieces: Sequence[Sequence[int]]) -> list[Tensor]:
        """Return what comes out of the frozen layers, for each text float16 of shape (its length, dim)."""
        states: dict[int, Tensor] = {}
        with torch.inference_mode():
            for chosen in batches_alike([len(ids) for ids in pieces], EMBED_BATCH):
                batch = [torch.tensor(pieces[index], device=self.words.device) for index in chosen]
                hidden = self.norm(
                    self.words[nn.utils.rnn.pad_sequence(batch, batch_first=True)] + self.positions[: len(batch[-1])]
                )
                attend = _masks([len(ids) for ids in batch], hidden.device)[1]
                for layer in self.layers[: self.frozen_layers]:
                    hidden = layer(hidden, attend)
                half = hidden.half()  # of half the size, and still finer than the arithmetic of training
                states.update({index: row[: len(ids)] for index, row, ids in zip(chosen, half, batch, strict=True)})
        # cloned out of inference mode: autograd may then save them, and no batch is kept alive by one row of it
        return [states[index].clone() for index in range(len(pieces))]

    def embed(self, states: Sequence[Tensor]) -> np.ndarray:
        """Return the embeddings of texts given by ``first_states``, without dropout and without gradients."""
        training = self.training
        self.eval()
        embeddings = np.zeros((len(states), self.words.shape[1]), dtype=np.float32)
        with torch.inference_mode():
            for chosen in batches_alike([len(state) for state in states], EMBED_BATCH):
                embeddings[chosen] = self([states[index] for index in chosen]).cpu().numpy()
        self.train(training)
        return embeddings

    def weights(self) -> dict[str, np.ndarray]:
        """Return all weights under the names of a checkpoint."""
        layers = {
            f"transformer.layer.{name}": value.cpu().numpy().copy() for name, value in self.layers.state_dict().items()
        }
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


def _masks(lengths: Sequence[int], device: torch.device) -> tuple[Tensor, Tensor | None]:
    """Return which places of padded texts are theirs, and the same for attention; None where no text is padded."""
    mask = torch.arange(max(lengths), device=device) < torch.tensor(lengths, device=device)[:, None]
    return mask, None if min(lengths) == max(lengths) else mask[:, None, None, :]


def _part(weights: dict[str, np.ndarray], prefix: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): torch.from_numpy(array) for name, array in weights.items() if name.startswith(prefix)
    }
