"""The component alone, and in a pipeline that Rasa trains and runs."""

from __future__ import annotations

import asyncio
import copy
import json
from pathlib import Path
from typing import Any, Callable, Dict, List, Type

import pytest
from rasa.core.agent import Agent
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.nlu import SpokenValueMapper, ValueMapper, Vocabulary
from convai_rasa.nlu.component import NLUComponentError
from convai_rasa.nlu.vocabulary.sentence_model import Sentences
from convai_rasa.nlu.vocabulary.world import BotWorld
from convai_rasa.voice.ears import BotPhrases

pytestmark = pytest.mark.rasa

VALUES = {"drink": {value: value for value in ("iced mocha", "mocha", "iced coffee", "espresso")}}


def component(kind: Type[Vocabulary] = SpokenValueMapper, **config: Any) -> Vocabulary:
    made = kind.create(config, None, None, None)  # type: ignore[arg-type]  # a component without files
    made.use(BotWorld(ValueMapper(VALUES), Sentences(), {}))
    return made


def mapped(text: str, *entities: Dict[str, Any], **config: Any) -> List[Dict[str, Any]]:
    (message,) = component(**config).process([Message(data={"text": text, "entities": list(entities)})])
    return list(message.get("entities"))


def drink(value: Any, start: int, end: int) -> Dict[str, Any]:
    return {"entity": "drink", "value": value, "start": start, "end": end, "extractor": "X", "confidence_entity": 0.9}


def test_the_value_is_the_known_one_and_the_words_are_kept() -> None:
    found = drink("ice mocha", 3, 12)
    assert mapped("an ice mocha", found) == [
        {
            **found,
            "value": "iced mocha",
            "text": "ice mocha",
            "confidence_value": 0.8571,
            "processors": ["SpokenValueMapper"],
        }
    ]


def test_two_values_equally_near_are_given_to_ask() -> None:
    assert mapped("iced please", drink("iced", 0, 4)) == [
        {**drink("iced", 0, 4), "alternatives": ["iced coffee", "iced mocha"]}
    ]


@pytest.mark.parametrize(
    "found",
    [
        drink("mocha", 0, 5),
        drink("water", 0, 5),
        drink({"from": 1}, 0, 5),
        drink(7, 0, 5),
        drink(None, 0, 5),
        drink("expresso", 0, 5),  # not the words: another component made it
        {"entity": "town", "value": "mocca"},
    ],
)
def test_the_rest_stays(found: Dict[str, Any]) -> None:
    assert mapped("hello", found) == [found]


def test_an_entity_without_a_place_is_led_too() -> None:
    assert mapped("hm", {"entity": "drink", "value": "expresso"})[0]["value"] == "espresso"


def test_a_value_that_nobody_marked_becomes_an_entity() -> None:
    (message,) = component().process([Message(data={"text": "an ice mocha"})])
    assert message.get("entities") == [
        {
            "entity": "drink",
            "start": 3,
            "end": 12,
            "value": "iced mocha",
            "text": "ice mocha",
            "confidence_entity": 0.8571,
            "confidence_value": 0.8571,
            "extractor": "SpokenValueMapper",
        }
    ]


def test_nothing_is_looked_for_where_that_is_not_wanted() -> None:
    (message,) = component(find=False).process([Message(data={"text": "an ice mocha"})])
    assert "entities" not in message.data


def test_two_values_equally_near_may_be_an_entity_of_their_own() -> None:
    (entity,) = mapped("iced please", drink("iced", 0, 4), unclear="unclear_value")
    assert (entity["entity"], entity["text"]) == ("unclear_value", "iced")
    assert entity["value"] == {"entity": "drink", "values": ["iced coffee", "iced mocha"]}


def test_what_was_heard_says_how_well_it_fits() -> None:
    heard = {"text": "an ice moka", "metadata": {"voice": {"confidence": 0.9}}}
    (message,) = component().process([Message(data=heard)])
    assert set(message.get("vocabulary")) == {"log_probability", "values", "unknown"}
    (typed,) = component().process([Message(data={"text": "an ice moka"})])
    assert typed.get("vocabulary") is None


