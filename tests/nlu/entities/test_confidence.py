from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from convai_rasa.nlu.entities.confidence import USUAL_TEMPERATURE, ScoredRecognizer, ScoredSpan, fit_temperature

TEXTS = ["a flight to Paris for Anna", "", "to Rome", "nothing here", "Anna Bob Paris Rome and so on"]


def span(*chances: list[float]) -> ScoredSpan:
    return ScoredSpan(SimpleNamespace(), tuple(np.array(scores) for scores in chances))


def test_the_same_entities_are_found_as_by_spacy_itself(tiny_pipeline: Path) -> None:
    import spacy

    pipeline = spacy.load(tiny_pipeline)
    docs = [pipeline.make_doc(text) for text in TEXTS]
    found = ScoredRecognizer(pipeline.get_pipe("ner")).find(docs)
    expected = [[(one.start, one.end, one.label_) for one in doc.ents] for doc in pipeline.pipe(TEXTS)]
    assert [[(one.span.start, one.span.end, one.span.label_) for one in spans] for spans in found] == expected
    assert any(expected)


def test_a_confidence_is_the_product_of_the_chances_of_the_words() -> None:
    even, sure = [0.0, 0.0], [9.0, 0.0]
    assert span(even).confidence(1.0) == pytest.approx(0.5)
    assert span(even, even).confidence(3.0) == pytest.approx(0.25)
    assert span(sure).confidence(1.0) > span(sure).confidence(4.0) > 0.5


def test_the_temperature_makes_confidences_as_high_as_the_share_that_is_right() -> None:
    spans = [span([3.0, 0.0])] * 1000
    temperature = fit_temperature(spans, [True] * 850 + [False] * 150)
    assert spans[0].confidence(temperature) == pytest.approx(0.85, abs=0.02)


def test_a_few_entities_move_the_temperature_a_little() -> None:
    assert fit_temperature([], []) == pytest.approx(USUAL_TEMPERATURE, rel=0.05)
    assert 1.0 < fit_temperature([span([3.0, 0.0])] * 10, [True] * 10) < USUAL_TEMPERATURE
