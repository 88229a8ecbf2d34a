"""The steps of fine-tuning: batches, learning rates, averaged weights, early stopping, the progress bar.

The weights of the second half of the steps are averaged (Izmailov et al. 2018, "Averaging Weights Leads to Wider
Optima and Better Generalization"), which gives a little accuracy for no cost when the model is used.
"""

from __future__ import annotations

import copy
import logging
import math
from typing import Any, Iterator, Optional, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from convai_rasa.nlu.encoder import TorchEncoder, mixed_precision
from convai_rasa.nlu.intents.options import Recipe

logger = logging.getLogger(__name__)

WEIGHT_DECAY = 0.01
WARM_UP_SHARE = 0.1
AVERAGED_SHARE = 0.5  # of the steps, the last ones
AVERAGE_EVERY = 4  # steps; neighboring weights differ little, and adding them up takes time
BUCKET_BATCHES = 8  # texts of so many batches are sorted by length together, which saves padding
MOST_WEIGHT = 10.0  # of one example of a rare class: a few mislabeled ones must not rule the rest


class Head(nn.Module):
    """Logits from embeddings of length one: scaled products with one prototype for each class."""

    def __init__(self, weight: np.ndarray, bias: np.ndarray, *, scale: float) -> None:
        """Start at a weight of shape (classes, dim) and a bias of shape (classes,)."""
        super().__init__()
        self.weight = nn.Parameter(torch.from_numpy(weight))
        self.bias = nn.Parameter(torch.from_numpy(bias))
        self.scale = scale

    def forward(self, embeddings: Tensor) -> Tensor:
        """Return float32 logits of shape (texts, classes)."""
        return self.scale * functional.linear(embeddings, self.weight) + self.bias

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Return weight and bias with the scale worked in: logits = embeddings @ weight.T + bias."""
        weight, bias = (parameter.detach().cpu().numpy() for parameter in (self.weight, self.bias))
        return self.scale * weight, bias.copy()


def train(
    encoder: TorchEncoder,
    head: Head,
    states: Sequence[Tensor],
    classes: np.ndarray,
    recipe: Recipe,
    *,
    held_back: np.ndarray,
    device: torch.device,
) -> None:
    """Train encoder and head, both on the device, in place.

    Args:
        states: of each text, as ``TorchEncoder.first_states`` gives them.
        classes: of each text, int of shape (texts,).
        held_back: texts that are only used to see whether training still helps, bool of shape (texts,).
    """
    model = nn.ModuleList([encoder, head])
    learning, watched = np.flatnonzero(~held_back), np.flatnonzero(held_back)
    steps = recipe.epochs * math.ceil(len(learning) / recipe.batch_size)
    optimizer = _optimizer(encoder, head, recipe)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (WARM_UP_SHARE * steps)) * (1 - step / steps)
    )
    weights = _class_weights(classes[learning], len(head.bias)).to(device) if recipe.balance else None
    targets = torch.from_numpy(classes.astype(np.int64)).to(device)
    lengths = [len(state) for state in states]
    order = np.random.RandomState(recipe.seed)
    averaged = AveragedModel(model)
    best: Optional[dict[str, Any]] = None
    best_accuracy, waited, step = -1.0, 0, 0
    shown: dict[str, str] = {}
    with tqdm(total=steps, desc="Fine-tuning intents", unit="step", mininterval=0.5, disable=None) as progress:
        for epoch in range(recipe.epochs):
            encoder.train()
            right = seen = 0
            for batch in _batches(learning, lengths, recipe.batch_size, order):
                with mixed_precision(torch, device):
                    embeddings = encoder([states[index] for index in batch])
                logits, expected = head(embeddings), targets[batch]
                loss = functional.cross_entropy(logits, expected, weight=weights)
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                step += 1
                if step >= steps * (1 - AVERAGED_SHARE) and (step % AVERAGE_EVERY == 0 or step == steps):
                    averaged.update_parameters(model)
                right, seen = right + int((logits.argmax(dim=1) == expected).sum()), seen + len(batch)
                shown.update(loss=f"{loss.item():.3f}", accuracy=f"{right / seen:.3f}")
                progress.set_postfix(shown, refresh=False)
                progress.update()
            if progress.disable:  # no terminal: a line in place of the bar
                logger.info("Pass %d of %d: %s.", epoch + 1, recipe.epochs, ", ".join(map(" ".join, shown.items())))
            if not len(watched):
                continue
            judged = averaged.module if averaged.n_averaged > 0 else model
            accuracy = _accuracy(judged, [states[index] for index in watched], classes[watched], device)
            logger.info("Accuracy on the %d examples held back: %.3f.", len(watched), accuracy)
            shown["held_back"] = f"{accuracy:.3f}"
            if accuracy > best_accuracy:
                best, best_accuracy, waited = copy.deepcopy(judged.state_dict()), accuracy, 0
            else:
                waited += 1
                if waited >= recipe.patience:
                    break
    model.load_state_dict(best if best is not None else averaged.module.state_dict())
    encoder.eval()


def _optimizer(encoder: TorchEncoder, head: Head, recipe: Recipe) -> torch.optim.Optimizer:
    trained = [parameter for parameter in encoder.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "lr": recipe.learning_rate, "weight_decay": WEIGHT_DECAY},
        {"params": [p for p in trained if p.ndim < 2], "lr": recipe.learning_rate, "weight_decay": 0.0},
        {"params": list(head.parameters()), "lr": recipe.head_learning_rate, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, fused=True)


def _class_weights(classes: np.ndarray, count: int) -> Tensor:
    """Return what one example of each class counts, float32 of shape (count,); the mean over the examples is one."""
    counts = np.bincount(classes, minlength=count)
    present = counts > 0
    weights = np.ones(count)
    weights[present] = np.minimum(len(classes) / (present.sum() * counts[present]), MOST_WEIGHT)
    return torch.from_numpy((weights / weights[classes].mean()).astype(np.float32))


def _accuracy(model: Any, states: list[Tensor], classes: np.ndarray, device: torch.device) -> float:
    encoder, head = model
    with mixed_precision(torch, device):
        embeddings = encoder.embed(states)
    with torch.inference_mode():
        logits = head(torch.from_numpy(embeddings).to(device)).cpu().numpy()
    return float(np.mean(logits.argmax(axis=1) == classes))


def _batches(
    chosen: np.ndarray, lengths: Sequence[int], size: int, order: np.random.RandomState
) -> Iterator[np.ndarray]:
    """Shuffle the chosen examples and cut them into batches of about equal length."""
    shuffled = order.permutation(chosen)
    batches = []
    for start in range(0, len(shuffled), size * BUCKET_BATCHES):
        bucket = sorted(shuffled[start : start + size * BUCKET_BATCHES], key=lambda index: lengths[index])
        batches += [np.array(bucket[first : first + size]) for first in range(0, len(bucket), size)]
    for index in order.permutation(len(batches)):
        yield batches[index]
