"""Training with the tiny checkpoint: what is held back, when it stops, what a rare class counts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from convai_rasa.errors import ConfigurationError
from convai_rasa.nlu.encoder.checkpoint import Checkpoint, read_checkpoint
from convai_rasa.nlu.encoder.ctranslate import load_tokenizer
from convai_rasa.nlu.intents import training_loop
from convai_rasa.nlu.intents.fine_tune import centroids, fine_tune, hold_back
from convai_rasa.nlu.intents.options import Recipe

if TYPE_CHECKING:
    import torch

pytestmark = pytest.mark.networks

Examples = tuple[list[str], list[str]]
FAST = Recipe(
    epochs=12,
    learning_rate=1e-3,
    head_learning_rate=1e-2,
    batch_size=8,
    threads=1,
    device="cpu",
)


def classes_of(examples: Examples) -> np.ndarray:
    return np.unique(examples[1], return_inverse=True)[1]


def pieces_of(checkpoint: Checkpoint, texts: list[str]) -> list[list[int]]:
    tokenizer = load_tokenizer(checkpoint.tokenizer, max_length=32)
    return [encoding.ids for encoding in tokenizer.encode_batch(texts)]


def test_nothing_is_held_back_of_few_examples_and_a_tenth_of_many() -> None:
    assert not hold_back(np.arange(1999) % 7, None, seed=0).any()
    assert hold_back(np.arange(2000) % 7, None, seed=0).sum() == 200
    assert hold_back(np.arange(50_000) % 7, None, seed=0).sum() == 1000
    assert hold_back(np.arange(100) % 7, 0.25, seed=0).sum() == 25
    assert not hold_back(np.arange(5000) % 7, 0.0, seed=0).any()


def test_every_class_keeps_an_example() -> None:
    classes = np.array([0, 1, 1, 2, 2, 2])
    held_back = hold_back(classes, 0.9, seed=3)
    assert set(classes[~held_back]) == {0, 1, 2}
    assert held_back.sum() == 3
    assert (held_back == hold_back(classes, 0.9, seed=3)).all()


def test_the_best_weights_on_the_held_back_are_kept(
    tiny_checkpoint: Path, examples: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[tuple[float, dict[str, torch.Tensor]]] = []
    accuracies = iter([0.2, 0.9, 0.5, 0.9, 1.0])

    def measured(model: torch.nn.ModuleList, *_: object) -> float:
        accuracy = next(accuracies)
        judged.append((accuracy, {name: value.clone() for name, value in model.state_dict().items()}))
        return accuracy

    monkeypatch.setattr(training_loop, "_accuracy", measured)
    checkpoint = read_checkpoint(tiny_checkpoint)
    recipe = FAST.copy(update={"validation_share": 0.3, "patience": 2})
    tuned, head, _ = fine_tune(checkpoint, pieces_of(checkpoint, examples[0]), classes_of(examples), recipe)
    assert [accuracy for accuracy, _ in judged] == [0.2, 0.9, 0.5, 0.9]  # no better twice: the fifth never came
    best = judged[1][1]
    np.testing.assert_allclose(head.weight, 16 * best["1.weight"].numpy(), rtol=1e-6)
    name = "transformer.layer.0.ffn.lin1.weight"
    np.testing.assert_array_equal(tuned.weights[name], best["0." + name.replace("transformer.layer", "layers")])


def test_an_example_of_a_rare_class_counts_more() -> None:
    weights = training_loop._class_weights(np.array([0] * 6 + [1] * 2), 3).numpy()
    assert weights[1] == pytest.approx(3 * weights[0])
    assert np.mean(weights[[0] * 6 + [1] * 2]) == pytest.approx(1)
    extreme = training_loop._class_weights(np.array([0] * 1000 + [1]), 2).numpy()
    assert extreme[1] / extreme[0] < 21


def test_a_rare_class_is_learnt_only_when_it_counts(tiny_checkpoint: Path, examples: Examples) -> None:
    checkpoint = read_checkpoint(tiny_checkpoint)
    texts, classes = examples[0] * 6, np.tile(classes_of(examples), 6)
    rare = 1
    kept = (classes != rare) | (np.arange(len(classes)) == np.flatnonzero(classes == rare)[0])
    texts, classes = [text for text, keep in zip(texts, kept) if keep], classes[kept]
    gains = []
    for balance in (True, False):
        recipe = FAST.copy(update={"epochs": 1, "balance": balance})
        _, head, _ = fine_tune(checkpoint, pieces_of(checkpoint, texts), classes, recipe)
        gains.append(head.bias[rare])
    assert gains[0] > gains[1]


def test_frozen_layers_stay_as_they_are_and_the_others_learn(tiny_checkpoint: Path, examples: Examples) -> None:
    checkpoint = read_checkpoint(tiny_checkpoint)
    recipe = FAST.copy(update={"frozen_layers": 1})
    pieces, classes = pieces_of(checkpoint, examples[0]), classes_of(examples)
    tuned, head, embeddings = fine_tune(checkpoint, pieces, classes, recipe)
    changed = {name for name, array in tuned.weights.items() if (array != checkpoint.weights[name]).any()}
    assert changed
    assert all(name.startswith("transformer.layer.1.") for name in changed)
    hits = (embeddings @ head.weight.T + head.bias).argmax(axis=1) == classes
    assert hits.mean() > 0.9
    with pytest.raises(ConfigurationError, match="2 layers, so at most 1"):
        fine_tune(checkpoint, pieces, classes, FAST.copy(update={"frozen_layers": 2}))


def test_the_progress_bar_tells_loss_and_accuracy(
    tiny_checkpoint: Path, examples: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[dict[str, str]] = []
    monkeypatch.setattr(training_loop.tqdm, "set_postfix", lambda self, now, **_: shown.append(dict(now)))
    checkpoint = read_checkpoint(tiny_checkpoint)
    recipe = FAST.copy(update={"validation_share": 0.2, "patience": 12})
    fine_tune(checkpoint, pieces_of(checkpoint, examples[0]), classes_of(examples), recipe)
    assert set(shown[0]) == {"loss", "accuracy"}
    assert set(shown[-1]) == {"loss", "accuracy", "held_back"}
    assert min(float(now["loss"]) for now in shown) < float(shown[0]["loss"])


def test_centroids_are_mean_directions() -> None:
    found = centroids(np.array([[3.0, 0.0], [1.0, 0.0], [0.0, 2.0]], np.float32), np.array([0, 0, 2]), 3)
    np.testing.assert_allclose(found, [[1, 0], [0, 0], [0, 1]])
