"""The Rasa halves, with tiny models and Rasa's own storage, training data and messages."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema, SchemaNode
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.graph_components.providers.nlu_training_data_provider import NLUTrainingDataProvider
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.nlu import (
    DistilBertIntentClassifier,
    HybridSentimentAnalyzer,
    SentimentAnalyzer,
    SpacyModelEntityExtractor,
)
from convai_rasa.nlu.component import NLUComponentError

pytestmark = pytest.mark.rasa

Examples = tuple[list[str], list[str]]
RESOURCE = Resource("intents")


@pytest.fixture
def config(tiny_checkpoint: Path) -> dict[str, Any]:
    given = {"model": str(tiny_checkpoint), "epochs": 12, "learning_rate": 1e-3, "head_learning_rate": 1e-2}
    return {**DistilBertIntentClassifier.get_default_config(), **given, "max_length": 32, "threads": 1}


def context(*, finetuning: bool = False) -> ExecutionContext:
    return ExecutionContext(GraphSchema({}), is_finetuning=finetuning)


def training_data(examples: Examples) -> TrainingData:
    return TrainingData([Message.build(text, intent) for text, intent in zip(*examples)])


def train(config: dict[str, Any], storage: LocalModelStorage, examples: Examples) -> None:
    component = DistilBertIntentClassifier.create(config, storage, RESOURCE, context())
    assert component.train(training_data(examples)) == RESOURCE


def process(component: Any, text: str) -> dict[str, Any]:
    (message,) = component.process([Message(data={"text": text})])
    return dict(message.as_dict(only_output_properties=True))


def test_trained_stored_and_loaded_it_sets_intent_and_ranking(
    config: dict[str, Any], storage: LocalModelStorage, examples: Examples
) -> None:
    train(config, storage, examples)
    component = DistilBertIntentClassifier.load(config, storage, RESOURCE, context())
    parsed = process(component, "book a table")
    assert parsed["intent"]["name"] == "order"
    assert type(parsed["intent"]["confidence"]) is float
    assert len(parsed["intent_ranking"]) == 3
    assert parsed["intent_ranking"][0] == parsed["intent"]
    json.dumps(parsed)
    assert process(component, "")["intent"] == {"name": None, "confidence": 0.0}


def test_the_archive_carries_the_training_sentences_without_markup(
    config: dict[str, Any], storage: LocalModelStorage
) -> None:
    texts = [f"table number {number}" for number in range(2500)] + ["hello"]
    labels = ["order"] * 2500 + ["greet"]
    train({**config, "strategy": "frozen"}, storage, (texts, labels))
    with storage.read_from(RESOURCE) as folder:
        phrases = json.loads((folder / "phrases.json").read_text())
    assert len(phrases) == 2000
    assert phrases[0] == "table number 0"
    assert set(phrases) <= set(texts)


def test_the_archive_keeps_the_first_examples_of_each_intent(
    config: dict[str, Any], storage: LocalModelStorage
) -> None:
    texts = [f"table number {number}" for number in range(20)] + ["hello", " hello", "good morning"]
    labels = ["order"] * 20 + ["greet"] * 3
    train({**config, "strategy": "frozen"}, storage, (texts, labels))
    with storage.read_from(RESOURCE) as folder:
        kept = json.loads((folder / "intent_examples.json").read_text())
    assert kept["order"] == {"count": 20, "first": texts[:12]}
    assert kept["greet"] == {"count": 3, "first": ["hello", "good morning"]}


def test_the_base_model_is_not_needed_to_load(
    config: dict[str, Any], storage: LocalModelStorage, examples: Examples
) -> None:
    train(config, storage, examples)
    component = DistilBertIntentClassifier.load({**config, "model": "/gone"}, storage, RESOURCE, context())
    assert process(component, "bye bye")["intent"]["name"] == "leave"


def test_finetuning_goes_on_from_the_stored_model(
    config: dict[str, Any], storage: LocalModelStorage, examples: Examples, tmp_path: Path
) -> None:
    train(config, storage, examples)
    further = {**config, "epochs": 2, "model": "/gone", "finetuning_epoch_fraction": 0.2}
    component = DistilBertIntentClassifier.load(further, storage, RESOURCE, context(finetuning=True))
    texts, labels = examples
    component.train(training_data(([*texts, "one more table"], [*labels, "order"])))
    loaded = DistilBertIntentClassifier.load(further, storage, RESOURCE, context())
    assert process(loaded, "hello there")["intent"]["name"] == "greet"


def test_emoji_are_named_in_the_language_of_the_config(config: dict[str, Any], storage: LocalModelStorage) -> None:
    reader = SchemaNode({}, NLUTrainingDataProvider, "create", "provide", {"language": "de"})
    german = ExecutionContext(GraphSchema({"nlu_training_data_provider": reader}))
    frozen = {**config, "strategy": "frozen"}
    component = DistilBertIntentClassifier.create(frozen, storage, RESOURCE, german)
    component.train(training_data((["👍", "👍👍", "👎", "👎👎"], ["affirm", "affirm", "deny", "deny"])))
    with storage.read_from(RESOURCE) as folder:
        assert json.loads((folder / "intent_classifier.json").read_text())["symbols"] == "de"
        assert "👍" in json.loads((folder / "phrases.json").read_text())  # the message itself stays as it was
    loaded = DistilBertIntentClassifier.load(frozen, storage, RESOURCE, context())
    assert [process(loaded, text)["intent"]["name"] for text in ("👍🏿", "👎")] == ["affirm", "deny"]


def test_a_language_that_the_encoder_does_not_know_is_refused_in_one_sentence(
    config: dict[str, Any], storage: LocalModelStorage
) -> None:
    with pytest.raises(NLUComponentError, match=r"does not know the language of this bot's examples: .*; set its"):
        train(config, storage, (["你好", "再见", "谢谢"], ["greet", "leave", "thank"]))
    train(
        {**config, "any_language": True, "epochs": 1}, storage, (["你好", "再见", "谢谢"], ["greet", "leave", "thank"])
    )


@pytest.mark.parametrize("labels", [[], ["greet", "greet"]])
def test_too_few_intents_train_nothing_and_say_so(
    config: dict[str, Any], storage: LocalModelStorage, labels: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        train(config, storage, (["hello", "hi"][: len(labels)], labels))
    assert f"examples of {len(set(labels))} intent(s)" in caplog.text
    component = DistilBertIntentClassifier.load(config, storage, RESOURCE, context())
    assert process(component, "hello") == {
        "text": "hello",
        "intent": {"name": None, "confidence": 0.0},
        "intent_ranking": [],
    }


def test_the_fingerprint_follows_the_base_model(config: dict[str, Any], tmp_path: Path) -> None:
    before = DistilBertIntentClassifier.fingerprint_addon(config)
    assert before == DistilBertIntentClassifier.fingerprint_addon(dict(config))
    (tmp_path / "config.json").write_text("{}")
    assert before != DistilBertIntentClassifier.fingerprint_addon({**config, "model": str(tmp_path)})
    assert DistilBertIntentClassifier.fingerprint_addon({"output": 1}) is None


@pytest.mark.parametrize(
    ("component", "given", "message"),
    [
        (DistilBertIntentClassifier, {"epoch": 3}, r"DistilBertIntentClassifier: unknown key 'epoch'.*'epochs'"),
        (DistilBertIntentClassifier, {"batch_size": 0}, "batch_size"),
        (SpacyModelEntityExtractor, {"dimension": ["GPE"]}, "did you mean 'dimensions'"),
        (HybridSentimentAnalyzer, {"entity_labels": ["angry"]}, "entity_labels"),
    ],
)
def test_wrong_keys_stop_rasa_with_one_sentence(
    component: Any, given: dict[str, Any], message: str, storage: LocalModelStorage
) -> None:
    with pytest.raises(NLUComponentError, match=message):
        component.create({**component.get_default_config(), **given}, storage, RESOURCE, context())


def test_a_model_that_is_not_installed_stops_rasa_with_one_sentence(
    storage: LocalModelStorage, config: dict[str, Any]
) -> None:
    with pytest.raises(NLUComponentError, match="nlu/nonsense"):
        DistilBertIntentClassifier.fingerprint_addon({**config, "model": "nlu/nonsense"})
    with pytest.raises(NLUComponentError, match="spacy/nonsense"):
        SpacyModelEntityExtractor.load({"model": "spacy/nonsense"}, storage, RESOURCE, context())


def test_entities_are_added_to_those_of_other_extractors(tiny_pipeline: Path, storage: LocalModelStorage) -> None:
    given = {"model": str(tiny_pipeline), "dimensions": ["GPE"], "map": {"GPE": "city"}}
    component = SpacyModelEntityExtractor.load(given, storage, RESOURCE, context())
    first = {"entity": "size", "value": "a", "start": 0, "end": 1, "extractor": "Other"}
    messages = [Message(data={"text": "a flight to Paris", "entities": [first]}), Message(data={"text": None})]
    flight, silent = component.process(messages)
    kept, city = flight.get("entities")
    assert kept == first
    assert 0.5 < city.pop("confidence_entity") <= 1
    name = "SpacyModelEntityExtractor.pretrained"
    assert city == {"entity": "city", "start": 12, "end": 17, "value": "Paris", "extractor": name}
    assert silent.get("entities") == []


def test_sentiment_is_on_the_message_and_an_entity(
    tiny_checkpoint: Path, storage: LocalModelStorage, tmp_path: Path
) -> None:
    analyzer = SentimentAnalyzer(tiny_checkpoint, trained=False)
    analyzer.train(["hello there", "book a table", "bye bye"] * 3, ["positive", "neutral", "negative"] * 3)
    analyzer.save(tmp_path / "analyzer")
    given = {"model": str(tmp_path / "analyzer")}
    component = HybridSentimentAnalyzer.load(given, storage, RESOURCE, context())
    parsed = process(component, "bye bye")
    label = parsed["sentiment"]["label"]
    assert set(parsed["sentiment"]) == {"label", "score", "vader", "bert", "novelty"}
    assert parsed["entities"] == [
        {"entity": "sentiment", "value": label, "start": 0, "end": 7, "extractor": "HybridSentimentAnalyzer"}
    ]
    json.dumps(parsed)
    quiet = HybridSentimentAnalyzer.load({**given, "entity_labels": []}, storage, RESOURCE, context())
    assert "entities" not in process(quiet, "bye bye")
    assert "sentiment" not in process(component, "")


def test_rasa_test_does_not_score_what_was_not_trained_on_the_bot() -> None:
    from rasa.nlu.test import PRETRAINED_EXTRACTORS

    assert {"SpacyModelEntityExtractor.pretrained", "HybridSentimentAnalyzer"} <= PRETRAINED_EXTRACTORS
    assert "SpacyModelEntityExtractor" not in PRETRAINED_EXTRACTORS


def test_the_room_is_imported_without_rasa_torch_or_numpy() -> None:
    code = "import sys, convai_rasa.nlu; print(*{'rasa', 'torch', 'numpy', 'spacy'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""
