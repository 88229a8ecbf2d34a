"""Turn the logits of an intent classifier into confidences that are low for messages about something else.

Two questions are kept apart. *Which* intent is it, if it is one of them: a softmax with a temperature
(Guo et al. 2017, "On Calibration of Modern Neural Networks"). *Is* it one of them: the energy of the
logits, -log sum exp (Liu et al. 2020, "Energy-based Out-of-distribution Detection"), through a logistic curve. The
confidence is the product.

The curve needs examples of messages about something else, and a bot has none. They are made from its own:
a training example seen by a classifier that lacks its intent is a message about something else, and its
energy is had by leaving that intent's logit out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CENTRE_SHARE = 0.4  # of the way from "something else" to the training examples, which the model knows too well
STEEPNESS = 10.0  # the curve's argument grows by so much over that way
MIN_GAP = 2.0  # a gap below this means that the classifier could not tell its intents apart; keep the curve gentle
TEMPERATURE = 1.0  # after training with logits = 16 * cosine, softmax is calibrated as it is (docs/components)


@dataclass(frozen=True)
class Calibration:
    """How logits become confidences.

    Attributes:
        temperature: logits are divided by it before the softmax.
        centre: the sum of exp(logits), as a logarithm, at which a message is as likely in scope as out of it.
        slope: of the logistic curve, per unit of that logarithm.
    """

    temperature: float
    centre: float
    slope: float

    def confidences(self, logits: np.ndarray) -> np.ndarray:
        """Return confidences of shape (n, classes) for logits of that shape; rows sum to the chance of being in scope.

        A row sums to less than one: the rest is the chance that the message means something else.
        """
        which = np.exp(_log_softmax(logits / self.temperature))
        in_scope = 1.0 / (1.0 + np.exp(-self.slope * (log_sum_exp(logits) - self.centre)))
        return which * in_scope[:, None]


def fit_calibration(logits: np.ndarray, classes: np.ndarray) -> Calibration:
    """Find the calibration from the training examples.

    Args:
        logits: of the training examples, shape (n, classes), at least two classes.
        classes: the right class of each, int of shape (n,).
    """
    others = logits.copy()
    others[np.arange(len(classes)), classes] = -np.inf
    inside, outside = float(log_sum_exp(logits).mean()), float(log_sum_exp(others).mean())
    gap = max(inside - outside, MIN_GAP)
    return Calibration(temperature=TEMPERATURE, centre=inside - (1 - CENTRE_SHARE) * gap, slope=STEEPNESS / gap)


def log_sum_exp(logits: np.ndarray) -> np.ndarray:
    """Return log(sum(exp(logits))) of each row, shape (n,)."""
    top = logits.max(axis=1)
    return top + np.log(np.exp(logits - top[:, None]).sum(axis=1))


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    return logits - log_sum_exp(logits)[:, None]
