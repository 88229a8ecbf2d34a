"""The phases of a quiet training, from the log records that Rasa and the components write."""

from __future__ import annotations

import logging

import pytest

from convai_rasa.phases import shown


def test_each_phase_of_rasa_and_of_the_components_has_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    hooks, ours = logging.getLogger("rasa.engine.training.hooks"), logging.getLogger("convai_rasa.nlu.intents.training")
    with shown():
        logging.getLogger("rasa.cli.train").info("Started validating domain and training data...")
        hooks.info("Starting to train component 'TEDPolicy'.")
        hooks.info("Finished training component 'TEDPolicy'.")
        hooks.info("Restored component 'RulePolicy' from cache.")
        hooks.info("Starting to train component 'DistilBertIntentClassifier'.")
        ours.info("Embedding %d examples.", 12)
        ours.warning("shown by Rasa's own handler")
    hooks.info("Starting to train component 'Later'.")
    assert capsys.readouterr().err.splitlines() == [
        "Starting Rasa …",
        "Checking the domain and the training data …",
        "Training TEDPolicy …",
        "RulePolicy: nothing changed, taken from the last training",
        "Training DistilBertIntentClassifier …",
        "  Embedding 12 examples.",
    ]


def test_a_terminal_sees_how_long_it_has_taken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter([0.0, 0.0, 7.0, 7.0, 9.0, 9.0])
    monkeypatch.setattr("convai_rasa.phases.time.monotonic", lambda: next(now))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with shown():
        logging.getLogger("rasa.engine.training.hooks").info("Starting to train component 'TEDPolicy'.")
    lines = [line.split("\r")[-1] for line in capsys.readouterr().err.splitlines()]
    assert [line for line in lines if line.endswith(" s")] == ["Starting Rasa: 7 s", "Training TEDPolicy: 2 s"]
