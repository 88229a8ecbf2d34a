from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from convai_rasa.nlu.encoder import log_sum_exp
from convai_rasa.nlu.intents.calibration import Calibration, find_sharpness, fit_calibration


def test_log_sum_exp_survives_large_logits() -> None:
    assert log_sum_exp(np.array([[1000.0, 1000.0]]))[0] == pytest.approx(1000 + np.log(2))


@pytest.mark.parametrize("strategy", ["fine_tune", "frozen"])
def test_confidence_falls_with_the_evidence_though_the_shares_stay(strategy: str) -> None:
    training = np.full((30, 3), -2.0)
    training[np.arange(30), np.arange(30) % 3] = 12.0
    calibration = fit_calibration(training, strategy)  # type: ignore[arg-type]  # parametrised
    logits = np.array([[12.0, -2.0, -2.0], [3.0, -10.0, -10.0], [0.0, 0.0, 0.0]])
    like_training, weak, nothing = calibration.confidences(logits, logits)
    assert like_training.max() > 0.95
    assert weak.max() < 0.3 < weak.max() / weak.sum()
    assert nothing.sum() < 0.05
    assert like_training.sum() <= 1


def test_a_model_that_learned_nothing_gives_finite_confidences() -> None:
    confidences = fit_calibration(np.zeros((4, 2)), "fine_tune").confidences(np.zeros((1, 2)), np.zeros((1, 2)))
    assert np.isfinite(confidences).all()


def clusters(spread: float, *, wrong: float = 0.0, count: int = 15) -> tuple[np.ndarray, np.ndarray]:
    """Return embeddings around eight directions, and their classes, of which a share is wrong."""
    chance = np.random.RandomState(0)
    classes = np.repeat(np.arange(8), count)
    around = np.eye(8, 32)[classes] + spread * chance.randn(len(classes), 32) / np.sqrt(32)
    mistaken = chance.rand(len(classes)) < wrong
    labels = np.where(mistaken, (classes + 1) % 8, classes)
    return (around / np.linalg.norm(around, axis=1, keepdims=True)).astype(np.float32), labels


def test_confidences_are_sharpened_where_answers_prove_right_and_flattened_where_they_prove_wrong() -> None:
    assert find_sharpness(*clusters(1.4), balance=True) > 1.2
    assert find_sharpness(*clusters(0.6, wrong=0.3), balance=True) < 0.9


def test_a_handful_of_examples_changes_nothing() -> None:
    assert find_sharpness(*clusters(1.4, count=2), balance=True) == 1.0
    embeddings, _ = clusters(1.4, count=1)
    assert find_sharpness(embeddings, np.arange(8), balance=True) == 1.0


@pytest.mark.parametrize("sharpness", [0.6, 1.7, 3.5])
def test_sharpening_keeps_the_ranking_and_the_lowest_threshold(sharpness: float) -> None:
    logits = np.random.RandomState(0).randn(400, 6) * 4
    plain = fit_calibration(logits, "frozen")
    before = plain.confidences(logits, logits)
    after = replace(plain, sharpness=sharpness).confidences(logits, logits)
    assert (after.argsort(axis=1) == before.argsort(axis=1)).all()
    assert after.sum(axis=1).max() <= 1 + 1e-9
    best_before, best_after = before.max(axis=1), after.max(axis=1)
    if sharpness > 1:
        assert (best_after[best_before < 0.3] <= best_before[best_before < 0.3]).all()
        assert (best_after[best_before > 0.3] >= best_before[best_before > 0.3]).all()
    else:
        assert (best_after[best_before > 0.3] <= best_before[best_before > 0.3]).all()


def test_a_calibration_that_was_stored_before_there_was_a_sharpness_answers_as_it_did() -> None:
    logits = np.random.RandomState(1).randn(20, 4) * 3
    stored = {"temperature": 0.8, "centre": 3.0, "slope": 1.5}
    shares = np.exp(logits / 0.8) / np.exp(logits / 0.8).sum(axis=1, keepdims=True)
    in_scope = 1 / (1 + np.exp(-1.5 * (log_sum_exp(logits) - 3.0)))
    assert np.allclose(Calibration(**stored).confidences(logits, logits), shares * in_scope[:, None])


def test_certainty_in_half_the_precision_stays_finite() -> None:
    logits = np.array([[200.0, 0.0], [0.0, -200.0]], dtype=np.float32)
    confidences = Calibration(0.6, -50.0, 1.0, sharpness=3.0).confidences(logits, logits)
    assert np.isfinite(confidences).all()
    assert confidences.max() <= 1.0
