"""The two halves of the sentiment analyser and how they are combined, as arrays.

Each half gives the probabilities of negative, neutral and positive: one by logistic regression on what VADER
says (Hutto and Gilbert 2014), one by logistic regression on the sentence embedding. A further regression is stacked on
both (Wolpert 1992, "Stacked generalization"): it reads the logarithms of their probabilities and gives the combined
ones. It is fitted on answers about texts that the halves had not seen (five-fold cross-fitting), so it knows how far
each can be trusted, and its probabilities are calibrated.

VADER can be trusted more on one kind of text than on another: it was made for tweets, and is often wrong about film
reviews. Where the training texts are of several kinds, a regression tells from the embedding how likely each kind is,
and the weights of the stack depend on that.

The label is not simply the most likely one, for then a rare label is hardly ever given. Halfway between that and a rule
that treats all labels as equally frequent, it is the largest p(label) / prior(label) ** 0.5, the prior being that of
the kind of text (logit adjustment, Menon et al. 2021, "Long-tail learning via logit adjustment").

The regressions hold for texts like those they were fitted on. The more novel a text is (``sentiment_novelty``), the
more the answer is VADER's own, which was made by hand for any kind of text.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, Mapping, Sequence

import numpy as np

from convai_rasa.errors import ConfigurationError, ModelCorrupt, require
from convai_rasa.nlu.compute import products
from convai_rasa.nlu.sentiment_novelty import Novelty, split_kinds

Label = Literal["negative", "neutral", "positive"]
LABELS: tuple[Label, ...] = ("negative", "neutral", "positive")
VADER_NEUTRAL = 0.05  # VADER's own rule: a compound score nearer to zero than this is neutral
INVERSE_REGULARISATION = {"vader": 1.0, "bert": 3.0, "kind": 10.0, "prior": 1.0, "stack": 0.3}
PRIOR_SHARE = 0.5  # of the logarithm of the prior, taken off before the label is chosen
FOLDS = 5  # of the cross-fitting
FLOOR = 1e-6  # of a probability before its logarithm

Regression = tuple[np.ndarray, np.ndarray]  # weights of shape (classes, inputs), biases of shape (classes,)


@dataclass(frozen=True)
class SentimentHead:
    """Weights of both halves and of what combines them, all float32.

    Attributes:
        kind_weight: shape (kinds, dim), over embeddings of length one.
        kind_bias: shape (kinds,).
        vader_weight: shape (3, 6), over ``vader_features``.
        vader_bias: shape (3,).
        bert_weight: shape (3, dim), over embeddings of length one.
        bert_bias: shape (3,).
        stack_weight: shape (3, 6 + 7 * kinds): over the log-probabilities of both halves, the probabilities of the
            kinds, and the former times each of the latter.
        stack_bias: shape (3,).
        prior_weight: shape (3, kinds), over the probabilities of the kinds.
        prior_bias: shape (3,).
        novelty: tells how unlike the training data a text is.
    """

    kind_weight: np.ndarray
    kind_bias: np.ndarray
    vader_weight: np.ndarray
    vader_bias: np.ndarray
    bert_weight: np.ndarray
    bert_bias: np.ndarray
    stack_weight: np.ndarray
    stack_bias: np.ndarray
    prior_weight: np.ndarray
    prior_bias: np.ndarray
    novelty: Novelty

    @property
    def dim(self) -> int:
        """Size of the embeddings it was trained on."""
        return int(self.bert_weight.shape[1])

    def kinds(self, embeddings: np.ndarray) -> np.ndarray:
        """Return how likely each kind of text is, shape (n, kinds)."""
        return _probabilities((self.kind_weight, self.kind_bias), embeddings)

    def vader(self, features: np.ndarray) -> np.ndarray:
        """Return the probabilities by VADER's half, shape (n, 3)."""
        return _probabilities((self.vader_weight, self.vader_bias), features)

    def bert(self, embeddings: np.ndarray) -> np.ndarray:
        """Return the probabilities by the embedding's half, shape (n, 3)."""
        return _probabilities((self.bert_weight, self.bert_bias), embeddings)

    def combine(self, vader: np.ndarray, bert: np.ndarray, kinds: np.ndarray) -> np.ndarray:
        """Return the calibrated probabilities by both halves together, shape (n, 3)."""
        return _probabilities((self.stack_weight, self.stack_bias), _stack_inputs(vader, bert, kinds))

    def weigh_rare_labels(self, both: np.ndarray, kinds: np.ndarray) -> np.ndarray:
        """Return the combined probabilities over the root of the prior, shape (n, 3), rows summing to one.

        The largest of a row is the label to give.
        """
        prior = _probabilities((self.prior_weight, self.prior_bias), kinds)
        return softmax(np.log(both + FLOOR) - PRIOR_SHARE * np.log(prior + FLOOR))

    def save(self, path: Path) -> None:
        """Write the weights into one file of a few kB."""
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
        cls,
        features: np.ndarray,
        embeddings: np.ndarray,
        classes: np.ndarray,
        kinds: np.ndarray | None = None,
        parts: Mapping[int, int] | None = None,
    ) -> SentimentHead:
        """Fit all regressions.

        Args:
            features: of VADER, shape (n, 6).
            embeddings: shape (n, dim).
            classes: 0 negative, 1 neutral, 2 positive; int of shape (n,).
            kinds: what kind of text each is, int of shape (n,), numbered from 0 without gaps; None when all are of one.
            parts: into how many groups a broad kind is split to measure novelty.

        Raises:
            ConfigurationError: a label has no example.
        """
        counts = np.bincount(classes, minlength=len(LABELS))
        if not counts.all():
            absent = ", ".join(label for label, count in zip(LABELS, counts, strict=True) if not count)
            raise ConfigurationError(f"The sentiment examples have none that is {absent}; add some.")
        kinds = np.zeros(len(classes), dtype=np.int64) if kinds is None else kinds
        kind = _regression("kind", embeddings, kinds)
        likely = _probabilities(kind, embeddings)
        unseen = _stack_inputs(
            _cross_fitted("vader", features, classes), _cross_fitted("bert", embeddings, classes), likely
        )
        regressions = {
            "kind": kind,
            "vader": _regression("vader", features, classes),
            "bert": _regression("bert", embeddings, classes),
            "stack": _regression("stack", unseen, classes),
            "prior": _regression("prior", likely, classes),
        }
        weights = {
            f"{name}_{part}": np.asarray(array, dtype=np.float32)
            for name, regression in regressions.items()
            for part, array in zip(("weight", "bias"), regression, strict=True)
        }
        return cls(novelty=Novelty.fit(embeddings, split_kinds(embeddings, kinds, parts or {})), **weights)