def test_a_vocabulary_judges_what_was_heard_as_the_mapper_does_and_changes_nothing() -> None:
    entities = [drink("ice mocha", 3, 12), drink("espresso", 17, 25)]
    data = {"text": "an ice mocha and espresso", "metadata": {"voice": {"confidence": 0.9}}, "entities": entities}
    (heard,) = component(Vocabulary).process([Message(data=copy.deepcopy(data))])
    (by_mapper,) = component().process([Message(data=copy.deepcopy(data))])
    assert heard.get("entities") == entities
    assert heard.get("vocabulary") == by_mapper.get("vocabulary")
    assert heard.get("vocabulary")["values"] < 0


def fit_of(text: str, **about: Any) -> Dict[str, Any]:
    data = {
        "text": text,
        "metadata": {"voice": {"confidence": 0.9, **about}},
        "intent": {"name": "order", "confidence": 0.9},
    }
    (message,) = component(Vocabulary).process([Message(data=data)])
    return dict(message.get("vocabulary"))


def test_what_sounds_like_an_answer_to_the_question_is_told() -> None:
    asked = {"entities": ["drink"], "intents": [], "values": []}
    assert fit_of("ice moka", asked=asked)["answer"]["text"] == "iced mocha"
    assert "answer" not in fit_of("ice moka")
    assert "answer" not in fit_of("good morning", asked=asked)
    assert "answer" not in fit_of("ice moka", asked={"entities": ["glass"]})
    assert "answer" not in fit_of("", asked=asked)


def test_an_answer_is_as_sure_as_the_words_agreed_with_it() -> None:
    assert fit_of("espresso", agreement=0.5)["values"] == pytest.approx(fit_of("espresso")["values"] - 0.693, abs=1e-3)


def test_a_vocabulary_leaves_alone_what_was_typed() -> None:
    data = {"text": "an ice mocha", "entities": [drink("ice mocha", 3, 12)], "metadata": {"voice": {"caller": "ann"}}}
    (typed,) = component(Vocabulary).process([Message(data=copy.deepcopy(data))])
    assert typed.data == data


def test_the_archive_has_all_that_the_channel_hears_with(storage: LocalModelStorage) -> None:
    marked = Message.build("an iced mocha please", "order", entities=[drink("iced mocha", 3, 13)])
    resource, context = Resource("vocabulary"), ExecutionContext(GraphSchema({}))
    Vocabulary.create({}, storage, resource, context).train(TrainingData([marked, Message.build("hello", "greet")]))
    with storage.read_from(resource) as folder:
        stored = {name: json.loads((folder / f"{name}.json").read_text()) for name in ("phrases", "sentences")}
        assert (folder / "intent_examples.json").is_file()
    assert stored["phrases"] == ["an iced mocha please", "hello"]
    assert {"please", "hello"} <= set(stored["sentences"]["words"])
    loaded = Vocabulary.load({}, storage, resource, context)
    (heard,) = loaded.process([Message(data={"text": "hello horse", "metadata": {"voice": {"confidence": 0.9}}})])
    assert heard.get("vocabulary")["unknown"] == ["horse"]


@pytest.mark.parametrize("config", [{"treshold": 0.4}, {"threshold": 1.5}, {"threshold": "low"}])
def test_a_wrong_key_is_one_sentence(config: Dict[str, Any]) -> None:
    with pytest.raises(NLUComponentError, match=r"config\.yml, SpokenValueMapper: .*threshold"):
        component(**config)


NLU = """version: "3.1"
nlu:
- intent: order
  examples: |
    - an [iced mocha](drink) please
    - one [espresso](drink) please
    - the [iced mocha](drink) again
    - the [espresso](drink) again
- intent: greet
  examples: |
    - hello
    - good morning
- regex: drink
  examples: |
    - \\w+ mocha
"""


@pytest.mark.e2e
def test_rasa_trains_it_and_runs_it(train_pipeline: Callable[..., str]) -> None:
    steps = ("WhitespaceTokenizer", "CountVectorsFeaturizer", "LogisticRegressionClassifier", "RegexEntityExtractor")
    archive = train_pipeline(NLU, *({"name": name} for name in (*steps, "convai_rasa.nlu.SpokenValueMapper")))
    (entity,) = asyncio.run(Agent.load(archive).parse_message("an ice mocha please"))["entities"]
    assert (entity["value"], entity["text"], entity["processors"]) == (
        "iced mocha",
        "ice mocha",
        ["SpokenValueMapper"],
    )
    phrases = BotPhrases()  # no other component of this package is there that could have stored them
    asyncio.run(phrases.follow(Path(archive), "en"))
    assert "good morning" in phrases.chosen
    assert {"morning", "mocha"} <= phrases.ends.words
