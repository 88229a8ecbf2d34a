"""Where torch and transformers are not installed: training, serving and what is said about it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from convai_rasa.errors import MissingExtra
from convai_rasa.nlu import IntentClassifier
from convai_rasa.nlu.intents.classifier import DistilBertIntentClassifier

pytestmark = pytest.mark.rasa

Examples = tuple[list[str], list[str]]


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)


def strategy_of(classifier: IntentClassifier, folder: Path) -> str:
    classifier.save(folder)
    return str(json.loads((folder / "intent_classifier.json").read_text())["strategy"])


@pytest.mark.usefixtures("no_torch")
@pytest.mark.parametrize("strategy", [None, "auto"])
def test_frozen_is_chosen_and_one_line_says_why_and_how_to_have_more(
    tiny_checkpoint: Path, examples: Examples, tmp_path: Path, caplog: pytest.LogCaptureFixture, strategy: str | None
) -> None:
    caplog.set_level(logging.INFO, "convai_rasa.nlu")
    classifier = IntentClassifier()
    classifier.train(*examples, base_model=str(tiny_checkpoint), strategy=strategy)
    assert strategy_of(classifier, tmp_path) == "frozen"
    (line,) = [record.getMessage() for record in caplog.records if "torch" in record.getMessage()]
    assert "more accurate" in line
    assert line.endswith("pip install 'convai-rasa[rasa,train]'")


@pytest.mark.usefixtures("no_torch")
def test_fine_tuning_is_refused_with_the_remedy(tiny_checkpoint: Path, examples: Examples) -> None:
    with pytest.raises(MissingExtra, match=r"^strategy fine_tune needs torch.*\[rasa,train\].*strategy: frozen\.$"):
        IntentClassifier().train(*examples, base_model=str(tiny_checkpoint), strategy="fine_tune")


def test_a_fine_tuned_model_is_used_but_not_gone_on_from(
    tiny_checkpoint: Path, examples: Examples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = IntentClassifier()
    trained.train(*examples, base_model=str(tiny_checkpoint), strategy="fine_tune", epochs=1, threads=1)
    trained.save(tmp_path)
    monkeypatch.setitem(sys.modules, "torch", None)
    classifier = IntentClassifier(tmp_path, trainable=True)
    assert classifier.predict([examples[0][0]])[0].name
    with pytest.raises(MissingExtra, match=r"^The model to continue from was fine-tuned, which needs torch"):
        classifier.train(*examples, incremental=True)


def test_rasa_trains_again_once_torch_is_installed(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_torch = DistilBertIntentClassifier.fingerprint_addon({"model": str(tiny_checkpoint)})
    monkeypatch.setitem(sys.modules, "torch", None)
    assert DistilBertIntentClassifier.fingerprint_addon({"model": str(tiny_checkpoint)}) != with_torch


@pytest.mark.processes
def test_training_and_understanding_import_neither(
    tiny_checkpoint: Path, tiny_pipeline: Path, examples: Examples, tmp_path: Path
) -> None:
    """Both are installed here and are not to be asked for: a process in which importing them fails."""
    given = json.dumps([str(tiny_checkpoint), str(tiny_pipeline), examples, str(tmp_path / "saved")])
    code = """
import json, sys
sys.modules.update(dict.fromkeys(["torch", "transformers", "TTS"]))
checkpoint, pipeline, (texts, intents), saved = json.loads(sys.argv[1])
from convai_rasa.nlu import EntityExtractor, IntentClassifier, SentimentAnalyzer
classifier = IntentClassifier()
classifier.train(texts, intents, base_model=checkpoint)
classifier.save(saved)
print(IntentClassifier(saved).predict(["hello there"])[0].name)
analyzer = SentimentAnalyzer(checkpoint, trained=False)
analyzer.train([*texts, "awful food", "lovely food"], ["neutral"] * len(texts) + ["negative", "positive"])
print(analyzer.analyze("lovely food").label)
print(EntityExtractor(pipeline, ["GPE", "PERSON"]).extract("a flight to Paris for Anna")[0].value)
"""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, given], capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stdout.splitlines()[-3] == "greet"
