"""How unlike its training texts a text is, so that the sentiment head relies on its evidence in that text alone.

The measure is the cosine distance to the mean embedding of the nearest kind of training texts, a nearest class mean
(Lee et al. 2018, "A Simple Unified Framework for Detecting Out-of-Distribution Samples", with equal variances). A kind
about many different things has no such middle; it is split into groups. What distance is usual comes from the training
texts of the kind themselves, each measured against the mean of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

import numpy as np

from convai_rasa.nlu.encoder import normalise, products

# Between these shares of the training texts' own distances what was learned on them gives way.
USUAL_SHARE, NOVEL_SHARE = 0.65, 0.85


@dataclass(frozen=True)
class Novelty:
    """Where the training texts are.

    Attributes:
        centres: the direction of the mean embedding of each group, float16 of shape (groups, dim), each of length one.
        limits: float32 of shape (groups, 2), the distance up to which nothing is novel and from which all is.
    """

    centres: np.ndarray
    limits: np.ndarray

    @classmethod
    def fit(cls, embeddings: np.ndarray, groups: np.ndarray, kinds: np.ndarray) -> Novelty:
        """Measure the training embeddings, float32 of shape (n, dim), each of length one.

        Which are alike ``groups`` says, and of what kind they are ``kinds``, both int of shape (n,); groups are
        numbered from 0 without gaps, and each is of one kind.
        """
        if not len(groups):
            return cls(np.zeros((0, embeddings.shape[1]), np.float16), np.zeros((0, 2), np.float32))
        count = int(groups.max()) + 1
        sums = np.stack([embeddings[groups == group].sum(axis=0) for group in range(count)])
        similarity = embeddings @ normalise(sums).T
        others = normalise(sums[groups] - embeddings)  # a text is no evidence of itself
        similarity[np.arange(len(groups)), groups] = (embeddings * others).sum(axis=1)
        usual = 1.0 - similarity.max(axis=1)
        limits = np.zeros((count, 2), dtype=np.float32)
        for kind in np.unique(kinds):
            own = kinds == kind
            limits[np.unique(groups[own])] = np.quantile(usual[own], [USUAL_SHARE, NOVEL_SHARE])
        return cls(normalise(sums).astype(np.float16), limits)

    def measure(self, embeddings: np.ndarray) -> np.ndarray:
        """Return how novel embeddings of shape (n, dim) are, from 0 (usual to some group) to 1, shape (n,)."""
        distance = 1.0 - products(embeddings, self.centres.astype(np.float32))
        low, high = self.limits.T
        return np.clip((distance - low) / np.maximum(high - low, 1e-6), 0.0, 1.0).min(axis=1, initial=1.0)


def split_kinds(embeddings: np.ndarray, kinds: np.ndarray, parts: Mapping[int, int]) -> np.ndarray:
    """Split broad kinds of text, int of shape (n,), into so many ``parts`` of like ones, by k-means.

    Returns:
        The group of each text, int of shape (n,), numbered from 0 without gaps.
    """
    from sklearn.cluster import KMeans

    groups = np.zeros(len(kinds), dtype=np.int64)
    first = 0
    for kind in np.unique(kinds):
        members = kinds == kind
        count = min(parts.get(kind, 1), int(members.sum()))
        if count > 1:
            groups[members] = KMeans(count, n_init=1, random_state=0).fit_predict(embeddings[members])
        groups[members] += first
        first += count
    return groups
