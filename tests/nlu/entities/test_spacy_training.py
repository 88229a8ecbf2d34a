"""Learning entities, with tiny pipelines and a dozen sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convai_rasa.errors import ConfigurationError, ModelCorrupt
from convai_rasa.nlu import EntityExtractor

pytestmark = pytest.mark.networks

DISHES = ["pizza", "green curry", "ramen", "tomato soup"]
CITIES = ["Oslo", "New York", "Rome", "Lima"]
TEXT = "fly from Oslo to Rome"


def marked(text: str, **words: str) -> dict[str, Any]:
    """Annotate words of a text; ``city__to="Rome"`` is a city with the role ``to``."""
    entities = []
    for name, word in words.items():
        entity, _, role = name.partition("__")
        place = {"start": text.index(word), "end": text.index(word) + len(word), "entity": entity}
        entities.append({**place, "role": role} if role else place)
    return {"text": text, "entities": entities}


EXAMPLES = [
    *(marked(f"I would like a {dish} please", dish=dish) for dish in DISHES),
    *(
        marked(f"fly from {start} to {end}", city__from=start, city__to=end)
        for start in CITIES
        for end in CITIES
        if start != end
    ),
    *(marked(text) for text in ("hello there", "good bye", "can you help me")),
]
FAST = {"base": "blank", "epochs": 12}


@pytest.fixture(scope="module")
def trained() -> EntityExtractor:
    extractor = EntityExtractor(None)
    extractor.train(EXAMPLES, lookups={"dish": ["fish and chips"]}, regexes={"booking": [r"b\d+"]}, **FAST)
    return extractor


def found(extractor: EntityExtractor, text: str) -> list[tuple[str, str, Any]]:
    return [(entity.label, entity.text, entity.role) for entity in extractor.extract(text)]


def test_what_was_annotated_is_found_with_its_role_and_how_sure_that_is(trained: EntityExtractor) -> None:
    assert found(trained, TEXT) == [("city", "Oslo", "from"), ("city", "Rome", "to")]
    assert all(0 < entity.confidence <= 1 for entity in trained.extract(TEXT) if entity.confidence is not None)
    assert {entity.source for entity in trained.extract(TEXT)} == {"trained"}
    assert trained.extract("hello there") == []


def test_what_is_listed_is_certain(trained: EntityExtractor) -> None:
    (dish,) = [one for one in trained.extract("I would like a FISH and chips please") if one.source == "listed"]
    assert (dish.label, dish.text, dish.confidence) == ("dish", "FISH and chips", 1.0)
    assert ("booking", "B42", None) in found(trained, "B42")


def test_it_knows_its_labels(trained: EntityExtractor) -> None:
    assert trained.labels == ("booking", "city", "dish")


def test_saved_and_loaded_it_finds_the_same(trained: EntityExtractor, tmp_path: Path) -> None:
    trained.save(tmp_path)
    again = EntityExtractor.load(tmp_path)
    for text in (TEXT, "fish and chips, b12", ""):
        assert again.extract(text) == trained.extract(text)


def test_the_same_seed_gives_the_same_model_and_leaves_chance_elsewhere_alone(trained: EntityExtractor) -> None:
    np.random.seed(7)
    expected = np.random.random()
    np.random.seed(7)
    twice = EntityExtractor(None)
    twice.train(EXAMPLES, lookups={"dish": ["fish and chips"]}, regexes={"booking": [r"b\d+"]}, **FAST)
    assert np.random.random() == expected
    assert twice.extract(TEXT) == trained.extract(TEXT)
    other = EntityExtractor(None)
    other.train(EXAMPLES, seed=1, **FAST)
    assert other.extract(TEXT) != trained.extract(TEXT)


def test_a_pretrained_pipeline_forgets_nothing(tiny_pipeline: Path, tmp_path: Path) -> None:
    text = "a flight to Paris for Anna"
    extractor = EntityExtractor(tiny_pipeline)
    before = extractor.extract(text)
    extractor.train([one for one in EXAMPLES if "like" in one["text"]], epochs=40)
    after = extractor.extract(text)
    assert [entity for entity in after if entity.source == "pretrained"] == before
    assert ("dish", "ramen", None) in found(extractor, "I would like a ramen please")
    extractor.save(tmp_path)
    assert EntityExtractor.load(tmp_path).extract(text) == after


def test_a_pretrained_pipeline_that_finds_nothing_is_not_saved(tiny_pipeline: Path, tmp_path: Path) -> None:
    extractor = EntityExtractor(tiny_pipeline, dimensions=[])
    assert extractor.extract("a flight to Paris for Anna") == []
    extractor.train(EXAMPLES, epochs=4)
    extractor.save(tmp_path)
    assert not (tmp_path / "ner").exists()
    assert EntityExtractor.load(tmp_path).extract(TEXT) == extractor.extract(TEXT)


def test_training_goes_on_with_new_entities() -> None:
    extractor = EntityExtractor(None)
    extractor.train(EXAMPLES, **FAST)
    more = [marked(f"my name is {name}", name=name) for name in ("Anna", "Bob", "Kim")]
    extractor.train([*EXAMPLES, *more], incremental=True, **{**FAST, "epochs": 6})
    assert extractor.labels == ("city", "dish", "name")
    assert found(extractor, "my name is Bob") == [("name", "Bob", None)]
    assert found(extractor, TEXT) == [("city", "Oslo", "from"), ("city", "Rome", "to")]


def test_lists_alone_need_no_annotation() -> None:
    extractor = EntityExtractor(None)
    extractor.train([{"text": "hello"}], lookups={"city": ["Oslo"]}, base="blank")
    assert found(extractor, "oslo") == [("city", "oslo", None)]


def test_the_threshold_leaves_out_what_is_not_sure(trained: EntityExtractor, tmp_path: Path) -> None:
    trained.save(tmp_path)
    assert EntityExtractor(tmp_path, threshold=1.0).extract("fish and chips and Oslo")[0].source == "listed"
    assert len(EntityExtractor(tmp_path, threshold=1.0).extract(TEXT)) == 0


def test_with_many_examples_some_are_held_back_to_learn_how_sure_to_be() -> None:
    names = [f"{first}{last}" for first in ("An", "Be", "Ka", "Lo", "Mi") for last in ("na", "do", "ri", "lu")]
    examples = [marked(text.format(name), name=name) for name in names for text in ("I am {}", "call {} up")]
    extractor = EntityExtractor(None)
    extractor.train(examples, validation_share=0.5, **FAST)
    without = EntityExtractor(None)
    without.train(examples, validation_share=0, **FAST)
    assert extractor._learned.temperature != without._learned.temperature


@pytest.mark.parametrize("text", ["", " ", "😀 " * 300, "fly from Oslo " * 800, "\n\t", "東京へ行きたい", "\ud83d"])
def test_any_text_is_taken(trained: EntityExtractor, text: str) -> None:
    for entity in trained.extract(text):
        assert text[entity.start : entity.end] == entity.text == entity.text.strip() != ""


@pytest.mark.parametrize(
    ("examples", "options", "message"),
    [
        ([], {}, "no annotated example"),
        ([{"text": "hello"}], {}, "no annotated example"),
        (EXAMPLES, {"base": "pretrained"}, "no pretrained pipeline to start from"),
        (EXAMPLES, {"language": "klingon"}, "spaCy knows no language 'klingon'"),
        (EXAMPLES, {"epoch": 3}, "did you mean 'epochs'"),
        (EXAMPLES, {"dropout": 1}, "dropout"),
    ],
)
def test_what_cannot_be_trained_is_refused(examples: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        EntityExtractor(None).train(examples, **{**FAST, **options})


def test_damaged_settings_are_refused(trained: EntityExtractor, tmp_path: Path) -> None:
    trained.save(tmp_path)
    (tmp_path / "entity_extractor.json").write_text("{")
    with pytest.raises(ModelCorrupt, match="save the extractor again"):
        EntityExtractor(tmp_path)
