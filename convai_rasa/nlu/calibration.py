"""Turn the logits of an intent classifier into confidences that are low for messages about something else.

Two questions are kept apart. *Which* intent is it, if it is one of them: a softmax with a temperature
(Guo et al. 2017, "On Calibration of Modern Neural Networks"). *Is* it one of them: log(sum(exp(logits))), the
negative energy (Liu et al. 2020, "Energy-based Out-of-distribution Detection"), through a logistic curve. The
confidence is the product.

A bot has no examples of messages about something else, so the curve is placed between two values that
are known: the energy of a classifier that sees no evidence at all (all logits zero, log of the number of
classes) and the mean energy of the training examples. How far between differs by strategy: a fine-tuned encoder
has seen the training examples, and new messages fall short of them by more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

# How and on what data these were chosen: docs/components/intent_classifier.md.
_CENTRE_SHARE = {"fine_tune": 0.40, "frozen": 0.32}
_TEMPERATURE = {"fine_tune": 0.8, "frozen": 0.6}  # logistic regression is held back by its penalty: sharpen it
STEEPNESS = 12.0  # how much the curve's argument grows from no evidence to a training example
MIN_GAP = 0.5  # a smaller gap means that the classifier learned next to nothing


@dataclass(frozen=True)
class Calibration:
    """How logits become confidences.

    Attributes:
        temperature: logits are divided by it before the softmax.
        centre: the log-sum-exp at which a message is as likely in scope as out of it.
        slope: of the logistic curve, per unit of log-sum-exp.
    """

    temperature: float
    centre: float
    slope: float

    def confidences(self, logits: np.ndarray, evidence: np.ndarray) -> np.ndarray:
        """Return the confidence of each class, shape (n, classes).

        A row sums to less than one: the rest is the chance that the message means something else.

        Args:
            logits: which class it is, if any; shape (n, classes).
            evidence: the logits whose log-sum-exp tells whether it is any, of the same kind as those that the
                calibration was fitted on; shape (n, classes).
        """
        scaled = logits / self.temperature
        which = np.exp(scaled - log_sum_exp(scaled)[:, None])
        in_scope = 1.0 / (1.0 + np.exp(-self.slope * (log_sum_exp(evidence) - self.centre)))
        return which * in_scope[:, None]


def fit_calibration(evidence: np.ndarray, strategy: Literal["fine_tune", "frozen"]) -> Calibration:
    """Find the calibration from the evidence for the training examples, shape (n, classes)."""
    no_evidence = float(np.log(evidence.shape[1]))
    gap = max(float(log_sum_exp(evidence).mean()) - no_evidence, MIN_GAP)
    return Calibration(
        temperature=_TEMPERATURE[strategy],
        centre=no_evidence + _CENTRE_SHARE[strategy] * gap,
        slope=STEEPNESS / gap,
    )


def log_sum_exp(logits: np.ndarray) -> np.ndarray:
    """Return log(sum(exp(logits))) of each row, shape (n,)."""
    top = logits.max(axis=1)
    return top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
