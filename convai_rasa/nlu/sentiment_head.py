"""The two halves of the sentiment analyser and how they are combined, as arrays.

Each half gives the probabilities of negative, neutral and positive: one by logistic regression on what VADER
says (Hutto and Gilbert 2014), one by logistic regression on the sentence embedding. They err for different
reasons, so they are combined as independent witnesses of the same fact:
p(label) ~ p_vader(label) * p_bert(label) / prior(label), the product rule of Kittler et al. 1998, "On Combining
Classifiers".

VADER can be trusted more on one kind of text than on another: it was made for tweets, and is often wrong about film
reviews. Where the training texts are of several kinds, a third regression tells from the embedding how likely each kind
is, and VADER's half and the prior depend on that: the witnesses are independent given the label and the kind.

The regressions hold for texts like those they were fitted on. The more novel a text is (``sentiment_novelty``), the
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
INVERSE_REGULARISATION = {"vader": 1.0, "bert": 3.0, "kind": 10.0, "prior": 1.0}
FLOOR = 1e-6  # of a probability before its logarithm


@dataclass(frozen=True)
class SentimentHead:
    """Weights of both halves.

    Attributes:
        kind_weight: float32 of shape (kinds, dim), over embeddings of length one.
        kind_bias: float32 of shape (kinds,).
        kind_share: share of each kind in the training data, float32 of shape (kinds,).
        vader_weight: float32 of shape (3, 6 + 7 * kinds): over ``vader_features``, the probabilities of the kinds, and
            the features times each of these.
        vader_bias: float32 of shape (3,).
        bert_weight: float32 of shape (3, dim), over embeddings of length one.
        bert_bias: float32 of shape (3,).
        prior_weight: float32 of shape (3, kinds), over the probabilities of the kinds.
        prior_bias: float32 of shape (3,).
        novelty: tells how unlike the training data a text is.
    """

    kind_weight: np.ndarray
    kind_bias: np.ndarray
    kind_share: np.ndarray
    vader_weight: np.ndarray
    vader_bias: np.ndarray
    bert_weight: np.ndarray
    bert_bias: np.ndarray
    prior_weight: np.ndarray
    prior_bias: np.ndarray
    novelty: Novelty

    @property
    def dim(self) -> int:
        """Size of the embeddings it was trained on."""
        return int(self.bert_weight.shape[1])

    def kinds(self, embeddings: np.ndarray) -> np.ndarray:
        """Return how likely each kind of text is, shape (n, kinds)."""
        return softmax(embeddings @ self.kind_weight.T + self.kind_bias)

    def vader(self, features: np.ndarray, kinds: np.ndarray) -> np.ndarray:
        """Return the probabilities by VADER's half, shape (n, 3)."""
        return softmax(_with_kinds(features, kinds) @ self.vader_weight.T + self.vader_bias)

    def bert(self, embeddings: np.ndarray) -> np.ndarray:
        """Return the probabilities by the embedding's half, shape (n, 3)."""
        return softmax(embeddings @ self.bert_weight.T + self.bert_bias)

    def combine(self, vader: np.ndarray, bert: np.ndarray, kinds: np.ndarray) -> np.ndarray:
        """Return the product of both halves over the prior, shape (n, 3), rows summing to one."""
        prior = softmax(kinds @ self.prior_weight.T + self.prior_bias)
        return softmax(np.log(vader + FLOOR) + np.log(bert + FLOOR) - np.log(prior + FLOOR))

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
    def fit(
        cls, features: np.ndarray, embeddings: np.ndarray, classes: np.ndarray, kinds: np.ndarray | None = None
    ) -> SentimentHead:
        """Fit all regressions.

        Args:
            features: of VADER, shape (n, 6).
            embeddings: shape (n, dim).
            classes: 0 negative, 1 neutral, 2 positive; int of shape (n,).
            kinds: what kind of text each is, int of shape (n,), numbered from 0 without gaps; None when all are of one.

        Raises:
            ConfigurationError: a label has no example.
        """
        counts = np.bincount(classes, minlength=len(LABELS))
        if not counts.all():
            absent = ", ".join(label for label, count in zip(LABELS, counts, strict=True) if not count)
            raise ConfigurationError(f"The sentiment examples have none that is {absent}; add some.")
        kinds = np.zeros(len(classes), dtype=np.int64) if kinds is None else kinds
        kind_weight, kind_bias = _regression("kind", embeddings, kinds)
        likely = softmax(embeddings @ kind_weight.T + kind_bias)
        arrays = {
            "kind": (kind_weight, kind_bias),
            "vader": _regression("vader", _with_kinds(features, likely), classes),
            "bert": _regression("bert", embeddings, classes),
            "prior": _regression("prior", likely, classes),
        }
        weights = {
            f"{name}_{part}": np.asarray(array, dtype=np.float32)
            for name, pair in arrays.items()
            for part, array in zip(("weight", "bias"), pair, strict=True)
        }
        share = np.asarray(np.bincount(kinds) / len(kinds), dtype=np.float32)
        return cls(kind_share=share, novelty=Novelty.fit(embeddings), **weights)


def _regression(name: str, inputs: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit a logistic regression; return weights of shape (classes, inputs) and biases of shape (classes,)."""
    from sklearn.linear_model import LogisticRegression

    if not classes.any():  # one class only: certain
        return np.zeros((1, inputs.shape[1])), np.zeros(1)
    fitted = LogisticRegression(C=INVERSE_REGULARISATION[name], max_iter=3000).fit(inputs, classes)
    if len(fitted.classes_) > 2:
        return fitted.coef_, fitted.intercept_
    return np.vstack([0 * fitted.coef_, fitted.coef_]), np.hstack([0 * fitted.intercept_, fitted.intercept_])


def _with_kinds(features: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    crossed = (features[:, :, None] * kinds[:, None, :]).reshape(len(features), -1)
    return np.hstack([features, kinds, crossed])


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


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return the probabilities that logits of shape (n, labels) stand for, rows summing to one."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
