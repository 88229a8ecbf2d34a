from __future__ import annotations

from typing import Any

import pytest

from convai_rasa.project.change.entity_plan import plan_blank, plan_entities
from convai_rasa.project.change.pipeline import INTENTS

pytestmark = pytest.mark.slow

DIET = {"name": "DIETClassifier"}


def duckling(**keys: Any) -> dict[str, Any]:
    return {"name": "DucklingEntityExtractor", **keys}


def test_what_the_domain_knows_is_found_under_its_names() -> None:
    plan = plan_entities([DIET, {"name": INTENTS}], ["number", "PERSON", "time", "city", "cuisine"], ["cuisine"])
    assert plan.keys == {
        "dimensions": ["CARDINAL", "GPE", "PERSON", "TIME"],
        "map": {"CARDINAL": "number", "GPE": "city", "TIME": "time"},
    }
    assert not plan.notes


@pytest.mark.parametrize(
    ("steps", "annotated", "expected"),
    [
        ([duckling()], [], ["GPE"]),
        ([duckling(dimensions=["number"])], [], ["GPE", "TIME"]),
        ([duckling(dimensions=["time"])], [], ["CARDINAL", "GPE"]),
        ([DIET], ["city"], ["CARDINAL", "TIME"]),
        ([{**DIET, "entity_recognition": False}], None, ["CARDINAL", "GPE", "TIME"]),
    ],
)
def test_what_another_finds_is_left_to_it(steps: list[Any], annotated: list[str] | None, expected: list[str]) -> None:
    keys = plan_entities(steps, ["number", "time", "city"], annotated).keys
    assert keys is not None
    assert keys["dimensions"] == expected


@pytest.mark.parametrize(
    ("steps", "listed", "annotated", "why"),
    [
        ([DIET], [], [], "lists no entity"),
        ([DIET], ["cuisine"], ["cuisine"], "lists no entity"),
        ([DIET], ["city"], None, "lists no entity"),
        ([{"name": "my.Extractor"}], ["city"], [], "Extractor may find"),
    ],
)
def test_with_nothing_to_find_it_is_left_out_and_the_note_says_why(
    steps: list[Any], listed: list[str], annotated: list[str] | None, why: str
) -> None:
    plan = plan_entities(steps, listed, annotated)
    assert plan.keys is None
    assert why in plan.notes[-1]


def test_of_two_names_none_is_guessed() -> None:
    plan = plan_entities([], ["city", "country", "date"], [])
    assert plan.keys == {"dimensions": ["DATE"], "map": {"DATE": "date"}}
    assert "city or country" in plan.notes[0]
    assert plan_entities([], ["GPE", "city"], []).keys == {"dimensions": ["GPE"]}


def test_what_it_learns_needs_no_pretrained_label() -> None:
    assert plan_entities([DIET], ["cuisine"], ["cuisine"], train=True).keys == {"dimensions": [], "train": True}
    both = plan_entities([DIET], ["cuisine", "Date"], ["cuisine"], train=True).keys
    assert both == {"dimensions": ["DATE"], "map": {"DATE": "Date"}, "train": True}


def test_another_language_is_learned_from_nothing() -> None:
    for language, spoken in {"de": "de", "zh": "zh", "ja": "xx", "tlh": "xx"}.items():
        keys = plan_blank(language).keys
        assert keys == {"train": True, "base": "blank", "language": spoken, "dimensions": []}
