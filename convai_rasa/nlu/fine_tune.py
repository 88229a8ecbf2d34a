"""Fine-tune a DistilBERT encoder and a cosine head on labelled texts, with torch alone.

The head starts at the centroids of the classes (prototypes, Snell et al. 2017, "Prototypical Networks"), so
that the first step already classifies as well as the nearest centroid, and encoder and head then learn
together. Word and position embeddings stay as they are: half of the weights, and with few examples
training them changes nothing for the better.
"""

from __future__ import annotations

import math
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Iterator, Optional, Sequence

import numpy as np
from tqdm import tqdm

from convai_rasa.errors import require
from convai_rasa.nlu.checkpoint import Checkpoint
from convai_rasa.nlu.encoder import load_tokenizer

SCALE = 16.0  # logits = SCALE * cosine: softmax over cosines alone would be too flat to learn from
WEIGHT_DECAY = 0.01
WARM_UP_SHARE = 0.1
BUCKET_BATCHES = 8  # texts of so many batches are sorted by length together, which saves padding
MAX_THREADS = 8


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        epochs: passes over the examples.
        learning_rate: of the encoder, at its highest.
        head_learning_rate: of the head, at its highest.
        batch_size: examples per step.
        max_length: word pieces after which a text is cut.
        seed: the same seed on the same machine gives the same model.
        threads: processor threads; None means all this process may use, at most 8.
    """

    epochs: int
    learning_rate: float
    head_learning_rate: float
    batch_size: int
    max_length: int
    seed: int
    threads: Optional[int]


@dataclass(frozen=True)
class FineTuned:
    """What training gives.

    Attributes:
        checkpoint: the encoder with its new weights.
        weight: the head, float32 of shape (classes, dim); logits = embeddings @ weight.T + bias.
        bias: float32 of shape (classes,).
        embeddings: of the training texts by the new encoder, float32 of shape (texts, dim).
    """

    checkpoint: Checkpoint
    weight: np.ndarray
    bias: np.ndarray
    embeddings: np.ndarray


def fine_tune(
    checkpoint: Checkpoint,
    texts: Sequence[str],
    classes: np.ndarray,
    recipe: Recipe,
    *,
    head: Optional[tuple[np.ndarray, np.ndarray]] = None,
) -> FineTuned:
    """Train encoder and head.

    Args:
        checkpoint: where the encoder starts.
        texts: the examples.
        classes: the class of each, int of shape (texts,), counted from 0.
        recipe: how to train.
        head: weight and bias to go on from. None starts at the class centroids, and so does each class
            whose row of weights is all zero.

    Raises:
        MissingExtra: torch is not installed.
    """
    torch = require("torch", extra="nlu")
    from convai_rasa.nlu.torch_encoder import TorchEncoder

    tokenizer = load_tokenizer(checkpoint.tokenizer, max_length=recipe.max_length)
    pieces = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
    with _threads(torch, recipe.threads), torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        encoder = TorchEncoder(checkpoint)
        weight, bias = _initial_head(encoder.embed(pieces), classes, head)
        prototypes = torch.nn.Linear(checkpoint.dim, len(weight))
        prototypes.load_state_dict({"weight": torch.from_numpy(weight / SCALE), "bias": torch.from_numpy(bias)})
        _train(torch, encoder, prototypes, pieces, classes, recipe)
        embeddings = encoder.embed(pieces)
    return FineTuned(
        checkpoint=Checkpoint(checkpoint.config, checkpoint.tokenizer, encoder.weights()),
        weight=SCALE * prototypes.weight.detach().numpy(),
        bias=prototypes.bias.detach().numpy().copy(),
        embeddings=embeddings,
    )


def centroids(embeddings: np.ndarray, classes: np.ndarray, count: int) -> np.ndarray:
    """Return the mean direction of each of ``count`` classes, shape (count, dim); zeros without examples."""
    sums = np.zeros((count, embeddings.shape[1]), dtype=np.float32)
    np.add.at(sums, classes, embeddings)
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)


def _initial_head(
    embeddings: np.ndarray, classes: np.ndarray, head: Optional[tuple[np.ndarray, np.ndarray]]
) -> tuple[np.ndarray, np.ndarray]:
    count = len(head[0]) if head else int(classes.max()) + 1
    start = SCALE * centroids(embeddings, classes, count)
    if head is None:
        return start, np.zeros(len(start), dtype=np.float32)
    weight, bias = head
    known = np.abs(weight).sum(axis=1, keepdims=True) > 0
    return np.where(known, weight, start).astype(np.float32), bias.astype(np.float32)


def _train(
    torch: Any, encoder: Any, prototypes: Any, pieces: list[list[int]], classes: np.ndarray, recipe: Recipe
) -> None:
    trained = [parameter for parameter in encoder.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "lr": recipe.learning_rate, "weight_decay": WEIGHT_DECAY},
        {"params": [p for p in trained if p.ndim < 2], "lr": recipe.learning_rate, "weight_decay": 0.0},
        {"params": list(prototypes.parameters()), "lr": recipe.head_learning_rate, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups)
    steps = recipe.epochs * math.ceil(len(pieces) / recipe.batch_size)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (WARM_UP_SHARE * steps)) * (1 - step / steps)
    )
    targets = torch.from_numpy(classes.astype(np.int64))
    order = np.random.RandomState(recipe.seed)
    encoder.train()
    with tqdm(total=steps, desc="Fine-tuning intents", unit="step", mininterval=0.5, disable=None) as progress:
        for _ in range(recipe.epochs):
            for batch in _batches([len(ids) for ids in pieces], recipe.batch_size, order):
                embeddings = encoder([pieces[index] for index in batch])
                logits = SCALE * embeddings @ prototypes.weight.T + prototypes.bias
                expected = targets[batch]
                loss = torch.nn.functional.cross_entropy(logits, expected)
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(trained, 1.0)
                optimizer.step()
                schedule.step()
                progress.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
                progress.update()
    encoder.eval()


def _batches(lengths: Sequence[int], size: int, order: np.random.RandomState) -> list[np.ndarray]:
    """Shuffle the examples and cut them into batches of about equal length."""
    shuffled = order.permutation(len(lengths))
    batches = []
    for start in range(0, len(shuffled), size * BUCKET_BATCHES):
        bucket = sorted(shuffled[start : start + size * BUCKET_BATCHES], key=lambda index: lengths[index])
        batches += [np.array(bucket[first : first + size]) for first in range(0, len(bucket), size)]
    return [batches[index] for index in order.permutation(len(batches))]


@contextmanager
def _threads(torch: Any, wanted: Optional[int]) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(wanted or min(MAX_THREADS, len(os.sched_getaffinity(0))))
    try:
        yield
    finally:
        torch.set_num_threads(before)
