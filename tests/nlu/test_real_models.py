"""The three components with the real models: quality on a handful of sentences, and a whole `rasa train`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml

from convai_rasa.nlu import EntityExtractor, IntentClassifier, SentimentAnalyzer
from convai_rasa.store import resolve

pytestmark = pytest.mark.models

INTENTS = {
    "book_table": ["book a table for two", "can I reserve a table tonight", "I need a table for four people at eight"],
    "ask_hours": ["when do you open", "what time do you close on sundays", "are you open tomorrow"],
    "complain": ["the food was cold", "our waiter was very rude", "I am not happy with the service"],
}
CONFIG = """
recipe: default.v1
assistant_id: test
language: en
pipeline:
- name: WhitespaceTokenizer
- name: convai_rasa.nlu.DistilBertIntentClassifier
  threads: 1
- name: convai_rasa.nlu.SpacyModelEntityExtractor
  dimensions: [GPE, CARDINAL]
  map: {GPE: city}
- name: convai_rasa.nlu.HybridSentimentAnalyzer
- name: FallbackClassifier
  threshold: 0.4
policies: []
"""
PARSE = """
import asyncio, json, sys
from rasa.core.agent import Agent
agent = Agent.load(sys.argv[1])
for text in ["could you book me a table in Paris", "the soup was cold, the waiter rude", "who won the football", ""]:
    print("PARSED", json.dumps(asyncio.run(agent.parse_message(text))))
