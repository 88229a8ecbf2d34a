"""`convai add`, `rasa train`, `convai doctor` on real projects with the real models."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa_process import RasaProcess

from convai_rasa.cli import main
from convai_rasa.project.examination import examine
from convai_rasa.project.project_files import Project
from convai_rasa.project.training_data import read_project

pytestmark = [pytest.mark.models, pytest.mark.e2e, pytest.mark.processes]

INTENTS = "- name: convai_rasa.nlu.DistilBertIntentClassifier"


def with_key(config: str, component: str, key: str) -> str:
    (line,) = [line for line in config.splitlines(keepends=True) if component in line]
    return config.replace(line, f"{line}{line[: line.index(component)]}  {key}\n")


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
    config.write_text(with_key(config.read_text(), INTENTS, "strategy: frozen"))
    rasa_process.run(folder, "train", "nlu", "--quiet")
    errors = [finding for finding in examine(Project.at(folder), full=True) if finding.level == "error"]
    assert {finding.area for finding in errors} <= {"services"}  # its Duckling does not run here
    (archive,) = (folder / "models").glob("*.tar.gz")
    (understood,) = rasa_process.parse(folder, archive, message)
    assert understood["intent"]["name"] == intent
    assert understood["sentiment"]["label"] in ("negative", "neutral", "positive")
    assert not [entity for entity in understood["entities"] if entity["entity"] == "sentiment"]
    if project == "insurance":
        assert ("Paris", "RegexEntityExtractor") in [(e["value"], e["extractor"]) for e in understood["entities"]]
        listed = read_project(Project.at(folder)).domain.entities
        assert {entity["entity"] for entity in understood["entities"]} <= set(listed)
