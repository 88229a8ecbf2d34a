from __future__ import annotations

from typing import Any, Optional

import pytest

from convai_rasa.nlu.entities.overlaps import merge_own, resolve_overlaps
from convai_rasa.nlu.entities.types import LISTED, PRETRAINED, TRAINED, Entity

OURS, LEARNED, KNOWN = "SpacyModelEntityExtractor.pretrained", "DIETClassifier", "DucklingEntityExtractor"


def own(
    start: int, end: int, source: str, *, label: str = "x", confidence: float = 0.9, role: Optional[str] = None
) -> Any:
    return Entity(start, end, "…", label, confidence, "…", role=role, source=source)


def found(start: int, end: int, extractor: str, entity: str = "x") -> dict[str, Any]:
    return {"start": start, "end": end, "entity": entity, "extractor": extractor}


def test_what_the_bot_was_taught_goes_before_what_is_generally_known() -> None:
    known, taught, apart = own(0, 9, PRETRAINED), own(4, 9, TRAINED), own(10, 12, PRETRAINED)
    assert merge_own([known, taught, apart]) == [taught, apart]
    assert merge_own([known, own(4, 9, LISTED)]) == [own(4, 9, LISTED)]
    other_name = own(4, 9, TRAINED, label="y")
    assert merge_own([known, other_name]) == [known, other_name]


def test_what_is_more_likely_wrong_than_right_drives_nothing_out() -> None:
    known, unlikely = own(0, 9, PRETRAINED), own(4, 9, TRAINED, confidence=0.4)
    assert merge_own([known, unlikely]) == [known]
    assert merge_own([unlikely]) == [unlikely]


def test_a_listed_one_goes_before_a_trained_one_that_is_shorter_or_unlikely() -> None:
    listed = own(2, 6, LISTED, confidence=1.0)
    assert merge_own([own(0, 9, TRAINED, confidence=0.3), listed]) == [listed]
    assert merge_own([own(2, 5, TRAINED), listed]) == [listed]
    longer = own(0, 9, TRAINED, confidence=0.8)
    assert merge_own([longer, listed]) == [longer]


@pytest.mark.parametrize("confidence", [0.2, 0.9])
def test_where_list_and_training_agree_the_role_and_the_certainty_stay(confidence: float) -> None:
    (entity,) = merge_own([own(0, 4, LISTED), own(0, 4, TRAINED, confidence=confidence, role="from")])
    assert (entity.role, entity.confidence, entity.source) == ("from", 1.0, TRAINED)


def test_entities_of_the_pretrained_pipeline_may_overlap_each_other() -> None:
    both = [own(0, 9, PRETRAINED), own(4, 9, PRETRAINED, label="y")]
    assert merge_own(both) == both


TAUGHT = "SpacyModelEntityExtractor"
UNTAUGHT = {OURS, KNOWN}


def names(entities: Any) -> list[str]:
    return [entity["entity"] for entity in entities]


@pytest.mark.parametrize("other", [LEARNED, KNOWN, "RegexEntityExtractor", "a.custom.Extractor", TAUGHT])
@pytest.mark.parametrize("rule", ["add", "longest", "theirs"])
@pytest.mark.parametrize("place", [(0, 9), (4, 6), (2, 20)])
@pytest.mark.parametrize("ours_first", [True, False])
def test_a_pretrained_label_gives_way_to_what_anybody_else_found(
    other: str, rule: str, place: tuple[int, int], ours_first: bool
) -> None:
    theirs, mine = found(3, 7, other, "cuisine"), found(*place, OURS, "ORG")
    both = [mine, theirs] if ours_first else [theirs, mine]
    assert resolve_overlaps(both, rule, TAUGHT, UNTAUGHT) == [theirs]


def test_a_pretrained_label_adds_no_second_value_to_an_entity() -> None:
    six, sunday = found(4, 7, KNOWN, "number"), found(20, 26, OURS, "number")
    assert resolve_overlaps([six, sunday], "add", TAUGHT, UNTAUGHT) == [six]
    elsewhere = found(20, 26, OURS, "date")
    assert resolve_overlaps([six, elsewhere], "add", TAUGHT, UNTAUGHT) == [six, elsewhere]


