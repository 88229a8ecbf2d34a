from __future__ import annotations

from typing import Any

import pytest

from convai_rasa.errors import ConfigurationError
from convai_rasa.nlu.entities.spacy_examples import read_examples, spacy_examples
from convai_rasa.nlu.entities.types import Kind

pytestmark = pytest.mark.slow


def annotated(text: str, *spans: tuple[int, int, str]) -> dict[str, Any]:
    return {"text": text, "entities": [{"start": start, "end": end, "entity": name} for start, end, name in spans]}


def tags(example: dict[str, Any]) -> list[str]:
    import spacy

    (made,) = spacy_examples(spacy.blank("en").make_doc, read_examples([example]))
    return list(made.get_aligned_ner())


def test_an_annotation_becomes_tags_of_its_words() -> None:
    assert tags(annotated("a flight to New York City now", (12, 25, "city"))) == [
        *("O", "O", "O", "B-city", "I-city", "L-city", "O")
    ]


def test_spaces_around_an_annotation_do_not_count() -> None:
    assert tags(annotated("to Rome now", (2, 8, "city"))) == ["O", "U-city", "O"]


def test_what_ends_inside_a_word_is_neither_learned_nor_unlearned(caplog: pytest.LogCaptureFixture) -> None:
    assert tags(annotated("table4two please", (6, 9, "size"))) == [None, "O"]
    assert "1 annotation(s) begin or end inside a word" in caplog.text
    assert "the size 'two' in 'table4two please'" in caplog.text


def test_of_overlapping_annotations_the_longest_is_learned_and_one_warning_names_the_first(
    caplog: pytest.LogCaptureFixture,
) -> None:
    examples = [annotated("fly to New York", (11, 15, "name"), (7, 15, "city"))] * 3
    assert [[one.kind.entity for one in text.annotations] for text in read_examples(examples)] == [["city"]] * 3
    assert len(caplog.records) == 1
    assert "3 annotation(s) overlap a longer one" in caplog.text
    assert "the name 'York' in 'fly to New York'" in caplog.text


@pytest.mark.parametrize(
    ("example", "message"),
    [
        (annotated("hello", (3, 9, "name")), "from character 3 to 9 is outside 'hello'"),
        (annotated("a  b", (1, 3, "name")), "is outside"),
        ({"text": "hello", "entities": [{"start": 0, "entity": "name"}]}, "needs 'start', 'end' and 'entity'"),
    ],
)
def test_wrong_annotations_are_refused(example: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_examples([example])


def test_half_a_character_keeps_its_place() -> None:
    (text,) = read_examples([annotated("\ud83d to Rome", (5, 9, "city"))])
    assert text.text[text.annotations[0].start :] == "Rome"


def test_blank_messages_are_left_out() -> None:
    assert [text.text for text in read_examples([{"text": " "}, {"text": None}, {"text": "hi"}])] == ["hi"]


@pytest.mark.parametrize(
    "kind", [Kind("city"), Kind("city", "from"), Kind("city", None, "1"), Kind("[odd]"), Kind("a-b")]
)
def test_a_label_says_entity_role_and_group(kind: Kind) -> None:
    assert Kind.of_label(kind.label) == kind
