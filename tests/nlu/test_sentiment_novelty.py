"""Texts near the training texts are usual, texts far from all of them novel."""

import numpy as np
import pytest

from convai_rasa.nlu.encoder import normalise
from convai_rasa.nlu.sentiment_novelty import MAX_REFERENCE, Novelty

DIM = 16


def around(axis: int, count: int, seed: int) -> np.ndarray:
    noise = np.random.RandomState(seed).normal(scale=0.1, size=(count, DIM)).astype(np.float32)
    return normalise(noise + np.eye(DIM, dtype=np.float32)[axis])


@pytest.fixture
def novelty() -> Novelty:
    return Novelty.fit(around(0, 300, seed=1))


def test_texts_like_the_training_texts_are_mostly_usual(novelty: Novelty) -> None:
    measured = novelty.measure(around(0, 300, seed=2))
    assert np.median(measured) == 0.0
    assert measured.mean() < 0.35


def test_texts_of_another_kind_are_novel(novelty: Novelty) -> None:
    assert (novelty.measure(around(1, 50, seed=3)) == 1.0).all()


def test_nothing_is_kept_but_a_sample(novelty: Novelty) -> None:
    large = Novelty.fit(around(0, MAX_REFERENCE + 100, seed=1))
    assert large.reference.shape == (MAX_REFERENCE, DIM)
    assert large.reference.dtype == np.int8


def test_the_same_texts_give_the_same_measure() -> None:
    first, second = (Novelty.fit(around(0, 40, seed=1)) for _ in range(2))
    np.testing.assert_array_equal(first.reference, second.reference)
    np.testing.assert_array_equal(first.limits, second.limits)


@pytest.mark.parametrize("count", [2, 3])
def test_a_handful_of_training_texts_is_enough(count: int) -> None:
    measured = Novelty.fit(around(0, count, seed=1)).measure(around(1, 2, seed=3))
    assert (measured == 1.0).all()