def _regression(name: str, inputs: np.ndarray, classes: np.ndarray) -> Regression:
    """Fit a logistic regression; return weights of shape (classes, inputs) and biases of shape (classes,)."""
    from sklearn.linear_model import LogisticRegression

    if not classes.any():  # one class only: certain
        return np.zeros((1, inputs.shape[1])), np.zeros(1)
    fitted = LogisticRegression(C=INVERSE_REGULARISATION[name], max_iter=3000).fit(inputs, classes)
    if len(fitted.classes_) > 2:
        return fitted.coef_, fitted.intercept_
    return np.vstack([0 * fitted.coef_, fitted.coef_]), np.hstack([0 * fitted.intercept_, fitted.intercept_])


def _probabilities(regression: Regression, inputs: np.ndarray) -> np.ndarray:
    weight, bias = regression
    return softmax(products(inputs, weight) + bias)


def _cross_fitted(name: str, inputs: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the probabilities, shape (n, 3), of each text by a regression fitted without it.

    Where a label has a single example none can be left out, and the texts themselves are answered.
    """
    from sklearn.model_selection import StratifiedKFold

    folds = min(FOLDS, int(np.bincount(classes).min()))
    if folds < 2:
        return _probabilities(_regression(name, inputs, classes), inputs)
    answers = np.zeros((len(classes), len(LABELS)))
    for seen, unseen in StratifiedKFold(folds, shuffle=True, random_state=0).split(inputs, classes):
        answers[unseen] = _probabilities(_regression(name, inputs[seen], classes[seen]), inputs[unseen])
    return answers


def _stack_inputs(vader: np.ndarray, bert: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    logs = np.hstack([np.log(vader + FLOOR), np.log(bert + FLOOR)])
    crossed = (logs[:, :, None] * kinds[:, None, :]).reshape(len(logs), -1)
    return np.hstack([logs, kinds, crossed])


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
