"""Logistic regressions, fitted by scikit-learn and kept as arrays."""

from __future__ import annotations

import warnings

import numpy as np

from convai_rasa.nlu.encoder import products, softmax

Regression = tuple[np.ndarray, np.ndarray]  # weights of shape (classes, inputs), biases of shape (classes,)


def fit_regression(
    penalty: float,
    inputs: np.ndarray,
    classes: np.ndarray,
    weights: np.ndarray | None = None,
    *,
    balance: bool = False,
    most_iterations: int = 3000,
) -> Regression:
    """Fit a logistic regression.

    Args:
        penalty: C, the inverse of the regularization.
        inputs: shape (n, inputs).
        classes: int of shape (n,); every number from 0 to the greatest occurs.
        weights: of the examples, shape (n,); None when all count the same.
        balance: whether a rare class counts as much as a frequent one.
        most_iterations: where the answers have long stopped changing; to end there is no fault.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if not classes.any():  # one class only: certain
        return np.zeros((1, inputs.shape[1])), np.zeros(1)
    model = LogisticRegression(C=penalty, max_iter=most_iterations, class_weight="balanced" if balance else None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = model.fit(inputs, classes, weights)
    weight, bias = fitted.coef_, fitted.intercept_
    if len(weight) == 1:  # two classes: scikit-learn keeps the difference of the two rows
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    return weight, bias


def probabilities(regression: Regression, inputs: np.ndarray) -> np.ndarray:
    """Return the probabilities of the classes, shape (n, classes)."""
    weight, bias = regression
    return softmax(products(inputs, weight) + bias)
