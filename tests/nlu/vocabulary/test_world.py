"""Values that nobody marked, and how well a text fits into the bot's world."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.nlu import ValueMapper
from convai_rasa.nlu.vocabulary.world import BotWorld

pytestmark = pytest.mark.rasa

VALUES = {
    "drink": ("iced mocha", "mocha", "iced coffee", "espresso"),
    "milk": ("milk", "skim milk", "some milk", "a bit of skim milk"),
    "sugar": ("sugar", "a bit of sugar", "water"),
    "size": ("large",),
    "glass": ("water",),
}


def example(text: str, *marked: Tuple[str, str]) -> Message:
    entities = [
        {"entity": entity, "value": value, "start": text.index(value), "end": text.index(value) + len(value)}
        for value, entity in marked
    ]
    return Message.build(text, "order", entities=entities)


@pytest.fixture(scope="module")
def world() -> BotWorld:
    data = TrainingData(
        [
            example("an iced mocha with some milk please", ("iced mocha", "drink"), ("some milk", "milk")),
            example("i want an espresso and sugar", ("espresso", "drink"), ("sugar", "sugar")),
            example("call ann please", ("ann", "name")),
            example("how much is a large one"),
            example("is that a large cup"),
            example("a large espresso", ("large", "size"), ("espresso", "drink")),
        ]
    )
    mapper = ValueMapper({entity: {value: value for value in values} for entity, values in VALUES.items()})
    return BotWorld.learn(data, mapper, "en")


def found(world: BotWorld, text: str, *entities: Dict[str, Any]) -> List[Tuple[str, Any]]:
    values, kept = world.find(text, entities, 0.05)
    return [(one.entity, one.mapped.value) for one in values] + [(one["entity"], one["value"]) for one in kept]


def marked(entity: str, value: str, start: int, end: int, **more: Any) -> Dict[str, Any]:
    return {"entity": entity, "value": value, "start": start, "end": end, **more}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("two espresso", [("drink", "espresso")]),
        ("an iced mocha", [("drink", "iced mocha")]),
        ("an ice mocha please", [("drink", "iced mocha")]),  # not the mocha in it
        ("an iced mocha and skin milk", [("drink", "iced mocha"), ("milk", "skim milk")]),
        ("a large one", []),  # the bot's author left it unmarked more often than not
        ("a water please", []),  # of two entities
        ("i want a horse", []),
        ("", []),
        ("☕ 🎉 12", []),
    ],
)
def test_known_values_are_found(world: BotWorld, text: str, values: List[Tuple[str, str]]) -> None:
    assert found(world, text) == values


def test_what_sounds_like_it_is_found_only_where_a_word_is_strange(world: BotWorld) -> None:
    assert found(world, "call me a moka") == [("drink", "mocha")]
    assert found(world, "much and call") == []


def test_a_value_in_parts_is_put_together(world: BotWorld) -> None:
    text = "a bit of skin milk"
    parts = (marked("sugar", "a bit of skin", 0, 13), marked("milk", "milk", 14, 18))
    assert found(world, text, *parts) == [("milk", "a bit of skim milk")]


def test_what_was_marked_stays_where_nothing_explains_more(world: BotWorld) -> None:
    name = marked("name", "espresso", 0, 8)
    assert found(world, "espresso", name) == [("name", "espresso")]
    drink = marked("drink", "vanilla mocha", 0, 13)
    assert found(world, "vanilla mocha", drink) == [("drink", "vanilla mocha")]


def test_a_text_of_the_bots_world_is_likelier(world: BotWorld) -> None:
    text = "i want an espresso please"
    fits = world.likelihood(text, [marked("drink", "espresso", 10, 18)])
    strange = world.likelihood("i wand an espresso fleas", [marked("drink", "espresso", 10, 18)])
    assert fits.log_probability > strange.log_probability
    assert (fits.unknown, strange.unknown) == ((), ("fleas", "wand"))
    assert (fits.values, strange.values) == (0.0, 0.0)


def test_a_value_that_was_led_to_a_known_one_agrees_less(world: BotWorld) -> None:
    led = marked("drink", "iced mocha", 3, 12, confidence_value=0.8)
    assert world.likelihood("an ice mocha", [led]).values == pytest.approx(-0.2231, abs=1e-3)


def test_a_value_near_to_none_is_the_words_it_is(world: BotWorld) -> None:
    assert world.likelihood("a vanilla", [marked("drink", "vanilla", 2, 9)]).unknown == ("vanilla",)


def test_what_the_domain_adds_is_known(world: BotWorld) -> None:
    more = world.with_domain(world.mapper, ["Take away"], ["We have croissants."])
    assert world.likelihood("take away the croissants", []).unknown == ("away", "croissants", "take", "the")
    assert more.likelihood("take away the croissants", []).unknown == ("the",)
    assert more.likelihood("take away", []).log_probability > world.likelihood("take away", []).log_probability
    assert more.likelihood("a large one", []).unknown == ()


def test_it_is_kept(world: BotWorld, tmp_path: Path) -> None:
    world.save(tmp_path)
    again, text = BotWorld.load(tmp_path), "a large ice mocha"
    assert found(again, text) == found(world, text)
    assert again.likelihood(text, []) == world.likelihood(text, [])


def test_a_model_of_an_older_version_knows_its_values(world: BotWorld, tmp_path: Path) -> None:
    world.mapper.save(tmp_path)
    again = BotWorld.load(tmp_path)
    assert found(again, "an espresso") == [("drink", "espresso")]
