"""Fine-tune a DistilBERT encoder and a cosine head on labeled texts, with torch alone.

The head starts at the centroids of the classes (prototypes, Snell et al. 2017, "Prototypical Networks"), so that the
first step already classifies as well as the nearest centroid, and encoder and head then learn together. Word and
position embeddings stay as they are: half of the weights, and with few examples training them changes nothing for the
better.
"""

from __future__ import annotations

from typing import Optional, Sequence

import numpy as np

from convai_rasa.errors import ConfigurationError
from convai_rasa.nlu.encoder import (
    Checkpoint,
    import_torch,
    mixed_precision,
    normalise,
    pick_device,
    processor_threads,
)
from convai_rasa.nlu.intents.head import IntentHead
from convai_rasa.nlu.intents.options import Recipe

SCALE = 16.0  # logits = SCALE * cosine: softmax over cosines alone would be too flat to learn from
# Held back by default only where a tenth is much: early stopping saves time on large data and costs accuracy on small.
HOLD_BACK_FROM = 2_000
HELD_BACK_SHARE = 0.1
MOST_HELD_BACK = 1_000


def fine_tune(
    checkpoint: Checkpoint,
    pieces: Sequence[Sequence[int]],
    classes: np.ndarray,
    recipe: Recipe,
    *,
    head: Optional[IntentHead] = None,
) -> tuple[Checkpoint, IntentHead, np.ndarray]:
    """Train encoder and head on the word pieces of examples and their classes, int of shape (texts,), counted from 0.

    Where training goes on from a ``head``, each class that it does not have starts at its centroid.

    Returns:
        The encoder with its new weights, the head, and the embeddings of the examples by the new encoder, float32 of
        shape (texts, dim).

    Raises:
        ConfigurationError: the recipe's device is not there, or it freezes every layer.
        MissingExtra: torch is not installed.
    """
    layers = int(checkpoint.config["n_layers"])
    if recipe.frozen_layers >= layers:
        raise ConfigurationError(
            f"frozen_layers: this base model has {layers} layers, so at most {layers - 1} can stay as they are; "
            "with strategy frozen all of them do."
        )
    torch = import_torch()
    from convai_rasa.nlu.encoder import TorchEncoder
    from convai_rasa.nlu.intents.training_loop import Head, train

    device = pick_device(torch, recipe.device)
    forked = [device] if device.type == "cuda" else []
    with processor_threads(torch, recipe.threads), torch.random.fork_rng(devices=forked):
        torch.manual_seed(recipe.seed)
        encoder = TorchEncoder(checkpoint, frozen_layers=recipe.frozen_layers).to(device)
        with mixed_precision(torch, device):
            states = encoder.first_states(pieces)
            start = encoder.embed(states)
        known = len(head.bias) if head else 0
        count = max(known, int(classes.max()) + 1)
        weight, bias = SCALE * centroids(start, classes, count), np.zeros(count, dtype=np.float32)
        if head:
            weight[:known], bias[:known] = head.weight, head.bias
        prototypes = Head(weight / SCALE, bias, scale=SCALE).to(device)
        held_back = hold_back(classes, recipe.validation_share, seed=recipe.seed)
        train(encoder, prototypes, states, classes, recipe, held_back=held_back, device=device)
        embeddings = encoder.embed(states)
    tuned = Checkpoint(checkpoint.config, checkpoint.tokenizer, encoder.weights())
    weight, bias = prototypes.arrays()  # logits = embeddings @ weight.T + bias
    return tuned, IntentHead.make(weight, bias, embeddings, classes), embeddings


def hold_back(classes: np.ndarray, share: Optional[float], *, seed: int) -> np.ndarray:
    """Choose examples that are not trained on, so that training can stop when it no longer helps on them.

    ``classes`` are theirs, shape (n,). A ``share`` of None takes a tenth, at most 1,000, where there are 2,000 or more,
    and else none. The same seed chooses the same.

    Returns:
        bool of shape (n,). Every class keeps at least one example, so fewer may be held back than asked for.
    """
    count = len(classes)
    wanted = round(count * share) if share is not None else min(round(count * HELD_BACK_SHARE), MOST_HELD_BACK)
    if share is None and count < HOLD_BACK_FROM:
        wanted = 0
    order = np.random.RandomState(seed).permutation(count)
    first = np.unique(classes[order], return_index=True)[1]  # one of each class stays
    free = np.delete(order, first)
    chosen = np.zeros(count, dtype=bool)
    chosen[free[:wanted]] = True
    return chosen


def centroids(embeddings: np.ndarray, classes: np.ndarray, count: int) -> np.ndarray:
    """Return the mean direction of each of ``count`` classes, shape (count, dim); zeros without examples."""
    sums = np.zeros((count, embeddings.shape[1]), dtype=np.float32)
    np.add.at(sums, classes, embeddings)
    return normalise(sums)
