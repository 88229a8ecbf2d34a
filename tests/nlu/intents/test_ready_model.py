"""A checkpoint with its own head, used as it is by the intent classifier."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from tiny import TinyModels

from convai_rasa.errors import ConfigurationError, ModelCorrupt
from convai_rasa.nlu.encoder import head_labels
from convai_rasa.nlu.encoder.ctranslate import load_tokenizer
from convai_rasa.nlu.intents.classifier import IntentClassifier
from convai_rasa.nlu.intents.ready_model import ReadyIntentModel, int8_will_do

pytestmark = pytest.mark.networks

TEXTS = ["hello there", "book a table", "bye bye", "a table for four please"]
INTENTS = ["greet", "order", "leave", "order"]


@pytest.fixture(scope="module")
def ready_checkpoint(tiny_models: TinyModels) -> Path:
    """A random DistilBERT with a head of three labels, written by transformers itself."""
    return tiny_models("intents")


def probabilities(folder: Path, texts: list[str]) -> np.ndarray:
    import torch
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = load_tokenizer((folder / "tokenizer.json").read_text(), max_length=40)
    with torch.inference_mode():
        logits = [model(input_ids=torch.tensor([tokenizer.encode(text).ids])).logits[0] for text in texts]
        return torch.stack(logits).softmax(dim=1).numpy()


def test_a_head_that_knows_the_intents_is_used_as_it_is(ready_checkpoint: Path, tmp_path: Path) -> None:
    classifier = IntentClassifier()
    classifier.train(TEXTS, INTENTS, base_model=str(ready_checkpoint))
    assert classifier.labels == ("greet", "order", "leave")
    expected = probabilities(ready_checkpoint, TEXTS)
    predictions = classifier.predict(TEXTS)
    for prediction, row in zip(predictions, expected, strict=True):
        found = dict(prediction.ranking)
        np.testing.assert_allclose([found[label] for label in classifier.labels], row, atol=0.05)

    classifier.save(tmp_path / "saved")
    loaded = IntentClassifier(tmp_path / "saved")
    assert loaded.predict(TEXTS) == predictions


def test_asked_to_fine_tune_the_head_is_left_aside(ready_checkpoint: Path) -> None:
    classifier = IntentClassifier()
    classifier.train(TEXTS, INTENTS, base_model=str(ready_checkpoint), strategy="frozen")
    assert classifier.labels == ("greet", "leave", "order")


def test_intents_the_head_does_not_know(ready_checkpoint: Path) -> None:
    texts, intents = [*TEXTS, "thanks"], [*INTENTS, "thank"]
    with pytest.raises(ConfigurationError, match="does not know the intent 'thank'"):
        IntentClassifier().train(texts, intents, base_model=str(ready_checkpoint), strategy="ready")
    classifier = IntentClassifier()
    classifier.train(texts, intents, base_model=str(ready_checkpoint), epochs=1)
    assert "thank" in classifier.labels  # without being asked for, the head is used only where it covers the bot


def test_a_ready_model_cannot_be_trained_further(ready_checkpoint: Path, tmp_path: Path) -> None:
    classifier = IntentClassifier()
    classifier.train(TEXTS, INTENTS, base_model=str(ready_checkpoint))
    classifier.train(TEXTS, INTENTS, incremental=True)
    classifier.save(tmp_path / "saved")
    with pytest.raises(ConfigurationError, match="cannot be trained further"):
        IntentClassifier().train(TEXTS, INTENTS, base_model=str(tmp_path / "saved"), strategy="fine_tune")
    with pytest.raises(ConfigurationError, match="cannot be trained further"):
        classifier.train([*TEXTS, "thanks"], [*INTENTS, "thank"], incremental=True)


def test_a_model_without_a_head_cannot_be_ready(tiny_checkpoint: Path) -> None:
    assert head_labels(tiny_checkpoint) == ()
    with pytest.raises(ModelCorrupt, match="no sequence-classification head"):
        IntentClassifier().train(TEXTS, INTENTS, base_model=str(tiny_checkpoint), strategy="ready")


def test_labels_of_other_kinds_of_heads_are_not_intents(ready_checkpoint: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ready_checkpoint, tmp_path / "copy"))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "problem_type": "multi_label_classification"}))
    assert head_labels(folder) == ()
    (folder / "config.json").write_text(json.dumps({**config, "id2label": ["greet"]}))
    with pytest.raises(ModelCorrupt, match="id2label"):
        head_labels(folder)


def test_int8_is_given_up_when_it_changes_answers(ready_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from convai_rasa.nlu.encoder import sequence_classifier

    exact = sequence_classifier.SequenceClassifier.logits
    made: list[str] = []
    original = sequence_classifier.export_encoder

    def note(*arguments: object, quantization: str) -> None:
        made.append(quantization)
        original(*arguments, quantization=quantization)

    def second_shifted(self: sequence_classifier.SequenceClassifier, texts: list[str]) -> np.ndarray:
        seen.append(self)
        return np.roll(exact(self, texts), 1, axis=1) if len(seen) == 2 else exact(self, texts)

    seen: list[object] = []
    monkeypatch.setattr(sequence_classifier, "export_encoder", note)
    monkeypatch.setattr(sequence_classifier.SequenceClassifier, "logits", second_shifted)
    model = ReadyIntentModel.from_checkpoint(ready_checkpoint, TEXTS, max_length=40)
    assert made == ["float32", "int8"]
    np.testing.assert_allclose(model.confidences(TEXTS), probabilities(ready_checkpoint, TEXTS), atol=1e-4)


def test_one_changed_answer_in_a_hundred_may_be() -> None:
    exact = np.eye(2)[np.zeros(200, dtype=int)]
    changed = exact.copy()
    changed[:2] = [0.0, 1.0]
    assert int8_will_do(exact, changed)
    changed[2] = [0.0, 1.0]
    assert not int8_will_do(exact, changed)
