"""Do the graphs of a voice say what the original says?"""

from __future__ import annotations

import numpy as np

from convai_rasa.errors import ModelError

TOLERANCE = 1e-3  # of full scale: far below what is heard, far above what the order of additions does to float32


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest difference of two sounds; full scale is 1.

    Raises:
        ModelError: they differ in length, or by more than ``TOLERANCE``.
    """
    if one.shape != other.shape:
        raise ModelError(f"the exported voice speaks {one.size} samples where the original speaks {other.size}")
    largest = float(np.abs(one - other).max())
    if not np.isfinite(other).all():
        raise ModelError("the original produces NaN (not a number), so its weights are damaged")
    if not largest <= TOLERANCE:  # also true for nan
        raise ModelError(
            f"the exported voice differs from the original by {largest:.2g}, but at most {TOLERANCE} is allowed"
        )
    return largest


def spread(columns: np.ndarray, durations: np.ndarray) -> np.ndarray:
    """Let each symbol's column last as many frames as it is spoken: (1, channels, symbols) to (1, channels, frames)."""
    return np.repeat(columns, durations.reshape(-1).astype(np.int64), axis=2)
