"""Turn the logits of an intent classifier into confidences that are low for messages about something else.

Two questions are kept apart. *Which* intent is it, if it is one of them: a softmax with a temperature
(Guo et al. 2017, "On Calibration of Modern Neural Networks"). *Is* it one of them: log(sum(exp(logits))), the
negative energy (Liu et al. 2020, "Energy-based Out-of-distribution Detection"), through a logistic curve. The
confidence is the product.

A bot has no examples of messages about something else, so the curve is placed between two values that
are known: the energy of a classifier that sees no evidence at all (all logits zero, log of the number of
classes) and the mean energy of the training examples. How far between differs by strategy: a fine-tuned encoder
has seen the training examples, and new messages fall short of them by more.

How far the product is from the chance of being right, the examples do say: held back from a classifier (on the
encoder as it is, where that costs a second), they show how often an answer of some confidence is right. A curve through
the lowest threshold in use makes up for it (Platt 1999, "Probabilistic Outputs for Support Vector Machines", with one
parameter), so that what lies below that one stays there, and what is likely to be right gets above the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, Literal

import numpy as np

from convai_rasa.nlu.encoder import log_sum_exp
from convai_rasa.nlu.intents.head import IntentHead

# How and on what data these were chosen: docs/components/intent_classifier.md.
_CENTRE_SHARE = {"fine_tune": 0.40, "frozen": 0.32}
_TEMPERATURE = {"fine_tune": 0.8, "frozen": 0.6}  # logistic regression is held back by its penalty: sharpen it
STEEPNESS = 12.0  # how much the curve's argument grows from no evidence to a training example
MIN_GAP = 0.5  # a smaller gap means that the classifier learned next to nothing
_LOWEST_THRESHOLD = 0.3  # in use: Rasa's own default; sharpening lowers what is below it and raises what is above
_SHARPNESSES = np.geomspace(0.5, 4.0, 31)
_PRIOR = 4.0  # how many times chance would have to say it, roughly, before the sharpness doubles
_FOLDS = 4
_MOST_IN_ALL_FOLDS = 2_000  # examples; of more, one fold says as much and costs a quarter
_FEWEST_HELD_BACK = 20


@dataclass(frozen=True)
class Calibration:
    """How logits become confidences.

    Attributes:
        temperature: logits are divided by it before the softmax.
        centre: the log-sum-exp at which a message is as likely in scope as out of it.
        slope: of the logistic curve, per unit of log-sum-exp.
        sharpness: of the curve that makes a confidence of the product; 1 leaves it as it is.
    """

    temperature: float
    centre: float
    slope: float
    sharpness: float = 1.0

    def confidences(self, logits: np.ndarray, evidence: np.ndarray) -> np.ndarray:
        """Return the confidence of each class, shape (n, classes).

        A row sums to less than one: the rest is the chance that the message means something else.

        Args:
            logits: which class it is, if any; shape (n, classes).
            evidence: the logits whose log-sum-exp tells whether it is any, of the same kind as those that the
                calibration was fitted on; shape (n, classes).
        """
        which, in_scope = self._parts(logits, evidence)
        if self.sharpness == 1.0:
            return which * in_scope[:, None]
        best = which.max(axis=1)
        sharpened = np.minimum(_sharpened(best * in_scope, self.sharpness), best)  # never surer than of which one it is
        return which * (sharpened / best)[:, None]

    def _parts(self, logits: np.ndarray, evidence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        scaled = logits / self.temperature
        which = np.exp(scaled - log_sum_exp(scaled)[:, None])
        return which, 1.0 / (1.0 + np.exp(-self.slope * (log_sum_exp(evidence) - self.centre)))


def _sharpened(confidence: np.ndarray, sharpness: float) -> np.ndarray:
    """Turn a confidence around ``_LOWEST_THRESHOLD``, on the scale of log odds."""
    safe = np.clip(confidence.astype(np.float64), 1e-9, 1 - 1e-9)
    odds = np.log(safe / (1 - safe))
    pivot = np.log(_LOWEST_THRESHOLD / (1 - _LOWEST_THRESHOLD))
    return 1.0 / (1.0 + np.exp(-(sharpness * (odds - pivot) + pivot)))


def fit_calibration(
    evidence: np.ndarray, strategy: Literal["fine_tune", "frozen"], sharpness: float = 1.0
) -> Calibration:
    """Find the calibration for a strategy from its evidence for the training examples, shape (n, classes)."""
    no_evidence = float(np.log(evidence.shape[1]))
    gap = max(float(log_sum_exp(evidence).mean()) - no_evidence, MIN_GAP)
    return Calibration(
        temperature=_TEMPERATURE[strategy],
        centre=no_evidence + _CENTRE_SHARE[strategy] * gap,
        slope=STEEPNESS / gap,
        sharpness=sharpness,
    )


def find_sharpness(embeddings: np.ndarray, classes: np.ndarray, *, balance: bool) -> float:
    """Return how much confidences have to be sharpened to say how often an answer is right.

    Classifiers on the embeddings answer examples that were held back from them; the sharpness is the likeliest one,
    with a preference for 1, and 1 where too few examples can be held back.

    Args:
        embeddings: of the bot's examples, each of length one, shape (n, dim), by an encoder not trained on them.
        classes: of each, int of shape (n,).
        balance: whether a rare class counts as much as a frequent one.
    """
    held = list(_held_back(embeddings, np.unique(classes, return_inverse=True)[1], balance=balance))
    if sum(len(right) for _, _, right in held) < _FEWEST_HELD_BACK:
        return 1.0
    best, in_scope, right = (np.concatenate(parts) for parts in zip(*held, strict=True))

    def surprise(sharpness: float) -> float:
        confidence = np.clip(np.minimum(_sharpened(best * in_scope, sharpness), best), 1e-7, 1 - 1e-7)
        seen = np.log(np.where(right, confidence, 1 - confidence)).sum()
        return float(_PRIOR * np.log(sharpness) ** 2 / 2 - seen)

    return float(min(_SHARPNESSES, key=surprise))


def _held_back(
    embeddings: np.ndarray, classes: np.ndarray, *, balance: bool
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield for each fold the share of the best class, the chance of being in scope, and whether the class is right."""
    folds = _dealt(classes)
    for fold in range(_FOLDS if len(classes) <= _MOST_IN_ALL_FOLDS else 1):
        kept, asked = folds != fold, folds == fold
        if not asked.any():
            continue
        head = IntentHead.fit(embeddings[kept], classes[kept], balance=balance)
        calibration = fit_calibration(head.evidence(embeddings[kept], "frozen"), "frozen")
        logits = head.logits(embeddings[asked])
        which, in_scope = calibration._parts(logits, head.evidence(embeddings[asked], "frozen"))
        yield which.max(axis=1), in_scope, logits.argmax(axis=1) == classes[asked]


def _dealt(classes: np.ndarray) -> np.ndarray:
    """Deal the examples of each class out to the folds; -1 for the only one of a class. Shape (n,)."""
    folds, dealt = np.full(len(classes), -1), 0
    chance = np.random.RandomState(0)
    for number in range(int(classes.max()) + 1):
        own = chance.permutation(np.flatnonzero(classes == number))
        if len(own) > 1:
            folds[own] = (dealt + np.arange(len(own))) % _FOLDS
            dealt += len(own)
    return folds
