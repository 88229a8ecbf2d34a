"""A support vector machine over sentence embeddings, for examples that were written to cover a field.

Praise and complaints about a service lie in no two directions: "the ice cream was still frozen" is one or the other
depending on who brought it. A radial kernel (Cortes and Vapnik 1995, "Support-vector networks") asks which examples are
near a text. There is a machine for each pair of labels, and a logistic regression makes probabilities of their
decisions about examples that they had not seen (Platt 1999). Support vectors tell as well how unlike the examples a
text is: by its mean similarity to the few nearest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Iterable

import numpy as np

from convai_rasa.nlu.encoder import normalise, products
from convai_rasa.nlu.regression import fit_regression, probabilities

FOLDS = 5  # of the cross-fitting
DIMENSIONS = 128  # of 384; in cross-validation the rest brought nothing
GAMMA = 1.5  # of the kernel exp(-gamma * squared distance), over points of length one
PENALTY = 4.0  # C: how much an example on the wrong side of a margin costs
# Between these shares of the examples' own similarities what was learned on them gives way.
USUAL_SHARE, NOVEL_SHARE = 0.65, 0.9
NEAREST = 5  # support vectors to which a text's similarity is measured
_LARGEST = 127  # a coordinate is kept in a signed byte
_ROWS = 1024  # texts compared at once: 20 MB for 5,000 support vectors
_PAIRS = ((0, 1), (0, 2), (1, 2))  # of the labels


@dataclass(frozen=True)
class SupportVectors:
    """A support vector machine for each pair of labels.

    Attributes:
        axes: the principal axes of the embeddings, float16 of shape (dims, dim).
        points: the support vectors along the axes, each of length one before it was rounded to steps of its own; int8
            of shape (n, dims).
        pair_weight: float16 of shape (3, n), for negative or neutral, negative or positive, and neutral or positive.
        pair_bias: float32 of shape (3,).
        label_weight: float32 of shape (3, 3), from the decisions of the pairs to the logits of the labels.
        label_bias: float32 of shape (3,).
        usual: float32 of shape (2,), the similarity to the nearest down to which nothing is novel, and that from which
            on all is.
    """

    axes: np.ndarray
    points: np.ndarray
    pair_weight: np.ndarray
    pair_bias: np.ndarray
    label_weight: np.ndarray
    label_bias: np.ndarray
    usual: np.ndarray

    @cached_property
    def _unpacked(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        points = normalise(self.points.astype(np.float32))
        return self.axes.astype(np.float32), points, self.pair_weight.astype(np.float32)

    def read(self, embeddings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the probabilities of the labels, shape (n, 3), and from 0 to 1 how novel each text is, shape (n,).

        Embeddings are float32 of shape (n, dim), each of length one.
        """
        axes, points, weight = self._unpacked
        decisions, near = [np.zeros((0, 3))], [np.zeros(0)]
        for start in range(0, len(embeddings), _ROWS):
            similarity = products(_along(axes, embeddings[start : start + _ROWS]), points)
            decisions.append(products(_kernel(similarity), weight) + self.pair_bias)
            near.append(_nearest(similarity))
        usual, novel = self.usual
        novelty = np.clip((usual - np.concatenate(near)) / max(usual - novel, 1e-6), 0.0, 1.0)
        return probabilities((self.label_weight, self.label_bias), np.concatenate(decisions)), novelty

    @classmethod
    def fit(cls, embeddings: np.ndarray, classes: np.ndarray) -> tuple[SupportVectors, np.ndarray]:
        """Learn embeddings, float32 of shape (n, dim), each of length one, of all three classes, int of shape (n,).

        Returns:
            The machines, and the probabilities, shape (n, 3), of each example by machines fitted without it.
        """
        axes = np.linalg.svd(embeddings, full_matrices=False)[2][:DIMENSIONS].astype(np.float16)
        along = _along(axes.astype(np.float32), embeddings)
        rounded = np.round(_LARGEST * along / np.abs(along).max(axis=1, keepdims=True)).astype(np.int8)
        points = normalise(rounded.astype(np.float32))
        chosen, weight, bias = _machines(points, classes)
        unseen = _decisions_unseen(points, classes)
        label_weight, label_bias = fit_regression(1.0, unseen, classes)
        similarity = points @ points[chosen].T
        similarity[chosen, np.arange(len(chosen))] = -1.0  # an example is not near itself
        usual = np.quantile(_nearest(similarity), [1.0 - USUAL_SHARE, 1.0 - NOVEL_SHARE])
        arrays = (bias, label_weight, label_bias, usual)
        made = cls(axes, rounded[chosen], weight.astype(np.float16), *(array.astype(np.float32) for array in arrays))
        return made, probabilities((label_weight, label_bias), unseen)


def _along(axes: np.ndarray, embeddings: np.ndarray) -> np.ndarray:
    return normalise(products(embeddings, axes))


def _kernel(similarity: np.ndarray) -> np.ndarray:
    """Return the kernel of points of length one, given their inner products."""
    return np.exp(2.0 * GAMMA * (similarity - 1.0))


def _nearest(similarity: np.ndarray) -> np.ndarray:
    count = min(NEAREST, similarity.shape[1])
    return np.partition(similarity, -count, axis=1)[:, -count:].mean(axis=1)


def _machines(points: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit a machine for each pair; return which points support them, weights (3, n of these) and biases (3,)."""
    from sklearn.svm import SVC

    fitted = SVC(C=PENALTY, gamma=GAMMA, class_weight="balanced", decision_function_shape="ovo").fit(points, classes)
    supported = classes[fitted.support_]
    weight = np.zeros((len(_PAIRS), len(supported)))
    for row, (first, second) in zip(weight, _PAIRS, strict=True):  # in libsvm's layout a label has no row of its own
        row[supported == first] = fitted.dual_coef_[second - 1, supported == first]
        row[supported == second] = fitted.dual_coef_[first, supported == second]
    return fitted.support_, weight, fitted.intercept_


def _decisions_unseen(points: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the decisions, shape (n, 3), about each point by machines fitted without it."""
    decisions = np.zeros((len(classes), len(_PAIRS)))
    for seen, unseen in cross_fitting(classes):
        chosen, weight, bias = _machines(points[seen], classes[seen])
        decisions[unseen] = _kernel(points[unseen] @ points[seen][chosen].T) @ weight.T + bias
    return decisions


def cross_fitting(classes: np.ndarray) -> Iterable[tuple[np.ndarray, np.ndarray]]:
    """Split examples several times into those to fit on and those to be answered by what was fitted without them.

    Where a label has a single example none can be left out, and all are answered by what was fitted on all.
    """
    from sklearn.model_selection import StratifiedKFold

    folds = min(FOLDS, int(np.bincount(classes).min()))
    every = np.arange(len(classes))
    if folds < 2:
        return [(every, every)]
    splits: Iterable[tuple[np.ndarray, np.ndarray]] = StratifiedKFold(folds, shuffle=True, random_state=0).split(
        every, classes
    )
    return splits
