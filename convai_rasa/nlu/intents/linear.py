"""A linear classifier on embeddings that stay as they are: scikit-learn's logistic regression."""

from __future__ import annotations

import warnings

import numpy as np

INVERSE_REGULARISATION = 30.0  # for embeddings of length one; how it was chosen: docs/components/intent_classifier.md
MOST_ITERATIONS = 300  # where the answers have long stopped changing; 10,000 examples of 500 intents end here


def logistic_regression(embeddings: np.ndarray, classes: np.ndarray, *, balance: bool) -> tuple[np.ndarray, np.ndarray]:
    """Fit logistic regression.

    Args:
        embeddings: of length one, float32 of shape (n, dim).
        classes: of each, int of shape (n,); every number from 0 to the greatest occurs.
        balance: whether a rare class counts as much as a frequent one.

    Returns:
        weight, float32 of shape (classes, dim), and bias, float32 of shape (classes,).
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        C=INVERSE_REGULARISATION, max_iter=MOST_ITERATIONS, class_weight="balanced" if balance else None
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # see MOST_ITERATIONS
        fitted = model.fit(embeddings, classes)
    weight, bias = fitted.coef_.astype(np.float32), fitted.intercept_.astype(np.float32)
    if len(weight) == 1:  # two classes: scikit-learn keeps the difference of the two rows
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    return weight, bias
