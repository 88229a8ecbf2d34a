"""Real trainings of small pipelines, which take seconds; the first comparison is shared."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from convai_rasa.cli import main
from convai_rasa.project.change import fallback_threshold
from convai_rasa.project.compare.trial import Bench, Candidate
from convai_rasa.project.project_files import Project
from convai_rasa.project.training_data import read_project
from convai_rasa.store import resolve

pytestmark = [pytest.mark.e2e, pytest.mark.processes]

PROJECT = Path(__file__).parents[1] / "projects" / "bank"
LETTER_GROUPS = """
- name: CountVectorsFeaturizer
  analyzer: char_wb
  min_ngram: 1
  max_ngram: 4
"""
LETTERS = """
- name: CountVectorsFeaturizer
  analyzer: char
  min_ngram: 1
  max_ngram: 1
"""
CONFIG = """recipe: default.v1
language: en
pipeline:
- name: WhitespaceTokenizer{featurizer}- name: LogisticRegressionClassifier
- name: RegexEntityExtractor
- name: FallbackClassifier
  threshold: 0.05
  ambiguity_threshold: 0.0
"""


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a config that is good and one that only counts letters."""
    folder = Path(shutil.copytree(PROJECT, tmp_path_factory.mktemp("projects") / "bank"))
    (folder / "good.yml").write_text(CONFIG.format(featurizer=LETTER_GROUPS), encoding="utf-8")
    (folder / "bad.yml").write_text(CONFIG.format(featurizer=LETTERS), encoding="utf-8")
    (folder / "not-for-us.txt").write_text("will it rain tomorrow\n\nwho wrote Hamlet\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def compared(bank: Path) -> tuple[str, dict[str, Any]]:
    """What `convai compare` prints, and its last line read as JSON."""
    files = sorted(path.relative_to(bank) for path in bank.rglob("*"))
    command = [
        sys.executable,
        "-m",
        "convai_rasa.cli",
        "compare",
        "good.yml",
        "bad.yml",
        "--json",
        "--html",
        "page.html",
    ]
    options = ["--split", "0.5", "--minutes", "15", "--out-of-scope", "not-for-us.txt"]
    done = subprocess.run([*command, *options], cwd=bank, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    left = {path.relative_to(bank) for path in bank.rglob("*")} - {*files, Path("page.html")}
    assert not left, "nothing is left in the project"
    return done.stdout, json.loads(done.stdout.splitlines()[-1])


def test_what_is_worse_is_found_and_advised_against(compared: tuple[str, dict[str, Any]], bank: Path) -> None:
    text, found = compared
    assert found["rounds"] == 2
    assert found["before"]["intent_accuracy"] > found["after"]["intent_accuracy"] + 0.1
    assert found["recommended"] is False
    assert "bad.yml is not recommended" in text
    assert len(found["worse"]) > len(found["better"])
    assert "not recommended" in (bank / "page.html").read_text(encoding="utf-8")


def test_costs_are_those_of_the_pipelines_own_processes(compared: tuple[str, dict[str, Any]]) -> None:
    for side in (compared[1]["before"], compared[1]["after"]):
        assert 0 < side["train_cpu_s"] < 120
        assert 0 < side["parse_cpu_ms"] < 1000
        assert 50 < side["peak_mb"] < 4000


def test_entities_and_messages_out_of_scope_are_counted(compared: tuple[str, dict[str, Any]]) -> None:
    before = compared[1]["before"]
    assert {"account", "city"} <= before["entity_f1_by_type"].keys()
    assert before["out_of_scope_caught"] is not None


def test_a_config_that_does_not_train_is_named_with_the_reason(bank: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = CONFIG.format(featurizer=LETTERS).replace("LogisticRegressionClassifier", "LogisticRegresionClassifier")
    (bank / "broken.yml").write_text(broken, encoding="utf-8")
    assert main(["compare", str(bank / "broken.yml"), str(bank / "good.yml"), str(bank)]) == 1
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("convai: broken.yml does not train: ")
    assert "LogisticRegresionClassifier" in said


def test_a_flatter_classifier_gets_a_lower_threshold(bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fallback_threshold, "_ENOUGH_ASKED", 20)  # one round is enough to see that it works
    monkeypatch.setattr(fallback_threshold, "_FEWEST_ASKED", 20)
    nlu = read_project(Project.at(bank, config=bank / "good.yml")).nlu
    sure = (bank / "good.yml").read_text(encoding="utf-8").replace("0.05", "0.3")
    flat = sure.replace("LogisticRegressionClassifier", "LogisticRegressionClassifier\n  max_iter: 3")
    old, new = Candidate("old pipeline", sure, bank), Candidate("new pipeline", flat, bank)
    written = {"threshold": 0.3, "ambiguity_threshold": 0.0}
    fitting = fallback_threshold.fitting_threshold(old, new, nlu, written=written, minutes=10)
    assert fitting.settings["threshold"] < 0.3
    assert f"threshold {fitting.settings['threshold']:g}" in fitting.note


def test_ctrl_c_leaves_nothing_behind(bank: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "convai_rasa.cli", "compare", "good.yml", "bad.yml"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    running = subprocess.Popen(command, cwd=bank, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        children = _wait_for_training(running, tmp_path)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
    finally:
        running.kill()
    assert not [*tmp_path.glob("convai-compare-*")]
    assert not [child for child in children if Path(f"/proc/{child}").exists()]


def _wait_for_training(running: subprocess.Popen[bytes], tmp_path: Path) -> list[int]:
    """Wait until a training runs; returns the processes that do it."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and running.poll() is None:
        listed = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text(encoding="ascii").split()
        if listed and [*tmp_path.glob("convai-compare-*/*/train.log")]:
            return [*map(int, listed)]
        time.sleep(0.1)
    raise AssertionError("no training began")


@pytest.mark.models
def test_what_an_extractor_found_before_the_package_was_added_it_finds_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVAI_MODELS_DIR", str(resolve("nlu/minilm").parents[1]))
    folder = Path(shutil.copytree(PROJECT.parent / "library", tmp_path / "library"))
    project = Project.at(folder)
    before = project.config.read_text(encoding="utf-8")
    assert main(["add", str(folder), "--only", "nlu", "--keep-threshold", "--yes"]) == 0
    after = project.config.read_text(encoding="utf-8").replace(
        "DistilBertIntentClassifier", "DistilBertIntentClassifier\n  strategy: frozen", 1
    )
    nlu = read_project(project).nlu
    asked = [example.get("text") for example in nlu.entity_examples]
    with Bench(time.monotonic() + 600) as bench:
        old, new = (bench.trial(Candidate("", config, folder), nlu, asked) for config in (before, after))
    assert any(answer.entities for answer in old.answers)
    for text, first, second in zip(asked, old.answers, new.answers):
        assert first.entities == second.entities, text
