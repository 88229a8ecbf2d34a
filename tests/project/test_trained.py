"""`convai add`, `rasa train`, `convai doctor` on real projects with the real models."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa_process import RasaProcess

from convai_rasa.cli import main
from convai_rasa.project.examination import examine
from convai_rasa.project.files import Project

pytestmark = [pytest.mark.models, pytest.mark.e2e, pytest.mark.processes]

INTENTS = "- name: convai_rasa.nlu.DistilBertIntentClassifier\n"
ENTITIES = "- name: convai_rasa.nlu.SpacyModelEntityExtractor\n"


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
    project: str,
    message: str,
    intent: str,
    models: Path,
    request: pytest.FixtureRequest,
    rasa_process: RasaProcess,
) -> None:
    folder: Path = request.getfixturevalue(project)
    assert main(["add", str(folder), "--yes"]) == 0
    config = folder / "config.yml"
    text = config.read_text()
    text = with_key(text, INTENTS, "strategy: frozen")
    # DIET learns for one epoch here and marks half the message; what ours finds in it is to be seen all the same
    config.write_text(with_key(text, ENTITIES, "overlaps: keep"))
    rasa_process.run(folder, "train", "nlu", "--quiet")
    assert not [finding for finding in examine(Project.at(folder), full=True) if finding.level == "error"]
    (archive,) = (folder / "models").glob("*.tar.gz")
    understood = rasa_process.parse(folder, archive, message)
    assert understood["intent"]["name"] == intent
    assert understood["sentiment"]["label"] in ("negative", "neutral", "positive")
    assert not [entity for entity in understood["entities"] if entity["entity"] == "sentiment"]
    if project == "insurance":
        assert ("Paris", "RegexEntityExtractor") in [(e["value"], e["extractor"]) for e in understood["entities"]]
        assert "SpacyModelEntityExtractor.pretrained" in [entity["extractor"] for entity in understood["entities"]]
