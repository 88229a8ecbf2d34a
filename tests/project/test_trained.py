"""`convai add`, `rasa train`, `convai doctor` on real projects with the real models."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from convai_rasa.cli import main
from convai_rasa.project.examination import examine
from convai_rasa.project.files import Project

pytestmark = [pytest.mark.models, pytest.mark.e2e, pytest.mark.processes]

INTENTS = "- name: convai_rasa.nlu.DistilBertIntentClassifier\n"
ENTITIES = "- name: convai_rasa.nlu.SpacyModelEntityExtractor\n"
PARSE = """
import asyncio, json, sys
from rasa.core.agent import Agent
parsed = asyncio.run(Agent.load(sys.argv[1]).parse_message(sys.argv[2]))
print(json.dumps({key: parsed.get(key) for key in ("intent", "entities", "sentiment")}))
"""


def with_key(config: str, component: str, key: str) -> str:
    (line,) = [line for line in config.splitlines(keepends=True) if component in line]
    return config.replace(line, line + line.replace(component, f"  {key}\n"))


@pytest.mark.parametrize(
    ("project", "message", "intent"),
    [
        ("moodbot", "I am feeling so sad today", "mood_unhappy"),
        ("insurance", "I would like to report a claim, my flat in Paris was flooded", "report_claim"),
    ],
)
def test_an_extended_project_trains_and_understands(
    project: str, message: str, intent: str, models: Path, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(project)
    assert main(["add", str(folder), "--yes"]) == 0
    config = folder / "config.yml"
    text = config.read_text()
    text = with_key(text, INTENTS, "strategy: frozen")
    # DIET learns for one epoch here and marks half the message; what ours finds in it is to be seen all the same
    config.write_text(with_key(text, ENTITIES, "overlaps: keep"))
    command = [sys.executable, "-m", "convai_rasa.quiet", "rasa", "train", "nlu", "--quiet"]
    trained = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    assert trained.returncode == 0, trained.stderr[-2000:]
    assert not [finding for finding in examine(Project.at(folder), full=True) if finding.level == "error"]
    (archive,) = (folder / "models").glob("*.tar.gz")
    parsed = subprocess.run(
        [sys.executable, "-c", PARSE, archive, message], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert parsed.returncode == 0, parsed.stderr[-2000:]
    understood = json.loads(parsed.stdout.splitlines()[-1])
    assert understood["intent"]["name"] == intent
    assert understood["sentiment"]["label"] in ("negative", "neutral", "positive")
    assert not [entity for entity in understood["entities"] if entity["entity"] == "sentiment"]
    if project == "insurance":
        assert ("Paris", "RegexEntityExtractor") in [(e["value"], e["extractor"]) for e in understood["entities"]]
        assert "SpacyModelEntityExtractor.pretrained" in [entity["extractor"] for entity in understood["entities"]]
