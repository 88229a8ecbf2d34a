"""Logistic regressions of the sentiment head, as arrays."""

from __future__ import annotations

import numpy as np

from convai_rasa.nlu.encoder import products

FOLDS = 5  # of the cross-fitting

Regression = tuple[np.ndarray, np.ndarray]  # weights of shape (classes, inputs), biases of shape (classes,)


def fit_regression(
    penalty: float, inputs: np.ndarray, classes: np.ndarray, weights: np.ndarray | None = None
) -> Regression:
    """Fit a logistic regression.

    Args:
        penalty: C, the inverse of the regularization.
        inputs: shape (n, inputs).
        classes: int of shape (n,), numbered from 0.
        weights: of the examples, shape (n,); None when all count the same.
    """
    from sklearn.linear_model import LogisticRegression

    if not classes.any():  # one class only: certain
        return np.zeros((1, inputs.shape[1])), np.zeros(1)
    fitted = LogisticRegression(C=penalty, max_iter=3000).fit(inputs, classes, weights)
    if len(fitted.classes_) > 2:
        return fitted.coef_, fitted.intercept_
    return np.vstack([0 * fitted.coef_, fitted.coef_]), np.hstack([0 * fitted.intercept_, fitted.intercept_])


def probabilities(regression: Regression, inputs: np.ndarray) -> np.ndarray:
    """Return the probabilities of the classes, shape (n, classes)."""
    weight, bias = regression
    return softmax(products(inputs, weight) + bias)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return the probabilities that logits of shape (n, labels) stand for, rows summing to one."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
