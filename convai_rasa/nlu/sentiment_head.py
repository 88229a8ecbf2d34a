"""The two halves of the sentiment analyser and how they are combined, as arrays.

Each half gives the probabilities of negative, neutral and positive: one by logistic regression on what VADER
says (Hutto and Gilbert 2014), one by logistic regression on the sentence embedding. They err for different
reasons, so they are combined as independent witnesses of the same fact:
p(label) ~ p_vader(label) * p_bert(label) / prior(label), the product rule of Kittler et al. 1998, "On Combining
Classifiers".

Both regressions hold for texts like those they were fitted on. The more novel a text is (``sentiment_novelty``), the
more the answer is VADER's own, which was made by hand for any kind of text.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, Mapping, Sequence

import numpy as np

from convai_rasa.errors import ConfigurationError, ModelCorrupt, require
from convai_rasa.nlu.sentiment_novelty import Novelty

Label = Literal["negative", "neutral", "positive"]
LABELS: tuple[Label, ...] = ("negative", "neutral", "positive")
VADER_NEUTRAL = 0.05  # VADER's own rule: a compound score nearer to zero than this is neutral
INVERSE_REGULARISATION = {"vader": 1.0, "bert": 3.0}
FLOOR = 1e-6  # of a probability before its logarithm


@dataclass(frozen=True)
class SentimentHead:
    """Weights of both halves.

    Attributes:
        vader_weight: float32 of shape (3, 6), over ``vader_features``.
        vader_bias: float32 of shape (3,).
        bert_weight: float32 of shape (3, dim), over embeddings of length one.
        bert_bias: float32 of shape (3,).
        prior: share of each label in the training data, float32 of shape (3,).
        novelty: tells how unlike the training data a text is.
    """

    vader_weight: np.ndarray
    vader_bias: np.ndarray
    bert_weight: np.ndarray
    bert_bias: np.ndarray
    prior: np.ndarray
    novelty: Novelty

    @property
    def dim(self) -> int:
        """Size of the embeddings it was trained on."""
        return int(self.bert_weight.shape[1])

    def vader(self, features: np.ndarray) -> np.ndarray:
        """Return the probabilities by VADER's half, shape (n, 3)."""
        return _softmax(features @ self.vader_weight.T + self.vader_bias)

    def bert(self, embeddings: np.ndarray) -> np.ndarray:
        """Return the probabilities by the embedding's half, shape (n, 3)."""
        return _softmax(embeddings @ self.bert_weight.T + self.bert_bias)

    def combine(self, vader: np.ndarray, bert: np.ndarray) -> np.ndarray:
        """Return the product of both halves over the prior, shape (n, 3), rows summing to one."""
        return _softmax(np.log(vader + FLOOR) + np.log(bert + FLOOR) - np.log(self.prior))

    def save(self, path: Path) -> None:
        """Write the weights into one file of less than a megabyte."""
        from safetensors.numpy import save_file

        arrays = {**vars(self), **vars(self.novelty)}
        del arrays["novelty"]
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path)

    @classmethod
    def load(cls, path: Path) -> SentimentHead:
        """Read what ``save`` wrote.

        Raises:
            ModelCorrupt: the file is missing or not a sentiment head.
        """
        safetensors = require("safetensors", extra="nlu")
        from safetensors.numpy import load_file

        try:
            arrays = load_file(path)
            novelty = Novelty(**{field.name: arrays.pop(field.name) for field in fields(Novelty)})
            return cls(novelty=novelty, **arrays)
        except (safetensors.SafetensorError, OSError, TypeError, KeyError) as error:
            raise ModelCorrupt(f"{path} is not a sentiment head ({error}); train it again.") from error

    @classmethod
    def fit(cls, features: np.ndarray, embeddings: np.ndarray, classes: np.ndarray) -> SentimentHead:
        """Fit both halves.

        Args:
            features: of VADER, shape (n, 6).
            embeddings: shape (n, dim).
            classes: 0 negative, 1 neutral, 2 positive; int of shape (n,).

        Raises:
            ConfigurationError: a label has no example.
        """
        from sklearn.linear_model import LogisticRegression

        counts = np.bincount(classes, minlength=len(LABELS))
        if not counts.all():
            absent = ", ".join(label for label, count in zip(LABELS, counts, strict=True) if not count)
            raise ConfigurationError(f"The sentiment examples have none that is {absent}; add some.")
        vader = LogisticRegression(C=INVERSE_REGULARISATION["vader"], max_iter=1000).fit(features, classes)
        bert = LogisticRegression(C=INVERSE_REGULARISATION["bert"], max_iter=1000).fit(embeddings, classes)
        arrays = {
            "vader_weight": vader.coef_,
            "vader_bias": vader.intercept_,
            "bert_weight": bert.coef_,
            "bert_bias": bert.intercept_,
            "prior": counts / counts.sum(),
        }
        weights = {name: np.asarray(array, dtype=np.float32) for name, array in arrays.items()}
        return cls(novelty=Novelty.fit(embeddings), **weights)


def vader_features(scores: Sequence[Mapping[str, float]]) -> np.ndarray:
    """Return what the VADER half looks at, float32 of shape (n, 6).

    Args:
        scores: VADER's ``polarity_scores`` of each text.
    """
    rows: list[list[Any]] = []
    for score in scores:
        compound = score["compound"]
        neutral = abs(compound) < VADER_NEUTRAL
        rows.append([compound, abs(compound), score["pos"], score["neg"], score["neu"], neutral])
    return np.array(rows, dtype=np.float32).reshape(len(rows), 6)


def _softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
