"""Words are cut where annotations begin and end, in training and in messages nobody has seen."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from convai_rasa.nlu import EntityExtractor
from convai_rasa.nlu.entities.spacy_examples import AnnotatedText, read_examples
from convai_rasa.nlu.entities.word_boundaries import Cuts, learn_cuts

pytestmark = pytest.mark.networks

MARK = "|"  # stands around what is annotated


def annotated(text: str) -> dict[str, Any]:
    """Read "grade |c|." as a message in which "c" is annotated."""
    pieces = text.split(MARK)
    starts = [sum(map(len, pieces[:index])) for index in range(len(pieces))]
    entities = [
        {"start": starts[index], "end": starts[index + 1], "entity": "x"} for index in range(1, len(pieces) - 1, 2)
    ]
    return {"text": "".join(pieces), "entities": entities}


def make_doc(text: str, language: str = "en") -> Any:
    import spacy

    return spacy.blank(language).make_doc(text)


def learned(*texts: str) -> Cuts:
    return learn_cuts(make_doc, read_examples(map(annotated, texts)))


def words(cuts: Cuts, text: str) -> list[str]:
    doc = make_doc(text)
    cuts.apply(doc)
    assert doc.text == text
    return [token.text for token in doc]


def aligned(cuts: Cuts, example: AnnotatedText) -> bool:
    doc = make_doc(example.text)
    cuts.apply(doc)
    return all(doc.char_span(one.start, one.end) is not None for one in example.annotations)


@pytest.mark.parametrize(
    "text",
    [
        "grade |c|.",
        "|B-|/|C|",
        "(|C++|)/|Python|",
        "|C++|-course",
        "x|y|z",
        '"|1984|"!',
        "«|Dune|»",
        "e.g.|ham|",
        "$|50|",
        "|3|.|50|€",
        "£|5|k",
        "|20|24",
        "room|12|b",
        "gate|7|",
        "INC-|00|42",
        "A|*|",
        "|#|1",
        "co-|op|erative",
        "two |iphone|s",
        "|Unfall|versicherung",
        "Kfz|haftpflicht|",
        "|Istanbul|'da",
        "|İstanbul|da",
        "|Straße|nbahn",
        "😀|pizza|😀",
        "|👍|👍",
        "|👨\u200d🍳|🍳",
        "|👍|\U0001f3fd",
        "|北京|的天气",
        "ไป|กรุง|เทพ",
        "|서울|에",
        "في|القاهرة|",
        "  |a|,  b",
    ],
)
def test_every_annotation_begins_and_ends_with_a_word(text: str) -> None:
    assert aligned(learned(text), read_examples([annotated(text)])[0])


@pytest.mark.parametrize(
    ("taught", "unseen", "expected"),
    [
        (["grade |c|."], "grade b.", ["grade", "b", "."]),
        (["|C++|/x"], "Go/Rust", ["Go", "/", "Rust"]),
        (["room|12|"], "gate7", ["gate", "7"]),
        (["two |iphone|s", "a |tablet|"], "tablets and iphones", ["tablet", "s", "and", "iphone", "s"]),
        (["|Unfall|versicherung"], "Haftpflichtversicherung", ["Haftpflicht", "versicherung"]),
        (["|👍|👍"], "🍕😀", ["🍕", "😀"]),
        (["|北京|的"], "上海", ["上", "海"]),
    ],
)
def test_what_nobody_has_seen_is_cut_in_the_same_places(taught: list[str], unseen: str, expected: list[str]) -> None:
    assert words(learned(*taught), unseen) == expected


@pytest.mark.parametrize("unseen", ["is this yours", "Versicherung", "a 10.50 day", "don't", ""])
def test_other_words_stay_whole(unseen: str) -> None:
    cuts = learned("two |iphone|s", "|Unfall|versicherung", "grade |c|.")
    assert words(cuts, unseen) == words(Cuts(), unseen)


def test_where_spacy_and_the_annotations_agree_nothing_is_learned() -> None:
    assert learned("fly to |Rome|, please", "(|x|)") == Cuts()


def test_cut_words_keep_what_spacy_knows_of_the_others() -> None:
    doc = make_doc("I don't like c.")
    learned("grade |c|.").apply(doc)
    assert [token.norm_ for token in doc] == ["i", "do", "not", "like", "c", "."]


def test_later_trainings_add_to_what_was_learned_and_all_of_it_can_be_written_down() -> None:
    first = learned("grade |c|.", "two |iphone|s")
    more = learn_cuts(make_doc, read_examples([annotated("room|12|"), annotated("a |tablet|s")]), first)
    again = Cuts(**json.loads(json.dumps(dataclasses.asdict(more))))
    assert words(again, "gate7 b. iphones tablets") == ["gate", "7", "b", ".", "iphone", "s", "tablet", "s"]


def test_an_extractor_finds_what_is_glued_to_a_sign_and_still_does_when_it_is_loaded(tmp_path: Path) -> None:
    examples = [annotated(f"{start} |{grade}|.") for start in ("grade", "I got a", "she has a") for grade in "abdf"]
    extractor = EntityExtractor(None)
    extractor.train(examples, lookups={"subject": ["q"]}, base="blank", epochs=15)
    for text in ("grade c.", "she has a c."):
        assert [(one.label, one.text) for one in extractor.extract(text)] == [("x", "c")]
    assert ("subject", "q") in [(one.label, one.text) for one in extractor.extract("I like q.")]
    extractor.save(tmp_path / "saved")
    assert EntityExtractor.load(tmp_path / "saved").extract("grade c.") == extractor.extract("grade c.")
