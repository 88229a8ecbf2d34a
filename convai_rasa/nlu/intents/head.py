"""From an embedding to one logit per intent: a linear layer, and how near the nearest example of the intent is.

The linear layer sees what the examples of an intent have in common. The nearest example adds what they do not: an
intent that is asked for in several unlike ways (a nearest-neighbor classifier, Cover and Hart 1967).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convai_rasa.nlu.encoder import normalise, products
from convai_rasa.nlu.regression import fit_regression

# Logits per unit of cosine. More helps some data and harms others, so it is the least that helped.
NEAREST_WEIGHT = 3.2
INVERSE_REGULARISATION = 30.0  # for embeddings of length one; how it was chosen: docs/components/intent_classifier.md
MOST_ITERATIONS = 300  # 10,000 examples of 500 intents end here
MOST_EXAMPLES = 4096  # kept in all, evenly of all intents, so that memory and time do not grow with the training data


@dataclass(frozen=True)
class IntentHead:
    """The classifier on top of an encoder.

    Attributes:
        weight: float32 of shape (classes, dim).
        bias: float32 of shape (classes,).
        examples: embeddings of length one, float32 of shape (m, dim), those of a class together, in order of classes.
        starts: where the examples of each class begin, int of shape (classes,).
    """

    weight: np.ndarray
    bias: np.ndarray
    examples: np.ndarray
    starts: np.ndarray

    @classmethod
    def fit(cls, embeddings: np.ndarray, classes: np.ndarray, *, balance: bool) -> IntentHead:
        """Learn embeddings, float32 of shape (n, dim), each of length one, by logistic regression.

        ``classes`` are theirs, int of shape (n,); every number from 0 to the greatest occurs. With ``balance`` a rare
        class counts as much as a frequent one.
        """
        weight, bias = fit_regression(
            INVERSE_REGULARISATION, embeddings, classes, balance=balance, most_iterations=MOST_ITERATIONS
        )
        return cls.make(weight.astype(np.float32), bias.astype(np.float32), embeddings, classes)

    @classmethod
    def make(cls, weight: np.ndarray, bias: np.ndarray, embeddings: np.ndarray, classes: np.ndarray) -> IntentHead:
        """Add the training examples to keep to a linear layer, float32 of shapes (classes, dim) and (classes,).

        A class without any of the ``embeddings`` (n, dim) and ``classes`` (n,) is given its own direction as example.
        """
        most = max(1, MOST_EXAMPLES // len(weight))
        chosen: list[np.ndarray] = []
        for number, row in enumerate(weight):
            own = embeddings[classes == number]
            own = own if len(own) else normalise(row[None])
            chosen.append(own[np.linspace(0, len(own) - 1, min(most, len(own))).astype(int)])
        # stored in half precision, so used in half precision from the start: saved and loaded it answers the same
        examples = np.concatenate(chosen).astype(np.float16).astype(np.float32)
        return cls(weight, bias, examples, np.cumsum([0, *map(len, chosen[:-1])]))

    def logits(self, embeddings: np.ndarray) -> np.ndarray:
        """Return logits of shape (n, classes) for embeddings of shape (n, dim), each of length one."""
        similarity = products(embeddings, self.examples)
        return self._linear(embeddings) + NEAREST_WEIGHT * np.maximum.reduceat(similarity, self.starts, axis=1)

    def evidence(self, embeddings: np.ndarray, strategy: str) -> np.ndarray:
        """Return the logits that tell best whether a text is of any class at all, shape (n, classes).

        A fine-tuned encoder puts a text of another kind far from all classes, and the linear layer alone sees that
        best. An encoder as it is does not; there the nearest example helps.
        """
        return self.logits(embeddings) if strategy == "frozen" else self._linear(embeddings)

    def _linear(self, embeddings: np.ndarray) -> np.ndarray:
        return products(embeddings, self.weight) + self.bias

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what ``load`` needs."""
        examples = self.examples.astype(np.float16)
        return {"weight": self.weight, "bias": self.bias, "examples": examples, "starts": self.starts}

    @classmethod
    def load(cls, arrays: dict[str, np.ndarray]) -> IntentHead:
        """Make a head of what ``arrays`` gave.

        Raises:
            KeyError: an array is missing.
            ValueError: the arrays do not fit together.
        """
        weight, bias = arrays["weight"], arrays["bias"]
        examples, starts = arrays["examples"].astype(np.float32), arrays["starts"]
        fitting = len(weight) == len(bias) == len(starts) and weight.shape[1] == examples.shape[1]
        if not fitting or (np.diff([*starts, len(examples)]) < 1).any():
            raise ValueError("the arrays of the head do not fit together")
        return cls(weight, bias, examples, starts)
