"""An intent's own name as one more example, where the name says what the intent is about.

``card_arrival`` is nearly a message by itself, ``intent_17`` is not. A name is taken for speaking when its embedding is
nearest to the examples of its own intent, and no farther from them than the farthest of these examples is.
"""

from __future__ import annotations

import re
from typing import Callable, Sequence

import numpy as np

from convai_rasa.nlu.intents.fine_tune import centroids

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS = re.compile(r"[\W_]+")


def name_as_words(intent: str) -> str:
    """Return ``book table`` for ``book_table``, ``bookTable``, ``book-table`` and ``book/table``."""
    return _SEPARATORS.sub(" ", _CAMEL.sub(" ", intent)).strip().lower()


def speaking_names(
    intents: Sequence[str],
    embeddings: np.ndarray,
    classes: np.ndarray,
    encode: Callable[[Sequence[str]], np.ndarray],
) -> list[int]:
    """Return the numbers of the intents whose names can serve as examples.

    Args:
        intents: their names, in order of their numbers.
        embeddings: of the examples, each of length one, shape (n, dim).
        classes: number of the intent of each example, shape (n,).
        encode: embeds texts like the examples.
    """
    spoken = [number for number in np.unique(classes).tolist() if name_as_words(intents[number])]
    if not spoken:
        return []
    centres = centroids(embeddings, classes, len(intents))
    farthest = np.full(len(intents), np.inf)
    np.minimum.at(farthest, classes, (embeddings * centres[classes]).sum(axis=1))
    similarity = encode([name_as_words(intents[number]) for number in spoken]) @ centres.T
    return [
        number
        for number, row in zip(spoken, similarity, strict=True)
        if row.argmax() == number and row[number] >= farthest[number]
    ]
