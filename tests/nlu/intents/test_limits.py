"""Sizes at which the intent classifier must still train, and inputs it must still answer; with the tiny checkpoint."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from convai_rasa.nlu.intents.classifier import IntentClassifier

pytestmark = pytest.mark.networks

SENTENCE = "hello good morning hi friend book table reserve for two four please tonight six bye see you later night"
WORDS = SENTENCE.split()
ONE_PASS = {"epochs": 1, "max_length": 32, "threads": 1, "device": "cpu"}


def sentences(count: int, seed: int = 0) -> list[str]:
    chance = np.random.RandomState(seed)
    return [" ".join(chance.choice(WORDS, size=6)) for _ in range(count)]


def test_ten_thousand_examples_hold_some_back_and_stop(tiny_checkpoint: Path, caplog: pytest.LogCaptureFixture) -> None:
    texts = sentences(10_000)
    labels = ["booking" if "book" in text or "table" in text else "other" for text in texts]
    classifier = IntentClassifier()
    with caplog.at_level(logging.INFO):
        classifier.train(texts, labels, base_model=str(tiny_checkpoint), batch_size=256, **{**ONE_PASS, "epochs": 3})
    assert "Accuracy on the 1000 examples held back" in caplog.text
    unseen = sentences(200, seed=1)
    right = [
        (found.name == "booking") == ("book" in text or "table" in text)
        for found, text in zip(classifier.predict(unseen), unseen)
    ]
    assert np.mean(right) > 0.8


@pytest.mark.parametrize("strategy", ["fine_tune", "frozen"])
def test_five_hundred_intents_of_one_example_each(tiny_checkpoint: Path, strategy: str) -> None:
    texts = list(dict.fromkeys(sentences(520)))[:500]
    labels = [f"intent_{number}" for number in range(500)]
    classifier = IntentClassifier()
    classifier.train(texts, labels, base_model=str(tiny_checkpoint), strategy=strategy, **ONE_PASS)
    (found,) = classifier.predict([texts[123]])
    assert found.name == "intent_123"
    assert len(found.ranking) == 500
    assert sum(confidence for _, confidence in found.ranking) <= 1 + 1e-6


def test_few_examples_are_trained_as_they_are_by_auto(tiny_checkpoint: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        IntentClassifier().train(
            ["hello there", "book a table"],
            ["greet", "order"],
            base_model=str(tiny_checkpoint),
            strategy="auto",
            **ONE_PASS,
        )
    assert "strategy auto: frozen, because there are only 1.0 examples per intent" in caplog.text


@pytest.mark.parametrize(("budget", "chosen"), [(1e-6, "frozen"), (1e6, "fine_tune")])
def test_auto_keeps_to_the_time_budget(
    tiny_checkpoint: Path,
    examples: tuple[list[str], list[str]],
    budget: float,
    chosen: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    classifier = IntentClassifier()
    with caplog.at_level(logging.INFO):
        classifier.train(*examples, base_model=str(tiny_checkpoint), strategy="auto", time_budget_s=budget, **ONE_PASS)
    assert f"strategy auto: {chosen}, because fine-tuning on 17 examples would take about" in caplog.text
    classifier.save(tmp_path)
    assert f'"strategy": "{chosen}"' in (tmp_path / "intent_classifier.json").read_text()


def test_speech_noise_is_learnt_from(tiny_checkpoint: Path, examples: tuple[list[str], list[str]]) -> None:
    texts = [f"{text.capitalize()}!" for text in examples[0]]
    classifier = IntentClassifier()
    classifier.train(
        texts, examples[1], base_model=str(tiny_checkpoint), speech_noise=1.0, strategy="frozen", **ONE_PASS
    )
    assert classifier.predict(["book a table"])[0].name == "order"


def test_an_imbalance_of_hundred_to_one_leaves_the_rare_intent_alive(tiny_checkpoint: Path) -> None:
    texts = [text for text in sentences(400) if "bye" not in text] + ["bye bye", "bye you"]
    labels = ["other"] * (len(texts) - 2) + ["leave"] * 2
    classifier = IntentClassifier()
    options = {**ONE_PASS, "epochs": 3, "learning_rate": 1e-3, "head_learning_rate": 1e-2}
    classifier.train(texts, labels, base_model=str(tiny_checkpoint), **options)
    assert classifier.predict(["bye"])[0].name == "leave"
