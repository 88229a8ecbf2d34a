"""The Python in the documentation runs, and its pipelines train a bot that understands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import own_models
import pytest
import yaml
from rasa_process import RasaProcess
from snippets import Snippet, snippets
from tiny import TinyModels

from convai_rasa.store import resolve

pytestmark = pytest.mark.models

DATA = """version: "3.1"
nlu:
- intent: greet
  examples: |
    - hello there
    - good morning
    - hi, I am [Anna](name)
    - hey, my name is [Bob](name)
- intent: book
  examples: |
    - book a table in [Rome](city)
    - a table in [Paris](city) for two
    - reserve a table for tonight
    - I need a table in [Oslo](city)
"""
LABELLED = "".join(
    f'{{"text": "{text}", "label": "{label}"}}\n'
    for text, label in (("lovely", "positive"), ("awful", "negative"), ("a table for two", "neutral"))
)


@pytest.fixture
def folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, tiny_models: TinyModels
) -> Path:
    monkeypatch.setenv("CONVAI_MODELS_DIR", str(resolve("nlu/minilm").parents[1]))
    monkeypatch.chdir(tmp_path)
    if request.node.callspec.params["snippet"].page == own_models.PAGE:
        own_models.lay_out(tmp_path / "models", tiny_models)
    return tmp_path


@pytest.mark.parametrize(
    "snippet",
    [snippet for snippet in snippets("python") if not re.search("VoiceClient|openai", snippet.code)],
    ids=str,
)
def test_python_runs(snippet: Snippet, folder: Path) -> None:
    exec(compile(snippet.code, str(snippet), "exec"), {})


@pytest.mark.e2e
@pytest.mark.parametrize(
    "snippet", [snippet for snippet in snippets("python") if "VoiceClient" in snippet.code], ids=str
)
def test_python_that_talks_to_a_running_bot(snippet: Snippet, voice_bot_url: str, tmp_path: Path) -> None:
    written = "http://127.0.0.1:5005/webhooks/voice/"
    assert written in snippet.code
    # As a program of its own, because it starts an event loop and this test may run inside one.
    code = snippet.code.replace(written, voice_bot_url)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "seconds of sound" in done.stdout


def pipelines() -> list[Snippet]:
    return [snippet for snippet in snippets("yaml") if "pipeline" in yaml.safe_load(snippet.code)]


def cheaper(step: dict[str, Any]) -> dict[str, Any]:
    """Spare the time of training well; what is trained and how it fits together stays."""
    if step["name"].endswith("DistilBertIntentClassifier"):
        return {**step, "strategy": "frozen"}
    if step["name"] == "DIETClassifier":
        step = {**step, "number_of_transformer_layers": 0, "transformer_size": 8}
    return {**step, "epochs": 1} if "epochs" in step else step


BEYOND_REACH = "nlu/multilingual-minilm"  # the package index has no copy of it


def publish(name: str) -> None:
    """Let there be the version, or the encoder, that a pipeline names."""
    plain, _, version = name.partition("@")
    if version or plain == BEYOND_REACH:
        kind, model = plain.split("/")
        folder = Path("models", kind, version, model)
        folder.parent.mkdir(parents=True)
        folder.symlink_to(resolve("nlu/minilm"))


@pytest.mark.e2e
@pytest.mark.processes
@pytest.mark.parametrize("snippet", pipelines(), ids=str)
def test_a_pipeline_trains(snippet: Snippet, folder: Path, rasa_process: RasaProcess) -> None:
    config = yaml.safe_load(snippet.code)
    config = {"recipe": "default.v1", "assistant_id": "docs", "language": "en", **config}
    for step in config["pipeline"]:
        if "train_from" in step:
            Path(step["train_from"]).write_text(LABELLED)
        publish(step.get("model", ""))
    config["pipeline"] = [cheaper(step) for step in config["pipeline"]]
    Path("config.yml").write_text(yaml.safe_dump(config, sort_keys=False))
    Path("nlu.yml").write_text(DATA)
    rasa_process.run(folder, "train", "nlu", "--nlu", "nlu.yml", "--quiet")
    (archive,) = Path("models").glob("*.tar.gz")
    (parsed,) = rasa_process.parse(folder, archive, "please book a table for us")
    if any(step["name"].endswith("DistilBertIntentClassifier") for step in config["pipeline"]):
        assert parsed["intent"]["name"] == "book"