def test_entities_that_say_no_place_take_part_by_their_name() -> None:
    placeless, mine = {"entity": "city", "value": "Oslo", "extractor": "a.custom.Extractor"}, found(0, 4, OURS, "city")
    assert resolve_overlaps([placeless, mine], "add", TAUGHT, UNTAUGHT) == [placeless]
    assert names(resolve_overlaps([placeless, found(0, 4, OURS, "date")], "add", TAUGHT, UNTAUGHT)) == ["city", "date"]


def test_what_is_more_likely_wrong_than_right_hides_no_pretrained_label() -> None:
    doubtful = {**found(0, 4, TAUGHT, "dish"), "confidence_entity": 0.3}
    assert names(resolve_overlaps([doubtful, found(0, 4, OURS, "GPE")], "add", TAUGHT, UNTAUGHT)) == ["dish", "GPE"]


@pytest.mark.parametrize(
    ("mine", "other", "stays"),
    [
        (found(0, 3, TAUGHT, "party_size"), found(0, 3, KNOWN, "number"), "both"),
        (found(0, 3, TAUGHT, "number"), found(0, 3, KNOWN, "number"), "theirs"),
        (found(0, 9, TAUGHT, "dish"), found(4, 9, LEARNED, "food"), "theirs"),
        (found(0, 4, TAUGHT, "dish"), found(4, 9, LEARNED, "dish"), "both"),
    ],
)
def test_what_the_bot_taught_takes_nothing_away_and_doubles_nothing(mine: Any, other: Any, stays: str) -> None:
    expected = {"theirs": [other], "both": [other, mine]}[stays]
    assert resolve_overlaps([other, mine], "add", TAUGHT, UNTAUGHT) == expected


@pytest.mark.parametrize(
    ("rule", "mine", "other", "stays"),
    [
        ("longest", found(0, 9, TAUGHT), found(4, 9, LEARNED), "ours"),
        ("longest", found(4, 9, TAUGHT), found(0, 9, KNOWN), "theirs"),
        ("longest", found(0, 4, TAUGHT), found(0, 4, LEARNED), "ours"),
        ("longest", found(0, 4, TAUGHT), found(4, 9, LEARNED), "both"),
        ("ours", found(4, 9, OURS), found(0, 9, LEARNED), "ours"),
        ("ours", found(4, 9, TAUGHT), found(0, 9, LEARNED), "ours"),
        ("theirs", found(0, 9, TAUGHT), found(4, 9, LEARNED), "theirs"),
        ("keep", found(0, 9, OURS), found(4, 9, LEARNED), "both"),
        ("keep", found(0, 9, TAUGHT), found(4, 9, LEARNED), "both"),
        ("ours", found(0, 4, OURS), found(0, 40, "HybridSentimentAnalyzer"), "both"),
        ("add", found(0, 4, OURS), found(0, 40, "HybridSentimentAnalyzer"), "both"),
    ],
)
def test_the_rule_decides_between_extractors(rule: str, mine: Any, other: Any, stays: str) -> None:
    other = {**other, "entity": "sentiment"} if other["extractor"] == "HybridSentimentAnalyzer" else other
    expected = {"ours": [mine], "theirs": [other], "both": [other, mine]}[stays]
    assert resolve_overlaps([other, mine], rule, TAUGHT, UNTAUGHT) == expected


def test_an_entity_that_falls_takes_no_other_with_it() -> None:
    long, middle, short = found(0, 10, LEARNED), found(8, 16, TAUGHT), found(14, 18, LEARNED)
    assert resolve_overlaps([long, short, middle], "longest", TAUGHT, ()) == [long, short]
    longest = [found(9, 30, LEARNED), found(8, 9, LEARNED)]
    assert resolve_overlaps([*longest, middle], "longest", TAUGHT, ()) == longest


@pytest.mark.parametrize("rule", ["add", "longest", "ours", "theirs", "keep"])
@pytest.mark.parametrize("extractor", [TAUGHT, OURS])
def test_two_of_ours_in_one_pipeline_put_out_what_both_found_once(rule: str, extractor: str) -> None:
    once, again, elsewhere = found(0, 4, extractor), found(0, 4, extractor), found(9, 12, extractor)
    other = found(20, 24, LEARNED, "y")
    assert resolve_overlaps([once, again, elsewhere, other, other], rule, TAUGHT, UNTAUGHT) == [
        once, elsewhere, other, other,
    ]  # fmt: skip
