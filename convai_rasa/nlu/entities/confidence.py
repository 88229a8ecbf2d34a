"""spaCy's entity recognizer with the probability of each entity it finds.

The recognizer reads a text once from left to right and gives each token one action: begin, in, last, unit or out, with
a label. It is trained with a softmax over the actions (spaCy's ``cpu_log_loss``), so an entity is as probable as the
product of its tokens' actions. Following the recognizer step by step costs no more than its own ``predict`` and finds
the same entities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Sequence

import numpy as np

from convai_rasa.nlu.encoder import log_sum_exp

USUAL_TEMPERATURE = 3.0  # what made confidences fit on messages of a kind that was not trained on
_WEIGHT_OF_USUAL = 10.0
_OUTSIDE = ("B", "U", "O")  # the actions possible outside an entity


@dataclass(frozen=True)
class ScoredSpan:
    """A spaCy span, and for each of its tokens the scores of the possible actions, the one taken first."""

    span: Any
    chances: tuple[np.ndarray, ...]

    def confidence(self, temperature: float) -> float:
        """Return the probability of all actions taken, from 0 to 1."""
        logs = [scores[0] / temperature - log_sum_exp(scores / temperature) for scores in self.chances]
        return float(np.exp(sum(logs)))


class ScoredRecognizer:
    """Runs an ``ner`` pipe and keeps the scores."""

    def __init__(self, ner: Any) -> None:
        """Take spaCy's pipe, an ``EntityRecognizer``."""
        self._ner = ner
        names = [ner.moves.get_class_name(number) for number in range(ner.moves.n_moves)]
        self._number = {name: number for number, name in enumerate(names)}
        self._outside = np.array([number for number, name in enumerate(names) if name[0] in _OUTSIDE])

    def find(self, docs: Sequence[Any]) -> list[list[ScoredSpan]]:
        """Set the entities of spaCy documents and return them with their scores."""
        if not any(len(doc) for doc in docs):
            return [[] for _ in docs]
        model = self._ner.model.predict(docs)
        states = self._ner.moves.init_batch(docs)
        scores: list[list[np.ndarray]] = [[] for _ in docs]
        open_states = [(number, state) for number, state in enumerate(states) if not state.is_final()]
        while open_states:
            batch = [state for _, state in open_states]
            step = model.predict(batch)
            for (number, _), row in zip(open_states, step, strict=True):
                scores[number].append(row)
            self._ner.transition_states(batch, step)
            open_states = [(number, state) for number, state in open_states if not state.is_final()]
        self._ner.set_annotations(docs, states)
        return [
            [ScoredSpan(span, tuple(self._chances(span, rows))) for span in doc.ents]
            for doc, rows in zip(docs, scores, strict=True)
        ]

    def _chances(self, span: Any, rows: list[np.ndarray]) -> list[np.ndarray]:
        chances = []
        for index in range(span.start, span.end):
            first, last = index == span.start, index == span.end - 1
            move = {(True, True): "U", (True, False): "B", (False, True): "L", (False, False): "I"}[first, last]
            taken = self._number.get(f"{move}-{span.label_}")
            if taken is None:  # set by a pipe before this one
                continue
            if first:
                possible = self._outside[self._outside != taken]
            else:
                possible = np.array([self._number[f"{'I' if move == 'L' else 'L'}-{span.label_}"]])
            chances.append(rows[index][np.r_[taken, possible]])
        return chances


def fit_temperature(spans: Sequence[ScoredSpan], right: Sequence[bool]) -> float:
    """Return the temperature at which the confidences of entities are most likely, given which are right.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", here on whole entities. A few dozen of them,
    found in messages that were held back from training, say little, least of all when each is right, so the usual
    temperature counts as much as some more.
    """
    truth = np.asarray(right, dtype=float)

    def loss(temperature: float) -> float:
        confidence = np.clip([span.confidence(temperature) for span in spans], 1e-6, 1 - 1e-6)
        unusual = _WEIGHT_OF_USUAL * np.log(temperature / USUAL_TEMPERATURE) ** 2
        return float(unusual - (truth * np.log(confidence) + (1 - truth) * np.log(1 - confidence)).sum())

    return float(min(np.geomspace(0.5, 8.0, 41), key=loss))
