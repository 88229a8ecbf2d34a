"""A sentiment model that was fine-tuned elsewhere, in the place of the BERT head.

Its labels are folded into negative, neutral and positive. How it goes together with VADER's half of the default head:

- It knows neutral: p(label) ~ p_vader(label) * p_checkpoint(label), the product rule with an even prior, because the
  checkpoint's own is unknown.
- It knows negative and positive only: it cannot tell neutral, so that probability is VADER's half's; what is left is
  shared out by the product of both.

Nothing is known about the texts it was trained on, so no text is novel to it.
"""

from __future__ import annotations

import re
from typing import Sequence

import numpy as np

from convai_rasa.errors import ModelError
from convai_rasa.nlu.encoder import SequenceClassifier, softmax
from convai_rasa.nlu.sentiment.halves import FLOOR, LABELS

_NEGATIVE, _NEUTRAL, _POSITIVE = range(len(LABELS))
_NAMES = (
    (re.compile(r"(?:very |extremely )?neg(?:ative)?|[12] stars?"), _NEGATIVE),
    (re.compile(r"neu(?:tral)?|mixed|3 stars?"), _NEUTRAL),
    (re.compile(r"(?:very |extremely )?pos(?:itive)?|[45] stars?"), _POSITIVE),
)


class CheckpointHead:
    """Probabilities of the three labels by a sequence-classification checkpoint, its ``classifier``."""

    def __init__(self, classifier: SequenceClassifier, name: str) -> None:
        """Hold a classifier whose labels name sentiments; ``name`` is the model's, for messages.

        Raises:
            ModelError: a label's name says nothing about sentiment, or negative or positive is missing.
        """
        self.classifier = classifier
        plain = [re.sub(r"[\s_-]+", " ", label).strip().lower() for label in classifier.labels]
        self._columns = [next((one for names, one in _NAMES if names.fullmatch(label)), None) for label in plain]
        if None in self._columns or not {_NEGATIVE, _POSITIVE} <= set(self._columns):
            raise ModelError(
                f"The labels of {name} are {', '.join(classifier.labels)}; name them negative, neutral and positive "
                "(or 1 star to 5 stars) under id2label in its config.json."
            )
        self.knows_neutral = _NEUTRAL in self._columns

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probabilities of negative, neutral and positive, shape (len(texts), 3)."""
        each = softmax(self.classifier.logits(texts))
        folded = np.zeros((len(texts), len(LABELS)), dtype=each.dtype)
        for column, probability in zip(self._columns, each.T, strict=True):
            folded[:, column] += probability
        return folded

    def combine(self, vader: np.ndarray, checkpoint: np.ndarray) -> np.ndarray:
        """Return the probabilities by VADER's half and the checkpoint together, all of shape (n, 3)."""
        if self.knows_neutral:
            return softmax(np.log(vader + FLOOR) + np.log(checkpoint + FLOOR))
        sides = [_NEGATIVE, _POSITIVE]
        shared = softmax(np.log(vader[:, sides] + FLOOR) + np.log(checkpoint[:, sides] + FLOOR))
        both = vader.copy()
        both[:, sides] = shared * (1.0 - vader[:, [_NEUTRAL]])
        return both
