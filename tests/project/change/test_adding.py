from __future__ import annotations

from convai_rasa.project.change.adding import cost_of
from convai_rasa.project.change.pipeline import ENTITIES, INTENTS

BEFORE = [{"name": "WhitespaceTokenizer"}, *[{"name": "CountVectorsFeaturizer"}] * 2, {"name": "DIETClassifier"}]


def test_what_goes_is_said_with_the_reason() -> None:
    after = [BEFORE[0], {"name": INTENTS}, {"name": ENTITIES, "train": True}]
    said, price = cost_of(BEFORE, after, 12)
    assert price.startswith("A message costs about what it did before")
    assert said.startswith("No longer used: 2 CountVectorsFeaturizers and DIETClassifier; ours learns the 12 annotated")
    said, _ = cost_of(BEFORE, [BEFORE[0], {"name": INTENTS}], 0)
    assert said == "No longer used: 2 CountVectorsFeaturizers and DIETClassifier."


def test_what_stays_at_a_price_is_said_with_the_way_out() -> None:
    (said,) = cost_of(BEFORE, [*BEFORE, {"name": INTENTS}], 1234)
    assert "1234 annotated entities" in said
    assert "--train-entities" in said


def test_what_was_cheaper_than_ours_is_said_to_be() -> None:
    before = [BEFORE[0], {"name": "LogisticRegressionClassifier"}]
    said, price = cost_of(before, [BEFORE[0], {"name": INTENTS}], 0)
    assert said == "No longer used: LogisticRegressionClassifier."
    assert "about twice the processor time" in price


def test_what_costs_nothing_else_is_not_talked_about() -> None:
    assert cost_of(BEFORE, BEFORE, 5) == []
    assert cost_of([], [*BEFORE, {"name": INTENTS}], 5) == []
    assert cost_of([BEFORE[0]], [BEFORE[0], {"name": INTENTS}], 0) == []
