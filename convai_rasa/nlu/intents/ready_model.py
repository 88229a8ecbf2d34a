"""An intent model that was fine-tuned elsewhere: a checkpoint with its own head, used as it is."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Sequence

import numpy as np

from convai_rasa.nlu.encoder import SequenceClassifier, softmax
from convai_rasa.nlu.intents.model import FORMAT, SETTINGS_FILE

logger = logging.getLogger(__name__)

CLASSIFIER_FOLDER = "ready"
MAX_CHANGED_ANSWERS = 0.01  # of those on the examples; int8 is given up when it changes more


class ReadyIntentModel:
    """Gives the answers the checkpoint gives in transformers; the confidence is the softmax over its labels.

    Attributes:
        labels: of the checkpoint's head, in its order.
        strategy: always ``ready``.
    """

    strategy = "ready"

    def __init__(self, classifier: SequenceClassifier) -> None:
        self._classifier = classifier
        self.labels = classifier.labels

    @classmethod
    def from_checkpoint(cls, folder: Path, texts: Sequence[str], *, max_length: int) -> ReadyIntentModel:
        """Load a checkpoint, in int8 unless that changes too many of its answers on ``texts``, or none are given.

        Raises:
            ModelCorrupt: the folder holds no checkpoint with a head that picks one label of several.
        """
        exact = SequenceClassifier.from_checkpoint(folder, max_length=max_length, quantization="float32")
        if not texts:
            return cls(exact)
        small = SequenceClassifier.from_checkpoint(folder, max_length=max_length, quantization="int8")
        return cls(small if int8_will_do(exact.logits(texts), small.logits(texts)) else exact)

    def confidences(self, texts: Sequence[str]) -> np.ndarray:
        """Return the confidence of each label for each text, shape (texts, labels); rows sum to one."""
        return softmax(self._classifier.logits(texts))

    def save(self, folder: Path) -> None:
        """Write the model into a folder."""
        self._classifier.save(folder / CLASSIFIER_FOLDER)
        settings = {"format": FORMAT, "strategy": self.strategy, "labels": list(self.labels)}
        (folder / SETTINGS_FILE).write_text(json.dumps(settings, indent=2, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> ReadyIntentModel:
        """Read what ``save`` wrote.

        Raises:
            ModelCorrupt: a file is missing or damaged.
        """
        return cls(SequenceClassifier(folder / CLASSIFIER_FOLDER))


def int8_will_do(exact: np.ndarray, served: np.ndarray) -> bool:
    """Say whether int8 leaves the answers on the examples as they are, given exact logits and its own, (n, classes)."""
    changed = float(np.mean(exact.argmax(axis=1) != served.argmax(axis=1)))
    if changed > MAX_CHANGED_ANSWERS:
        logger.info("int8 changes %.1f %% of the answers on the examples; the encoder stays float32.", 100 * changed)
    return changed <= MAX_CHANGED_ANSWERS
