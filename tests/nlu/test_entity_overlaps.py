from __future__ import annotations

from typing import Any, Optional

import pytest

from convai_rasa.nlu.entity_overlaps import merge_own, resolve_overlaps
from convai_rasa.nlu.entity_types import LISTED, PRETRAINED, TRAINED, Entity

OURS, LEARNED, KNOWN = "SpacyModelEntityExtractor.pretrained", "DIETClassifier", "DucklingEntityExtractor"


def own(
    start: int, end: int, source: str, *, label: str = "x", confidence: float = 0.9, role: Optional[str] = None
) -> Any:
    return Entity(start, end, "…", label, confidence, "…", role=role, source=source)


def found(start: int, end: int, extractor: str) -> dict[str, Any]:
    return {"start": start, "end": end, "entity": "x", "extractor": extractor}


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


@pytest.mark.parametrize(
    ("rule", "mine", "other", "stays"),
    [
        ("longest", found(0, 9, OURS), found(4, 9, LEARNED), "ours"),
        ("longest", found(4, 9, OURS), found(0, 9, KNOWN), "theirs"),
        ("longest", found(0, 4, OURS), found(0, 4, LEARNED), "theirs"),
        ("longest", found(0, 4, OURS), found(0, 4, KNOWN), "ours"),
        ("longest", found(0, 4, "SpacyModelEntityExtractor"), found(0, 4, LEARNED), "ours"),
        ("longest", found(0, 4, OURS), found(4, 9, LEARNED), "both"),
        ("ours", found(4, 9, OURS), found(0, 9, LEARNED), "ours"),
        ("theirs", found(0, 9, OURS), found(4, 9, LEARNED), "theirs"),
        ("keep", found(0, 9, OURS), found(4, 9, LEARNED), "both"),
        ("ours", found(0, 4, OURS), found(0, 40, "HybridSentimentAnalyzer"), "both"),
    ],
)
def test_the_rule_decides_between_extractors(rule: str, mine: Any, other: Any, stays: str) -> None:
    expected = {"ours": [mine], "theirs": [other], "both": [other, mine]}[stays]
    assert resolve_overlaps([mine], [other], rule, {OURS, KNOWN}) == expected


def test_an_entity_that_falls_takes_no_other_with_it() -> None:
    long, middle, short = found(0, 10, LEARNED), found(8, 16, OURS), found(14, 18, LEARNED)
    assert resolve_overlaps([middle], [long, short], "longest", ()) == [long, short]
    longest = found(9, 30, LEARNED)
    assert resolve_overlaps([middle], [longest, found(8, 9, LEARNED)], "longest", ()) == [longest, found(8, 9, LEARNED)]
