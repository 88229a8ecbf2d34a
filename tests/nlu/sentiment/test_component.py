"""``train_from``: the Rasa component fitted on a user's file, stored in the archive and loaded from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.data import TrainingType
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.nlu import HybridSentimentAnalyzer, SentimentAnalyzer
from convai_rasa.nlu.component import NLUComponentError
from convai_rasa.nlu.sentiment.labeled_texts import read_examples

pytestmark = pytest.mark.rasa

RESOURCE = Resource("sentiment")
CONTEXT = ExecutionContext(GraphSchema({}))
EXAMPLES = "text,label\nhello my friend,positive\nbook a table,neutral\ngoodbye now,negative\ngood morning,positive\n"


@pytest.fixture
def config(tiny_checkpoint: Path, tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "examples.csv"
    path.write_text(EXAMPLES)
    return {
        **HybridSentimentAnalyzer.get_default_config(),
        "model": str(tiny_checkpoint),
        "train_from": str(path),
    }


def train(config: dict[str, Any], storage: LocalModelStorage) -> None:
    component = HybridSentimentAnalyzer.create(config, storage, RESOURCE, CONTEXT)
    assert component.train(TrainingData()) == RESOURCE


def sentiment(config: dict[str, Any], storage: LocalModelStorage, text: str) -> Any:
    component = HybridSentimentAnalyzer.load(config, storage, RESOURCE, CONTEXT)
    (message,) = component.process([Message(data={"text": text})])
    return message.get("sentiment")


def test_the_archive_needs_neither_the_model_nor_the_file(config: dict[str, Any], storage: LocalModelStorage) -> None:
    train(config, storage)
    expected = SentimentAnalyzer(config["model"], trained=False)
    expected.train(*read_examples(Path(config["train_from"])))
    found = sentiment({**config, "model": "/gone", "train_from": "/gone"}, storage, "hello my friend")
    assert found["score"] == expected.analyze("hello my friend").score
    assert found["label"] == "positive"


def test_without_a_file_nothing_is_trained_and_the_model_is_used(
    config: dict[str, Any], storage: LocalModelStorage, tmp_path: Path
) -> None:
    analyzer = SentimentAnalyzer(config["model"], trained=False)
    analyzer.train(*read_examples(Path(config["train_from"])))
    analyzer.save(tmp_path / "saved")
    plain = {**config, "train_from": None, "model": str(tmp_path / "saved")}
    train(plain, storage)
    assert sentiment(plain, storage, "goodbye now")["score"] == analyzer.analyze("goodbye now").score


def test_a_bad_file_is_one_sentence(config: dict[str, Any], storage: LocalModelStorage) -> None:
    Path(config["train_from"]).write_text(EXAMPLES + "hm,angry\n")
    with pytest.raises(NLUComponentError, match=r"examples\.csv, line 6: 'angry' is not a sentiment"):
        train(config, storage)
    for use in (HybridSentimentAnalyzer.fingerprint_addon, lambda config: train(config, storage)):
        with pytest.raises(NLUComponentError, match=r"gone\.csv cannot be read"):
            use({**config, "train_from": "gone.csv"})


def test_the_fingerprint_follows_the_file_and_the_model(config: dict[str, Any], tmp_path: Path) -> None:
    addon = HybridSentimentAnalyzer.fingerprint_addon
    before = addon(config)
    assert before == addon(dict(config))
    (tmp_path / "config.json").write_text("{}")
    assert before != addon({**config, "model": str(tmp_path)})
    Path(config["train_from"]).write_text(EXAMPLES + "bye bye,negative\n")
    assert before != addon(config)
    assert addon({**config, "train_from": None}) is None
    assert addon({"output": 1}) is None


def test_rasa_does_not_run_it_over_the_training_examples() -> None:
    config = {
        "recipe": "default.v1",
        "language": "en",
        "pipeline": [{"name": "WhitespaceTokenizer"}, {"name": "convai_rasa.nlu.HybridSentimentAnalyzer"}],
        "policies": [],
    }
    graph = DefaultV1Recipe().graph_config_for_recipe(config, {}, TrainingType.NLU, False)
    ours = [name for name, node in graph.train_schema.nodes.items() if node.uses is HybridSentimentAnalyzer]
    assert ours == ["train_convai_rasa.nlu.HybridSentimentAnalyzer1"]
