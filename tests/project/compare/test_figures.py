from __future__ import annotations

import pytest

from convai_rasa.project.compare.figures import aspects, changes, figures, sign_test
from convai_rasa.project.compare.split import Entity, Example
from convai_rasa.project.compare.trial import Answer, Outcome

PARIS = Entity("city", 3, 8)
SIX = Entity("number", 4, 7)


def answer(intent: str, *entities: Entity, below: str = "", responses: tuple[str, ...] = ()) -> Answer:
    """An answer; ``below`` is what the fallback stands in front of."""
    return Answer(intent, ((below or intent, 0.4 if below else 0.9),), frozenset(responses), frozenset(entities), 2.0)


def outcome(*answers: Answer) -> Outcome:
    return Outcome([*answers], train_cpu_s=3.0, peak_bytes=500_000_000)


def test_accuracy_before_and_after_fallback() -> None:
    examples = [Example("a", "greet"), Example("b", "order"), Example("c", "order"), Example("d", "out_of_scope")]
    given = outcome(
        answer("greet"),
        answer("nlu_fallback", below="order"),
        answer("greet"),
        answer("nlu_fallback", below="greet"),
    )
    found = figures(examples, [given])
    assert found.intent_accuracy == 0.5
    assert found.after_fallback == 0.5  # the fallback is right for what is out of scope, and for nothing else
    assert found.fallback_rate == pytest.approx(1 / 3)
    assert found.out_of_scope_caught == 1.0


def test_messages_of_no_intent_count_for_out_of_scope_alone() -> None:
    found = figures([Example("a", "greet"), Example("weather?", None)], [outcome(answer("greet"), answer("greet"))])
    assert (found.intent_accuracy, found.after_fallback, found.out_of_scope_caught) == (1.0, 1.0, 0.0)


def test_entities_count_by_type_place_role_and_group_and_only_where_they_are_annotated() -> None:
    examples = [
        Example("to Paris", "go", entities=frozenset({PARIS})),
        Example("to Paris", "go", entities=frozenset({Entity("city", 3, 8, role="to")})),
    ]
    given = outcome(answer("go", PARIS, SIX), answer("go", PARIS))
    found = figures(examples, [given])
    assert found.entity_f1 == pytest.approx(0.5)  # the role is missing once; nobody annotated the number
    assert found.entity_f1_by_type == {"city": pytest.approx(0.5)}


def test_without_annotations_there_is_no_f1() -> None:
    assert figures([Example("a", "greet")], [outcome(answer("greet"))]).entity_f1 is None


def test_a_response_is_right_if_a_selector_chose_it() -> None:
    examples = [Example("when?", "faq", "faq/hours"), Example("how much?", "faq", "faq/price")]
    given = outcome(answer("faq", responses=("faq/hours",)), answer("faq", responses=("faq/hours",)))
    assert figures(examples, [given]).response_accuracy == 0.5


def test_losing_what_another_extractor_finds_for_the_domain_is_for_the_worse() -> None:
    examples = [Example("for six", "book")] * 8
    old, new = [answer("book", SIX)] * 8, [answer("book", Entity("CARDINAL", 4, 7))] * 8
    (lost,) = aspects(examples, old, new, listed=["number"])
    assert (lost.better, lost.worse, lost.is_worse) == (0, 8, True)
    assert aspects(examples, old, new, listed=[]) == []  # what the domain does not know, nobody misses


def test_a_few_changes_are_chance_and_many_are_not() -> None:
    assert sign_test(0, 0) == 1.0
    assert sign_test(4, 0) == pytest.approx(1 / 16)
    assert sign_test(5, 0) < 0.05
    assert sign_test(12, 8) > 0.05


def test_changed_messages_are_sorted_into_better_and_worse() -> None:
    examples = [Example("hi", "greet"), Example("six please", "order"), Example("bye", "leave")]
    old = [answer("order"), answer("order"), answer("leave")]
    new = [answer("greet"), answer("nlu_fallback", below="order"), answer("leave")]
    better, worse = changes(examples, old, new)
    assert [one.text for one in better] == ["hi"]
    assert [(one.text, one.after) for one in worse] == [("six please", "fallback (order 0.40)")]
