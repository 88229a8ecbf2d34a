"""Whether an encoder tells a bot's intents apart better than the letters of its examples do, tried on those examples.

An English encoder has pieces for most words of Spanish or Finnish, and what it learned of them may help or not. Letters
know no language: where they do as well, the encoder brings nothing to the bot.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from convai_rasa.nlu import FALLBACK_LANGUAGE, SymbolNames
from convai_rasa.nlu.encoder import encoder_from_checkpoint, read_checkpoint
from convai_rasa.nlu.intents import IntentHead

PARTS = 5  # each is answered for by what was learned from the others
MOST_EXAMPLES = 800  # taken evenly from all: with 77 intents they take half a minute
_MAX_LENGTH = 64  # word pieces, as in training


class Trial(NamedTuple):
    """Shares that logistic regression on the encoder, and a linear classifier on character n-grams, got right.

    They are of so many examples, 0 where the intents have too few, each tested after learning from the others.
    """

    encoder: float
    letters: float
    examples: int

    @property
    def passed(self) -> bool:
        """Whether the encoder is at least as good."""
        return self.encoder >= self.letters


def try_encoder(folder: Path, texts: Sequence[str], intents: Sequence[str]) -> Trial:
    """Cross-validate a checkpoint on examples with their intents; one with one example is learned and not asked for.

    Raises:
        ModelCorrupt: the folder holds no whole checkpoint.
        MissingExtra: ctranslate2, tokenizers or scikit-learn is not installed.
    """
    from tqdm import tqdm

    step = max(1.0, len(texts) / MOST_EXAMPLES)
    chosen = [int(index * step) for index in range(min(len(texts), MOST_EXAMPLES))]
    labels, classes = np.unique([intents[index] for index in chosen], return_inverse=True)
    parts = _parts(classes)
    if len(labels) < 2 or (parts < 0).all():
        return Trial(0.0, 0.0, 0)
    checkpoint = read_checkpoint(folder)
    longest = min(_MAX_LENGTH, int(checkpoint.config["max_position_embeddings"]))
    encoder = encoder_from_checkpoint(checkpoint, max_length=longest)
    named = SymbolNames(encoder.tokenizer, FALLBACK_LANGUAGE)([texts[index] for index in chosen])
    embeddings = encoder.encode_shown(named, "Trying the encoder on the examples")
    shown = np.array(named, dtype=object)
    right = []
    for part in tqdm(range(parts.max() + 1), desc="Comparing it with letters", unit="part", disable=None, leave=False):
        rest, asked = parts != part, parts == part
        by_encoder = _by_encoder(embeddings[rest], classes[rest], embeddings[asked])
        by_letters = _by_letters(shown[rest], classes[rest], shown[asked])
        right.append([(by_encoder == classes[asked]).sum(), (by_letters == classes[asked]).sum()])
    asked_for = int((parts >= 0).sum())
    encoder_right, letters_right = np.sum(right, axis=0) / asked_for
    return Trial(float(encoder_right), float(letters_right), asked_for)


def _parts(classes: np.ndarray) -> np.ndarray:
    """Deal the examples of each class out to the parts in turn; -1 for the only example of a class."""
    parts = np.full(len(classes), -1)
    for number in np.unique(classes):
        own = np.flatnonzero(classes == number)
        if len(own) > 1:
            parts[own] = np.arange(len(own)) % PARTS
    return parts


def _by_encoder(learned: np.ndarray, classes: np.ndarray, asked: np.ndarray) -> np.ndarray:
    known, numbers = np.unique(classes, return_inverse=True)
    head = IntentHead.fit(learned, numbers, balance=True)
    return np.asarray(known[head.logits(asked).argmax(axis=1)])


def _by_letters(learned: np.ndarray, classes: np.ndarray, asked: np.ndarray) -> np.ndarray:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    model: Any = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 4)), LinearSVC())
    return np.asarray(model.fit(learned, classes).predict(asked))
