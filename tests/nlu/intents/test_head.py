from __future__ import annotations

import numpy as np
import pytest

from convai_rasa.nlu.intents.head import MOST_EXAMPLES, NEAREST_WEIGHT, IntentHead


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def embeddings() -> np.ndarray:
    return unit(np.random.RandomState(0).randn(9, 4))


CLASSES = np.array([2, 0, 0, 2, 0, 2, 2, 0, 2])  # class 1 has no example
WEIGHT = np.array([[1, 0, 0, 0], [0, 2, 0, 0], [0, 0, 3, 0]], np.float32)
BIAS = np.array([0.5, -0.5, 0.0], np.float32)


def test_logits_are_the_layer_plus_the_nearest_example(embeddings: np.ndarray) -> None:
    head = IntentHead.make(WEIGHT, BIAS, embeddings, CLASSES)
    texts = unit(np.random.RandomState(1).randn(5, 4))
    similarity = texts @ embeddings.T
    nearest = np.stack(
        [similarity[:, CLASSES == 0].max(axis=1), texts[:, 1], similarity[:, CLASSES == 2].max(axis=1)], axis=1
    )
    np.testing.assert_allclose(head.logits(texts), texts @ WEIGHT.T + BIAS + NEAREST_WEIGHT * nearest, atol=0.01)


def test_arrays_give_the_same_head_again(embeddings: np.ndarray) -> None:
    head = IntentHead.make(WEIGHT, BIAS, embeddings, CLASSES)
    again = IntentHead.load(head.arrays())
    np.testing.assert_array_equal(again.logits(embeddings), head.logits(embeddings))
    with pytest.raises(ValueError, match="fit together"):
        IntentHead.load({**head.arrays(), "starts": np.array([0, 0, 3])})
    with pytest.raises(ValueError, match="fit together"):
        IntentHead.load({**head.arrays(), "bias": BIAS[:2]})


def test_of_many_examples_some_of_every_class_are_kept() -> None:
    many = unit(np.random.RandomState(0).randn(3 * MOST_EXAMPLES, 4))
    classes = np.r_[np.zeros(3 * MOST_EXAMPLES - 5, int), np.ones(5, int)]
    head = IntentHead.make(WEIGHT[:2], BIAS[:2], many, classes)
    assert head.starts.tolist() == [0, MOST_EXAMPLES // 2]
    assert len(head.examples) == MOST_EXAMPLES // 2 + 5
