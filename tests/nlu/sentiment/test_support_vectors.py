"""A support vector machine knows what is near its examples, and what is not."""

import numpy as np
import pytest

from convai_rasa.nlu.encoder.ctranslate import normalise
from convai_rasa.nlu.sentiment.support_vectors import SupportVectors

CENTRES = np.eye(16, dtype=np.float32)[:9]
CLASSES = np.arange(9) % 3  # each label at three places, none of them between the others


def around(centres: np.ndarray, seed: int) -> np.ndarray:
    noise = np.random.RandomState(seed).normal(scale=0.05, size=centres.shape)
    return normalise(centres + noise).astype(np.float32)


@pytest.fixture(scope="module")
def fitted() -> tuple[SupportVectors, np.ndarray]:
    return SupportVectors.fit(around(np.repeat(CENTRES, 20, axis=0), seed=1), np.repeat(CLASSES, 20))


def test_a_label_may_be_in_several_places(fitted: tuple[SupportVectors, np.ndarray]) -> None:
    probabilities, novelty = fitted[0].read(around(np.repeat(CENTRES, 5, axis=0), seed=2))
    np.testing.assert_array_equal(probabilities.argmax(axis=1), np.repeat(CLASSES, 5))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-5)
    assert np.median(novelty) == 0.0


def test_the_examples_are_answered_by_machines_that_did_not_see_them() -> None:
    random, classes = np.random.RandomState(0), np.tile([0, 1, 2], 200)
    points = normalise(random.normal(size=(600, 100)) + 2.0 * np.eye(100)[classes]).astype(np.float32)
    vectors, unseen = SupportVectors.fit(points, classes)
    right = (unseen.argmax(axis=1) == classes).mean()
    assert (vectors.read(points)[0].argmax(axis=1) == classes).mean() > 0.97  # learned by heart
    assert 0.5 < right < 0.9
    assert unseen.max(axis=1).mean() == pytest.approx(right, abs=0.05)  # they know how sure to be


def test_far_from_every_example_it_is_less_sure_and_all_is_novel(fitted: tuple[SupportVectors, np.ndarray]) -> None:
    vectors, _ = fitted
    near, _ = vectors.read(around(CENTRES, seed=3))
    far, novelty = vectors.read(np.eye(16, dtype=np.float32)[9:])
    assert (novelty == 1.0).all()
    assert far.max() < near.max(axis=1).min()


def test_its_machines_are_those_of_scikit_learn(fitted: tuple[SupportVectors, np.ndarray]) -> None:
    from sklearn.svm import SVC

    points, classes = around(np.repeat(CENTRES, 20, axis=0), seed=1), np.repeat(CLASSES, 20)
    machine = SVC(C=4.0, gamma=1.5, class_weight="balanced", decision_function_shape="ovo").fit(points, classes)
    asked = around(np.repeat(CENTRES, 3, axis=0), seed=4)
    vectors, _ = fitted
    axes, kept, weight = vectors._unpacked
    kernel = np.exp(3.0 * (normalise(asked @ axes.T) @ kept.T - 1.0))
    np.testing.assert_allclose(kernel @ weight.T + vectors.pair_bias, machine.decision_function(asked), atol=0.05)


@pytest.mark.parametrize("each", [1, 2])
def test_a_handful_of_examples_is_enough(each: int) -> None:
    points = around(np.repeat(CENTRES[:3], each, axis=0), seed=5)
    vectors, unseen = SupportVectors.fit(points, np.repeat([0, 1, 2], each))
    assert unseen.shape == (3 * each, 3)
    np.testing.assert_allclose(vectors.read(points)[0].sum(axis=1), 1.0, rtol=1e-5)


def test_of_no_texts_nothing_is_said(fitted: tuple[SupportVectors, np.ndarray]) -> None:
    probabilities, novelty = fitted[0].read(np.zeros((0, 16), dtype=np.float32))
    assert probabilities.shape == (0, 3)
    assert novelty.shape == (0,)
