"""The two halves of the sentiment analyzer and how they are combined, as arrays.

Each half gives the probabilities of negative, neutral and positive: one by logistic regression on what VADER
says (Hutto and Gilbert 2014), one by logistic regression on the sentence embedding. Where the training texts are of
several kinds, another regression tells from the embedding how likely each kind is; the embedding's half has a
regression for each kind, mixed by that (Jacobs et al. 1991, "Adaptive mixtures of local experts"). For kinds whose
examples were written to cover a field it has ``support_vectors`` instead.

On texts like those of the training a further regression is stacked on both halves (Wolpert 1992, "Stacked
generalization"): it reads the logarithms of their probabilities and gives the combined ones. It is fitted on answers
about texts that the halves had not seen (five-fold cross-fitting), so it knows how far each can be trusted, and its
probabilities are calibrated. VADER was made for tweets and is often wrong about film reviews, so the weights of the
stack depend on the kinds. The label is not simply the most likely one, for then a rare label is hardly ever given.
Halfway between that and a rule that treats all labels as equally frequent, it is the largest p(label) /
prior(label) ** 0.5, the prior being that of the kind of text (logit adjustment, Menon et al. 2021, "Long-tail learning
via logit adjustment").

The more novel a text is (``novelty``, ``support_vectors``), the less of that holds. Then each half counts by the
evidence it has in the text itself: see ``SentimentHead.weigh_evidence``. So it does for kinds whose examples were
written and not drawn from what people say: how often VADER is right about those says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Collection, Iterable, Literal, Mapping, Sequence

import numpy as np

from convai_rasa.errors import ConfigurationError, ModelCorrupt, require
from convai_rasa.nlu.encoder import products, softmax
from convai_rasa.nlu.regression import Regression, fit_regression, probabilities
from convai_rasa.nlu.sentiment.novelty import Novelty, split_kinds
from convai_rasa.nlu.sentiment.support_vectors import SupportVectors, cross_fitting

Label = Literal["negative", "neutral", "positive"]
LABELS: tuple[Label, ...] = ("negative", "neutral", "positive")
VADER_NEUTRAL = 0.05  # VADER's own rule: a compound score nearer to zero than this is neutral
INVERSE_REGULARISATION = {"vader": 1.0, "bert": 3.0, "general": 0.1, "kind": 10.0, "prior": 1.0, "stack": 0.3}
PRIOR_SHARE = 0.5  # of the logarithm of the prior, taken off before the label is chosen
FLOOR = 1e-6  # of a probability before its logarithm
# In valence, of which a word of feeling has 1.6 (median of VADER's lexicon): what is no mood yet.
SLIGHT = 0.3
NOVEL_SLIGHT = 1.2  # in a novel text whose nearest kind was written; in a familiar one nothing is slight
# Shares of VADER's evidence, of which the likeliest is taken, and of equals the largest; not none, because examples
# that were written are harder for it than what is said.
TRUST_TRIED = (1.0, 0.75, 0.5, 0.35, 0.2, 0.15, 0.1, 0.05)
GENERAL_SHARE = 0.75  # of the general regression's log-odds in a text unlike everything learned
_VECTORS = "vectors."  # what the names of their arrays in the file begin with
COMPOUND_ALPHA = 15.0  # VADER's compound score c of a sum of valences s is s / sqrt(s * s + 15)


@dataclass(frozen=True)
class SentimentHead:
    """Weights of both halves and of what combines them, all float32.

    Attributes:
        regressions: by name, weights and biases of these shapes: ``kind`` (kinds, dim), ``vader`` (3, 6) over
            ``vader_features``, ``bert`` (kinds, 3, dim), not used for a kind that ``vectors`` know, ``general``
            (3, dim), fitted on all kinds with labels balanced, ``prior`` (3, kinds) over the probabilities of the
            kinds, and ``stack`` (3, 6 + 7 * kinds) over the log-probabilities of both halves, the probabilities of the
            kinds, and the former times each of the latter. Embeddings are of length one.
        trust: shape (kinds,), from 0.05 to 1, the share of VADER's evidence that counts in each kind.
        sampled: shape (kinds,), 1 for a kind whose examples are a sample, 0 for one whose examples were written.
        novelty: tells how unlike the training data a text is, those apart that ``vectors`` know.
        vectors: what answers for the kinds whose examples were written; None without such kinds.
    """

    regressions: Mapping[str, Regression]
    trust: np.ndarray
    sampled: np.ndarray
    novelty: Novelty
    vectors: SupportVectors | None = None

    @property
    def dim(self) -> int:
        """Size of the embeddings it was trained on."""
        return int(self.regressions["bert"][0].shape[2])

    def kinds(self, embeddings: np.ndarray) -> np.ndarray:
        """Return how likely each kind of text is, shape (n, kinds)."""
        return probabilities(self.regressions["kind"], embeddings)

    def vader(self, features: np.ndarray) -> np.ndarray:
        """Return the probabilities by VADER's half, shape (n, 3)."""
        return probabilities(self.regressions["vader"], features)

    def bert(self, embeddings: np.ndarray, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the probabilities by the embedding's half, shape (n, 3), and how novel each text is, shape (n,).

        It takes embeddings, shape (n, dim), and how likely each kind of text is, shape (n, kinds).
        """
        answers = _answers(zip(*self.regressions["bert"], strict=True), embeddings)
        novelty = self.novelty.measure(embeddings)
        if self.vectors is not None:
            by_vectors, unlike = self.vectors.read(embeddings)
            answers[:, self.sampled == 0] = by_vectors[:, None]
            novelty = np.minimum(novelty, unlike)
        return _mixed(answers, kinds), novelty

    def general(self, embeddings: np.ndarray) -> np.ndarray:
        """Return the probabilities by the embedding, shape (n, 3), whatever kind a text is of."""
        return probabilities(self.regressions["general"], embeddings)

    def combine(self, vader: np.ndarray, bert: np.ndarray, kinds: np.ndarray) -> np.ndarray:
        """Return the calibrated probabilities by both halves together, shape (n, 3)."""
        return probabilities(self.regressions["stack"], _stack_inputs(vader, bert, kinds))

    def weigh_rare_labels(self, both: np.ndarray, kinds: np.ndarray) -> np.ndarray:
        """Return probabilities over the root of the prior, shape (n, 3), rows summing to one.

        The largest of a row is the label to give.
        """
        prior = probabilities(self.regressions["prior"], kinds)
        return softmax(np.log(both + FLOOR) - PRIOR_SHARE * np.log(prior + FLOOR))

    def weigh_evidence(
        self, valence: np.ndarray, bert: np.ndarray, general: np.ndarray, kinds: np.ndarray, novelty: np.ndarray
    ) -> np.ndarray:
        """Return the probabilities by what each half finds in the text itself, shape (n, 3).

        VADER's evidence is the sum of the valences of the words it knows, shape (n,), taken for log-odds: each word
        adds to it, and of a text without one VADER says nothing. It counts by the ``trust`` of the kind, and whole in a
        novel text. The embedding's is how sure that half (``bert``) is of a familiar text, and ``GENERAL_SHARE`` of how
        sure the ``general`` regression is of a novel one. To be neutral costs nothing, and a mood ``SLIGHT``; where
        examples were written none in a familiar text and ``NOVEL_SLIGHT`` in a novel one. Probabilities are of shape
        (n, 3), ``kinds`` (n, kinds) and ``novelty`` (n,).
        """
        sampled = products(kinds, self.sampled[None])[:, 0]
        novel = novelty[:, None]
        familiar = np.log(self.weigh_rare_labels(bert, kinds) + FLOOR)
        embedded = (1.0 - novel) * familiar + novel * GENERAL_SHARE * np.log(general + FLOOR)
        trust = (1.0 - novelty) * products(kinds, self.trust[None])[:, 0] + novelty
        slight = SLIGHT * sampled + NOVEL_SLIGHT * novelty * (1.0 - sampled)
        return _by_evidence(trust * valence, embedded, slight)

    def save(self, path: Path) -> None:
        """Write the weights into one file: a few kB, and with support vectors under 1 MB."""
        from safetensors.numpy import save_file

        arrays = {**_arrays(self), **_arrays(self.novelty)}
        for name, regression in self.regressions.items():
            arrays[f"{name}_weight"], arrays[f"{name}_bias"] = regression
        if self.vectors is not None:
            arrays.update({f"{_VECTORS}{name}": array for name, array in _arrays(self.vectors).items()})
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
            names = [name for name in arrays if name.startswith(_VECTORS)]
            known = {name.removeprefix(_VECTORS): arrays.pop(name) for name in names}
            regressions = {
                name: (arrays.pop(f"{name}_weight"), arrays.pop(f"{name}_bias")) for name in INVERSE_REGULARISATION
            }
            return cls(regressions, novelty=novelty, vectors=SupportVectors(**known) if known else None, **arrays)
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
        words: tuple[np.ndarray, np.ndarray] | None = None,
        written: Collection[int] = (),
    ) -> SentimentHead:
        """Fit all regressions.

        Args:
            features: of VADER, shape (n, 6).
            embeddings: shape (n, dim).
            classes: 0 negative, 1 neutral, 2 positive; int of shape (n,).
            kinds: what kind of text each is, int of shape (n,), numbered from 0 without gaps; None when all are of one.
            parts: into how many groups a broad kind is split to measure novelty.
            words: embeddings of rated words and their classes; the general regression learns them too.
            written: kinds whose examples are no sample.

        Raises:
            ConfigurationError: a label has no example.
        """
        counts = np.bincount(classes, minlength=len(LABELS))
        if not counts.all():
            absent = ", ".join(label for label, count in zip(LABELS, counts, strict=True) if not count)
            raise ConfigurationError(f"None of the sentiment examples is {absent}; add some.")
        kinds = np.zeros(len(classes), dtype=np.int64) if kinds is None else kinds
        kind = fit_regression(INVERSE_REGULARISATION["kind"], embeddings, kinds)
        likely = probabilities(kind, embeddings)
        one = np.zeros(len(classes), dtype=np.int64)
        answers = _cross_fitted("bert", embeddings, classes, kinds, likely.shape[1])
        by_vader = _cross_fitted("vader", features, classes, one, 1)[:, 0]
        sampled = np.array([kind not in written for kind in range(likely.shape[1])], dtype=np.float32)
        drawn = sampled[kinds] > 0
        if set(classes[drawn]) != set(classes):  # too little of a sample to learn from
            sampled, drawn = np.zeros_like(sampled), np.ones_like(drawn)
        vectors, known = None, sampled[kinds] == 0
        if set(classes[known]) == set(classes):
            vectors, by_vectors = SupportVectors.fit(embeddings[known], classes[known])
            answers[:, sampled == 0] = vectors.read(embeddings)[0][:, None]
            answers[np.ix_(known, sampled == 0)] = by_vectors[:, None]
        by_bert = _mixed(answers, likely)
        unseen = _stack_inputs(by_vader, by_bert, likely)
        experts = _experts("bert", embeddings, classes, kinds, likely.shape[1])
        fitted = {
            "kind": kind,
            "vader": fit_regression(INVERSE_REGULARISATION["vader"], features, classes),
            "bert": (np.stack([weight for weight, _ in experts]), np.stack([bias for _, bias in experts])),
            "general": _general(embeddings, classes, kinds, words),
            "stack": fit_regression(INVERSE_REGULARISATION["stack"], unseen[drawn], classes[drawn]),
            "prior": fit_regression(INVERSE_REGULARISATION["prior"], likely, classes),
        }
        prior = probabilities(fitted["prior"], likely)
        weighed = np.log(by_bert + FLOOR) - PRIOR_SHARE * np.log(prior + FLOOR)
        valence = valences(features[:, 0])
        trust = [
            _trust(valence[own], weighed[own], classes[own], slight)
            for own, slight in zip(np.eye(likely.shape[1], dtype=bool)[:, kinds], SLIGHT * sampled, strict=True)
        ]
        rest = ~known if vectors else np.ones_like(known)
        novelty = Novelty.fit(embeddings[rest], split_kinds(embeddings[rest], kinds[rest], parts or {}), kinds[rest])
        single = {name: (weight.astype(np.float32), bias.astype(np.float32)) for name, (weight, bias) in fitted.items()}
        return cls(single, np.array(trust, dtype=np.float32), sampled, novelty, vectors)


def _by_evidence(valence: np.ndarray, embedded: np.ndarray, slight: np.ndarray) -> np.ndarray:
    """Return the probabilities, shape (n, 3), by VADER's evidence and the embedding's, logarithms of shape (n, 3)."""
    lexical = np.stack([-valence - slight, np.zeros_like(valence), valence - slight], axis=1)
    return softmax(lexical + embedded)


def _trust(valence: np.ndarray, embedded: np.ndarray, classes: np.ndarray, slight: float) -> float:
    """Return the share of VADER's evidence that makes texts, answered by regressions fitted without them, likeliest."""
    likelihoods = [
        np.log(
            _by_evidence(share * valence, embedded, np.full(len(valence), slight))[np.arange(len(classes)), classes]
            + FLOOR
        ).sum()
        for share in TRUST_TRIED
    ]
    return TRUST_TRIED[int(np.argmax(likelihoods))]


def valences(compounds: np.ndarray) -> np.ndarray:
    """Return the sums of valences that VADER's compound scores of shape (n,) stand for."""
    return compounds * np.sqrt(COMPOUND_ALPHA / (1.0 - np.minimum(compounds * compounds, 0.9999)))


def _experts(name: str, inputs: np.ndarray, classes: np.ndarray, kinds: np.ndarray, count: int) -> list[Regression]:
    """Fit a regression for each of ``count`` kinds; one without examples of each label learns from all kinds."""
    experts = []
    for kind in range(count):
        own = kinds == kind
        if len(np.unique(classes[own])) < len(LABELS):
            own = np.ones_like(own)
        experts.append(fit_regression(INVERSE_REGULARISATION[name], inputs[own], classes[own]))
    return experts


def _general(
    embeddings: np.ndarray, classes: np.ndarray, kinds: np.ndarray, words: tuple[np.ndarray, np.ndarray] | None
) -> Regression:
    """Fit the regression for texts of any kind: the kinds and the words weigh the same, and so do the labels."""
    if words is not None:
        embeddings, classes = np.concatenate([embeddings, words[0]]), np.concatenate([classes, words[1]])
        kinds = np.concatenate([kinds, np.full(len(words[1]), kinds.max() + 1)])
    sizes = np.bincount(kinds)
    weights = 1.0 / sizes[kinds]
    weights /= np.bincount(classes, weights)[classes]
    return fit_regression(
        INVERSE_REGULARISATION["general"], embeddings, classes, weights * len(classes) / weights.sum()
    )


def _answers(regressions: Iterable[Regression], inputs: np.ndarray) -> np.ndarray:
    """Return the probabilities by each regression, shape (n, regressions, 3)."""
    return np.stack([probabilities(regression, inputs) for regression in regressions], axis=1)


def _mixed(answers: np.ndarray, shares: np.ndarray) -> np.ndarray:
    return np.einsum("nk,nkl->nl", shares, answers)


def _cross_fitted(name: str, inputs: np.ndarray, classes: np.ndarray, kinds: np.ndarray, count: int) -> np.ndarray:
    """Return the probabilities, shape (n, count, 3), of each text by the regressions of each kind fitted without it."""
    answers = np.zeros((len(classes), count, len(LABELS)))
    for seen, unseen in cross_fitting(classes):
        answers[unseen] = _answers(_experts(name, inputs[seen], classes[seen], kinds[seen], count), inputs[unseen])
    return answers


def _arrays(parts: object) -> dict[str, np.ndarray]:
    return {name: array for name, array in vars(parts).items() if isinstance(array, np.ndarray)}


def _stack_inputs(vader: np.ndarray, bert: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    logs = np.hstack([np.log(vader + FLOOR), np.log(bert + FLOOR)])
    crossed = (logs[:, :, None] * kinds[:, None, :]).reshape(len(logs), -1)
    return np.hstack([logs, kinds, crossed])


def vader_features(scores: Sequence[Mapping[str, float]]) -> np.ndarray:
    """Return what the VADER half looks at of each text's ``polarity_scores``, float32 of shape (n, 6)."""
    rows: list[list[Any]] = []
    for score in scores:
        compound = score["compound"]
        neutral = abs(compound) < VADER_NEUTRAL
        rows.append([compound, abs(compound), score["pos"], score["neg"], score["neu"], neutral])
    return np.array(rows, dtype=np.float32).reshape(len(rows), 6)
