"""Texts near the training texts are usual, texts far from all of them novel."""

import numpy as np
import pytest

from convai_rasa.nlu.encoder.ctranslate import normalise
from convai_rasa.nlu.sentiment.novelty import Novelty, split_kinds

DIM = 16
ONE_KIND = np.zeros(300, dtype=np.int64)


def around(axis: int, count: int, seed: int) -> np.ndarray:
    noise = np.random.RandomState(seed).normal(scale=0.1, size=(count, DIM)).astype(np.float32)
    return normalise(noise + np.eye(DIM, dtype=np.float32)[axis])


@pytest.fixture
def novelty() -> Novelty:
    return Novelty.fit(around(0, 300, seed=1), ONE_KIND, ONE_KIND)


def test_texts_like_the_training_texts_are_mostly_usual(novelty: Novelty) -> None:
    measured = novelty.measure(around(0, 300, seed=2))
    assert np.median(measured) == 0.0
    assert measured.mean() < 0.35


def test_texts_of_another_kind_are_novel(novelty: Novelty) -> None:
    assert (novelty.measure(around(1, 50, seed=3)) == 1.0).all()


def test_each_kind_of_training_texts_is_usual_and_what_lies_between_them_is_not() -> None:
    both = np.vstack([around(0, 150, seed=1), around(1, 150, seed=2)])
    apart = Novelty.fit(both, np.repeat([0, 1], 150), np.repeat([0, 1], 150))
    assert apart.centres.shape == (2, DIM)
    assert np.median(apart.measure(around(1, 50, seed=3))) == 0.0
    between = normalise(around(0, 50, seed=4) + around(1, 50, seed=5))
    assert (apart.measure(between) == 1.0).all()


@pytest.mark.parametrize("count", [2, 3])
def test_a_handful_of_training_texts_is_enough(count: int) -> None:
    measured = Novelty.fit(around(0, count, seed=1), ONE_KIND[:count], ONE_KIND[:count]).measure(around(1, 2, seed=3))
    assert (measured > 0.9).all()


def test_a_broad_kind_is_split_and_the_others_stay_whole() -> None:
    broad = np.vstack([around(axis, 40, seed=axis) for axis in range(4)])
    texts, kinds = np.vstack([around(5, 40, seed=9), broad]), np.repeat([0, 1], [40, 160])
    groups = split_kinds(texts, kinds, {1: 4})
    assert set(groups[:40]) == {0}
    assert [len(set(groups[40 * number : 40 * number + 40])) for number in range(1, 5)] == [1] * 4
    assert set(groups) == set(range(5))
    between = normalise(broad.mean(axis=0, keepdims=True))
    assert Novelty.fit(texts, groups, kinds).measure(between)[0] == 1.0
    assert Novelty.fit(texts, kinds, kinds).measure(between)[0] == 0.0


def test_there_are_never_more_groups_than_texts() -> None:
    np.testing.assert_array_equal(sorted(split_kinds(around(0, 3, seed=1), ONE_KIND[:3], {0: 16})), [0, 1, 2])


def test_what_is_usual_is_measured_for_each_kind() -> None:
    wide = normalise(around(1, 150, seed=2) + 2 * around(2, 150, seed=3) * np.linspace(0, 1, 150)[:, None])
    kinds = np.repeat([0, 1], [300, 150])
    both = Novelty.fit(np.vstack([around(0, 300, seed=1), wide]).astype(np.float32), kinds, kinds)
    assert both.limits[1, 0] > both.limits[0, 1]
