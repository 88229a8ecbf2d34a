from __future__ import annotations

from typing import Any, Mapping, Sequence

import pytest

from convai_rasa.errors import ConfigurationError
from convai_rasa.nlu.entities.patterns import Patterns, add_lookups

pytestmark = pytest.mark.slow


def finder(lookups: Mapping[str, Sequence[str]], regexes: Mapping[str, Sequence[str]]) -> Any:
    import spacy

    pipeline = spacy.blank("en")
    add_lookups(pipeline, lookups)
    patterns = Patterns(pipeline, regexes)
    return lambda text: sorted((text[start:end], name) for start, end, name in patterns.find(pipeline.make_doc(text)))


def test_listed_values_are_found_whatever_their_capitals() -> None:
    find = finder({"dish": ["Fish and Chips", "ramen", " "], "city": ["Rome"]}, {})
    assert find("RAMEN, or fish and chips in Rome?") == [
        ("RAMEN", "dish"),
        ("Rome", "city"),
        ("fish and chips", "dish"),
    ]


def test_only_whole_words_count() -> None:
    find = finder({"animal": ["cat"]}, {"digit": [r"\d{3}"], "sign": [r"\+"]})
    assert find("concatenate a tomcat 1234") == []
    assert find("a Cat, 123 and a +") == [("+", "sign"), ("123", "digit"), ("Cat", "animal")]


def test_a_regex_may_hold_alternatives_and_match_nothing() -> None:
    assert finder({}, {"booking": [r"b-\d+|order \d+"], "void": ["x*"]})("B-12 or order 7") == [
        ("B-12", "booking"),
        ("order 7", "booking"),
    ]


def test_lists_are_replaced_not_added_to() -> None:
    import spacy

    pipeline = spacy.blank("en")
    add_lookups(pipeline, {"city": ["Rome"]})
    add_lookups(pipeline, {"city": ["Oslo"]})
    assert list(Patterns(pipeline, {}).find(pipeline.make_doc("Rome"))) == []
    add_lookups(pipeline, {})
    assert Patterns(pipeline, {}).labels == frozenset()


def test_what_is_no_regex_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"The regex '\(' of booking is not valid"):
        finder({}, {"booking": ["("]})
