"""What Rasa itself thinks of the bot: its data are valid, and its own tests pass."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

BOT = Path(__file__).parents[2] / "bot"


def rasa(*arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "convai_rasa.quiet", "rasa", *arguments],
        cwd=BOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    return run.stdout + run.stderr


def test_the_data_are_valid_without_a_warning() -> None:
    rasa("data", "validate", "--fail-on-warnings")


def test_every_story_goes_as_it_is_written(tmp_path: Path) -> None:
    rasa("test", "core", "--stories", "tests/test_stories.yml", "--fail-on-prediction-errors", "--out", str(tmp_path))
    report = json.loads((tmp_path / "story_report.json").read_text())
    assert report["conversation_accuracy"]["accuracy"] == 1.0


def test_sentences_it_was_not_trained_on_are_understood(tmp_path: Path) -> None:
    rasa("test", "nlu", "--nlu", "tests/test_nlu.yml", "--no-plot", "--out", str(tmp_path))
    report = json.loads((tmp_path / "intent_report.json").read_text())
    assert report["accuracy"] >= 0.95
