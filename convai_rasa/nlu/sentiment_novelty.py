"""How unlike its training texts a text is, so that the sentiment head can step back where it knows nothing.

The measure is the cosine distance to the mean embedding of the nearest kind of training texts, a nearest class mean
(Lee et al. 2018, "A Simple Unified Framework for Detecting Out-of-Distribution Samples", with equal variances). A kind
about many different things has no such middle; it is split into groups. What distance is usual comes from the training
texts themselves, each measured against the mean of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

import numpy as np

from convai_rasa.nlu.compute import products
from convai_rasa.nlu.encoder import normalise

# Between these shares of the training texts' own distances the head gives way to VADER. How they were chosen:
# docs/components/sentiment.md.
USUAL_SHARE, NOVEL_SHARE = 0.75, 0.90


@dataclass(frozen=True)
class Novelty:
    """Where the training texts are.

    Attributes:
        centres: the direction of the mean embedding of each group, float16 of shape (groups, dim), each of length one.
        limits: float32 of shape (2,), the distance up to which nothing is novel and from which all is.
    """

    centres: np.ndarray
    limits: np.ndarray

    @classmethod
    def fit(cls, embeddings: np.ndarray, groups: np.ndarray) -> Novelty:
        """Measure the training embeddings.

        Args:
            embeddings: float32 of shape (n, dim), each of length one.
            groups: which texts are alike, int of shape (n,), numbered from 0 without gaps.
        """
        sums = np.stack([embeddings[groups == group].sum(axis=0) for group in range(groups.max() + 1)])
        similarity = embeddings @ normalise(sums).T
        others = normalise(sums[groups] - embeddings)  # a text is no evidence of itself
        similarity[np.arange(len(groups)), groups] = (embeddings * others).sum(axis=1)
        usual = 1.0 - similarity.max(axis=1)
        return cls(
            normalise(sums).astype(np.float16), np.quantile(usual, [USUAL_SHARE, NOVEL_SHARE]).astype(np.float32)
        )

    def measure(self, embeddings: np.ndarray) -> np.ndarray:
        """Return how novel embeddings of shape (n, dim) are, from 0 (usual) to 1, shape (n,)."""
        distance = 1.0 - products(embeddings, self.centres.astype(np.float32)).max(axis=1)
        low, high = self.limits
        return np.clip((distance - low) / max(high - low, 1e-6), 0.0, 1.0)


def split_kinds(embeddings: np.ndarray, kinds: np.ndarray, parts: Mapping[int, int]) -> np.ndarray:
    """Split broad kinds of text into groups of like ones, by k-means.

    Args:
        embeddings: shape (n, dim).
        kinds: what kind of text each is, int of shape (n,), numbered from 0 without gaps.
        parts: into how many groups a kind is split; the others stay whole.

    Returns:
        The group of each text, int of shape (n,), numbered from 0 without gaps.
    """
    from sklearn.cluster import KMeans

    groups = np.zeros(len(kinds), dtype=np.int64)
    first = 0
    for kind in range(kinds.max() + 1):
        members = kinds == kind
        count = min(parts.get(kind, 1), int(members.sum()))
        if count > 1:
            groups[members] = KMeans(count, n_init=1, random_state=0).fit_predict(embeddings[members])
        groups[members] += first
        first += count
    return groups
