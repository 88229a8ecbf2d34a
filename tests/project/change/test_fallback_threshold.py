from __future__ import annotations

import pytest
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.project.change.fallback_threshold import fallback_rate, fitting_threshold, lowered, written_fallback
from convai_rasa.project.compare.trial import Answer, Candidate

pytestmark = pytest.mark.rasa


def answers(*confidences: float, second: float = 0.0) -> list[Answer]:
    return [Answer("a", (("a", one), ("b", second)), frozenset(), frozenset(), 1.0) for one in confidences]


def test_the_rate_is_that_of_rasas_classifier() -> None:
    asked = answers(0.9, 0.6, 0.3, second=0.25)
    assert fallback_rate(asked, 0.7, 0.0) == pytest.approx(2 / 3)
    assert fallback_rate(asked, 0.3, 0.1) == pytest.approx(1 / 3)  # too near to the second


def test_the_threshold_is_lowered_until_it_falls_back_no_more_often_than_before() -> None:
    asked = answers(*[0.95] * 16, 0.62, 0.58, 0.52, 0.2)
    assert lowered(asked, 0.05, {"threshold": 0.7, "ambiguity_threshold": 0.1}) == {
        "threshold": 0.55,
        "ambiguity_threshold": 0.1,
    }


def test_the_threshold_is_never_raised() -> None:
    kept = {"threshold": 0.4, "ambiguity_threshold": 0.05}
    assert lowered(answers(*[0.95] * 20), 0.5, kept) == kept


def test_the_ambiguity_is_lowered_where_it_alone_falls_back_too_often() -> None:
    asked = answers(*[0.5] * 20, second=0.42)
    assert lowered(asked, 0.0, {"threshold": 0.3, "ambiguity_threshold": 0.1}) == {
        "threshold": 0.3,
        "ambiguity_threshold": 0.05,
    }


def test_too_few_examples_leave_the_threshold_with_a_sentence(tmp_path) -> None:  # type: ignore[no-untyped-def]
    nlu = TrainingData([Message(data={"text": f"{name} {n}", "intent": name}) for name in "ab" for n in range(8)])
    one = Candidate("old pipeline", "pipeline: []", tmp_path)
    fitting = fitting_threshold(one, one, nlu, written={"threshold": 0.7}, minutes=5)
    assert fitting.settings == {}
    assert fitting.note.startswith("FallbackClassifier's threshold of 0.7 was kept without measuring")
    assert "too few examples" in fitting.note


def test_the_fallback_of_a_pipeline_is_found_however_it_is_written() -> None:
    step = {"name": "rasa.nlu.classifiers.fallback_classifier.FallbackClassifier", "threshold": 0.6}
    assert written_fallback([{"name": "DIETClassifier"}, step]) == step
    assert written_fallback([{"name": "DIETClassifier"}]) is None
