"""Another version of a model trains again what depends on it and nothing else, and a trained archive keeps its own."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any, Callable, Iterator

import numpy as np
import pytest
import yaml
from rasa_process import RasaProcess
from safetensors.numpy import load_file, save_file

from convai_rasa import cli
from convai_rasa.nlu import IntentClassifier

pytestmark = [pytest.mark.e2e, pytest.mark.processes]

CONFIG = """
recipe: default.v1
assistant_id: test
language: en
pipeline:
- name: convai_rasa.nlu.DistilBertIntentClassifier
  model: nlu/encoder
  strategy: frozen
  threads: 1
- name: convai_rasa.nlu.SpacyModelEntityExtractor
  model: spacy/pipeline
  train: true
  epochs: 2
- name: convai_rasa.nlu.HybridSentimentAnalyzer
  model: nlu/moods
  train_from: moods.jsonl
policies: []
"""
ALL = {"DistilBertIntentClassifier", "SpacyModelEntityExtractor", "HybridSentimentAnalyzer"}


def changed(checkpoint: Path, into: Path) -> Path:
    """Write the same checkpoint with other weights."""
    shutil.copytree(checkpoint, into)
    weights = load_file(into / "model.safetensors")
    flipped = {name: np.ascontiguousarray(weight[..., ::-1]) for name, weight in weights.items()}
    save_file(flipped, into / "model.safetensors", metadata={"format": "pt"})
    return into


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, tiny_checkpoint: Path, tiny_pipeline: Path, examples: Any
) -> Path:
    """A bot whose three components use models of the tree, of two versions each; the first is current."""
    folder = tmp_path_factory.mktemp("bot")
    another = changed(tiny_checkpoint, folder / "another")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("CONVAI_MODELS_DIR", raising=False)
        for source in (tiny_checkpoint, another):
            assert cli.main(["models", "publish", str(source), "nlu/encoder"]) == 0
            assert cli.main(["models", "publish", str(source), "nlu/moods"]) == 0
        assert cli.main(["models", "publish", str(tiny_pipeline), "spacy/pipeline"]) == 0
    texts: dict[str, list[str]] = {}
    for text, intent in zip(*examples):
        texts.setdefault(intent, []).append(text)
    texts["order"].append("a table in [Rome](town)")
    nlu = [{"intent": intent, "examples": "".join(f"- {t}\n" for t in each)} for intent, each in texts.items()]
    (folder / "data").mkdir()
    (folder / "data/nlu.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}))
    (folder / "domain.yml").write_text(f"version: '3.1'\nintents: {json.dumps([*texts])}\nentities: [town]\n")
    moods = [("hello my friend", "positive"), ("book a table", "neutral"), ("goodbye now", "negative")]
    lines = [json.dumps({"text": text, "label": label}) for text, label in moods]
    (folder / "moods.jsonl").write_text("\n".join(lines))
    (folder / "config.yml").write_text(CONFIG)
    return folder


@pytest.fixture
def models(project: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs ``convai models`` in the bot's folder."""
    monkeypatch.chdir(project)
    monkeypatch.delenv("CONVAI_MODELS_DIR", raising=False)

    def run(*words: str) -> None:
        assert cli.main(["models", *words]) == 0

    return run


@pytest.fixture(scope="module")
def rasa() -> Iterator[RasaProcess]:
    """Rasa, to which an archive that is gone from the disk is gone."""
    with RasaProcess(fresh=True) as process:
        yield process


def train(rasa: RasaProcess, folder: Path, name: str) -> tuple[set[str], set[str]]:
    """Train a bot; returns which of our components Rasa trained and which it took from its cache."""
    output = rasa.run(folder, "train", "nlu", "--fixed-model-name", name)
    trained = set(re.findall(r"Starting to train component '(\w+)'", output)) & ALL
    restored = set(re.findall(r"Restored component '(\w+)' from cache", output)) & ALL
    return trained, restored


def parse(rasa: RasaProcess, folder: Path, name: str) -> list[Any]:
    return rasa.parse(folder, folder / "models" / f"{name}.tar.gz", "good morning", "a table for six in Rome")


def test_another_version_trains_again_exactly_what_depends_on_it(
    rasa: RasaProcess, project: Path, models: Callable[..., None]
) -> None:
    assert train(rasa, project, "first") == (ALL, set())
    answers = parse(rasa, project, "first")
    models("pin", "nlu/encoder@v2.0")
    assert train(rasa, project, "second") == ({"DistilBertIntentClassifier"}, ALL - {"DistilBertIntentClassifier"})
    models("pin", "nlu/moods@latest")
    assert train(rasa, project, "third") == ({"HybridSentimentAnalyzer"}, ALL - {"HybridSentimentAnalyzer"})

    # The first archive answers to the last digit as it did, whatever is current: its encoders and heads are its own.
    assert parse(rasa, project, "first") == answers
    third = parse(rasa, project, "third")
    assert third != answers
    shutil.rmtree(project / "models/nlu/v2.0")
    assert parse(rasa, project, "third") == third

    models("pin", "nlu/encoder@v1.0")
    models("pin", "nlu/moods@v1.0")
    assert train(rasa, project, "fourth") == (set(), ALL)  # what was trained on these versions is still in Rasa's cache
    assert parse(rasa, project, "fourth") == answers


def test_a_bots_classifier_is_published_and_gone_on_from(
    rasa: RasaProcess, project: Path, models: Callable[..., None]
) -> None:
    if not (project / "models/first.tar.gz").is_file():
        train(rasa, project, "first")
    rasa.run(project, "test", "nlu", "--model", "models/first.tar.gz")
    models(
        *("publish", "models/first.tar.gz", "nlu/intent_classifier", "--pin"),
        *("--metrics", "results/intent_report.json", "--data", "data/nlu.yml"),
    )
    published = IntentClassifier(project / "models/nlu/current/intent_classifier")
    texts = ["good morning", "a table for six", "bye bye"]
    assert published.predict(texts) == IntentClassifier(project / "models/first.tar.gz").predict(texts)
    further = IntentClassifier()
    thanks = ["thank you", "thanks a lot", "many thanks"]
    further.train(
        [*texts, *thanks],
        ["greet", "order", "leave", *["thank"] * 3],
        base_model="nlu/intent_classifier@v1.0",
        threads=1,
    )
    assert further.labels == ("greet", "leave", "order", "thank")