print("MODULES", *({"torch", "transformers"} & set(sys.modules)))
"""


def test_intents_of_three_examples_each() -> None:
    classifier = IntentClassifier()
    pairs = [(text, intent) for intent, texts in INTENTS.items() for text in texts]
    classifier.train([text for text, _ in pairs], [intent for _, intent in pairs], threads=1)
    booking, hours, complaint, elsewhere = classifier.predict(
        ["I'd like a table for three", "opening times please", "this steak is raw and I am angry", "who won the match"]
    )
    assert [booking.name, hours.name, complaint.name] == ["book_table", "ask_hours", "complain"]
    assert min(booking.confidence, hours.confidence) > 0.4 > elsewhere.confidence


@pytest.fixture(scope="module")
def sentiment() -> SentimentAnalyzer:
    return SentimentAnalyzer("nlu/minilm")


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("the food was cold and the waiter was rude", "negative"),
        ("I'd like to book a table for two", "neutral"),
        ("a table for two", "neutral"),
        ("what are your opening hours", "neutral"),
        ("that's lovely, thanks", "positive"),
        ("the pasta was lovely, thank you", "positive"),
        ("we loved the dessert, the staff were wonderful", "positive"),
        # negations that VADER does not see
        ("The soup was cold and nobody cared.", "negative"),
        ("nobody loves this place", "negative"),
        ("nobody enjoys waiting here", "negative"),
        ("no one is happy with this menu", "negative"),
        ("I never liked how they treat me", "negative"),
        ("I have never felt welcome at your desk", "negative"),
        # a demand is not praise
        ("Kindly improve your service", "negative neutral"),
        ("please improve your kitchen", "negative neutral"),
        # complaints without a word of feeling
        ("I have been on hold for an hour", "negative"),
        ("I have been waiting for an hour", "negative"),
        ("we waited an hour", "negative"),
        ("my order never arrived", "negative"),
        ("my parcel never came", "negative"),
        ("the printer jams on every second page", "negative"),
        # irony, and praise without a word of feeling
        ("fantastic, the app crashed again", "negative"),
        ("wow, only fifty minutes for a sandwich", "negative"),
        ("we have already booked again for next year", "positive"),
        # names and idioms
        ("my name is Grace Love", "neutral"),
        ("this is Joy Winter", "neutral"),
        ("my last name is Darling", "neutral"),
        ("somebody dropped the ball on my order", "negative"),
        ("I could kill for a pizza", "positive neutral"),
        ("I'd kill for a burger", "positive neutral"),
        # emoji
        ("the food 🤮", "negative"),
        ("the soup 🤢", "negative"),
        ("your app 👎", "negative"),
        ("the pizza 😍", "positive"),
    ],
)
def test_sentiment_of_what_guests_say(sentiment: SentimentAnalyzer, text: str, labels: str) -> None:
    assert sentiment.analyze(text).label in labels.split()


def test_ordinary_service_talk_is_not_novel_and_other_talk_is(sentiment: SentimentAnalyzer) -> None:
    ordinary = ["we waited an hour for the food", "my order never arrived", "can I have the bill", "the staff was nice"]
    other = ["the senate passed the tariff bill", "photosynthesis takes place in the leaves of green plants"]
    assert max(result.novelty for result in sentiment.analyze(ordinary)) < 0.5
    assert min(result.novelty for result in sentiment.analyze(other)) > 0.5


def test_entities_of_the_english_pipeline() -> None:
    found = EntityExtractor(mapping={"GPE": "city"}).extract("A table for four in London tomorrow at 7 pm")
    assert {"four": "CARDINAL", "London": "city"}.items() <= {entity.text: entity.label for entity in found}.items()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "data").mkdir()
    (folder / "config.yml").write_text(CONFIG)
    (folder / "domain.yml").write_text(
        f"version: '3.1'\nintents: {json.dumps([*INTENTS])}\nentities: [city, sentiment, CARDINAL]\n"
    )
    examples = {intent: "".join(f"- {text}\n" for text in texts) for intent, texts in INTENTS.items()}
    nlu = [{"intent": intent, "examples": block} for intent, block in examples.items()]
    (folder / "data" / "nlu.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}))
    rasa(folder, "train", "nlu", "--fixed-model-name", "first")
    return folder


def rasa(folder: Path, *arguments: str) -> str:
    return run(folder, "-m", "rasa", *arguments)


def run(folder: Path, *arguments: str) -> str:
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
    environment = {**os.environ, **quiet, "CONVAI_MODELS_DIR": str(resolve("nlu/minilm").parent.parent)}
    command = [sys.executable, "-W", "ignore", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_trained_bot_understands_and_serves_without_torch(project: Path) -> None:
    output = run(project, "-c", PARSE, "models/first.tar.gz").splitlines()
    booking, complaint, elsewhere, empty = (
        json.loads(line.removeprefix("PARSED ")) for line in output if line.startswith("PARSED ")
    )
    assert booking["intent"]["name"] == "book_table"
    assert [(entity["entity"], entity["value"]) for entity in booking["entities"][:-1]] == [("city", "Paris")]
    assert complaint["intent"]["name"] == "complain"
    assert complaint["sentiment"]["label"] == "negative"
    assert complaint["entities"][-1]["value"] == "negative"
    assert elsewhere["intent"]["name"] == "nlu_fallback"
    assert empty["intent"]["name"] == "nlu_fallback"
    assert [line for line in output if line.startswith("MODULES")] == ["MODULES"]


def test_rasa_test_nlu_runs_and_scores_intents_alone(project: Path) -> None:
    rasa(project, "test", "nlu", "--model", "models/first.tar.gz")
    report = json.loads((project / "results" / "intent_report.json").read_text())
    assert report["accuracy"] == 1.0
    assert not list((project / "results").glob("*Spacy*"))
    assert not list((project / "results").glob("*Sentiment*"))


def stored_files(archive: Path) -> dict[str, bytes]:
    """What the intent classifier keeps in a trained archive, by file name."""
    with tarfile.open(archive) as tar:
        members = [member for member in tar if member.isfile() and "DistilBertIntentClassifier" in member.name]
        return {Path(member.name).name: tar.extractfile(member).read() for member in members}  # type: ignore[union-attr]


def test_rasa_train_finetunes_the_stored_model(project: Path) -> None:
    arguments = ["train", "nlu", "--finetune", "models/first.tar.gz", "--epoch-fraction", "0.5"]
    rasa(project, *arguments, "--fixed-model-name", "second")
    first, second = (stored_files(project / "models" / f"{name}.tar.gz") for name in ("first", "second"))
    assert first.keys() == second.keys()
    assert first["phrases.json"] == second["phrases.json"]
    assert any(first[name] != second[name] for name in first), "nothing was trained any further"
