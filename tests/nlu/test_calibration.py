from __future__ import annotations

import numpy as np
import pytest

from convai_rasa.nlu.calibration import fit_calibration, log_sum_exp


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
