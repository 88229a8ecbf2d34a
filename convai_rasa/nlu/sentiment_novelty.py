"""How unlike its training texts a text is, so that the sentiment head can step back where it knows nothing.

The measure is the mean cosine distance to the nearest training embeddings (deep nearest neighbours, Sun et al.
2022, "Out-of-Distribution Detection with Deep Nearest Neighbors"). What distance is usual comes from the training
texts themselves, each measured against all others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NEIGHBOURS = 5
MAX_REFERENCE = 2400  # embeddings kept: 0.9 MB as int8 for 384 numbers each; half as many miss more plain requests
# Between these shares of the training texts' own distances the head gives way to VADER. How they were chosen:
# docs/components/sentiment.md.
USUAL_SHARE, NOVEL_SHARE = 0.70, 0.90
_LEVELS = 127


@dataclass(frozen=True)
class Novelty:
    """Training embeddings to compare with.

    Attributes:
        reference: int8 of shape (m, dim), embeddings of length one divided by ``scale``.
        scale: float32 of shape ().
        limits: float32 of shape (2,), the distance up to which nothing is novel and from which all is.
    """

    reference: np.ndarray
    scale: np.ndarray
    limits: np.ndarray

    @classmethod
    def fit(cls, embeddings: np.ndarray, *, seed: int = 0) -> Novelty:
        """Keep a sample of the training embeddings, float32 of shape (n, dim), each of length one, and measure it."""
        chosen = np.random.RandomState(seed).permutation(len(embeddings))[:MAX_REFERENCE]
        sample = embeddings[np.sort(chosen)]
        scale = np.float32(np.abs(sample).max() / _LEVELS)
        reference = np.round(sample / scale).astype(np.int8)
        rows = reference * scale
        similarity = rows @ rows.T
        np.fill_diagonal(similarity, -np.inf)  # a text is no neighbour of itself
        usual = _distances(similarity, min(NEIGHBOURS, len(rows) - 1))
        limits = np.quantile(usual, [USUAL_SHARE, NOVEL_SHARE]).astype(np.float32)
        return cls(reference, np.asarray(scale), limits)

    def measure(self, embeddings: np.ndarray) -> np.ndarray:
        """Return how novel embeddings of shape (n, dim) are, from 0 (usual) to 1, shape (n,)."""
        similarity = embeddings @ (self.reference * self.scale).T
        distance = _distances(similarity, min(NEIGHBOURS, len(self.reference)))
        low, high = self.limits
        return np.clip((distance - low) / max(high - low, 1e-6), 0.0, 1.0)


def _distances(similarity: np.ndarray, neighbours: int) -> np.ndarray:
    return 1.0 - np.partition(similarity, -neighbours, axis=1)[:, -neighbours:].mean(axis=1)
