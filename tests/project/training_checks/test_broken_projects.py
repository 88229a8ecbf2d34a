"""Projects that work, broken in one place each: the doctor names what is wrong, once, and how to mend it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Callable

import pytest
from broken_projects import BROKEN, broken, edit, found

from convai_rasa.project.examination import examine
from convai_rasa.project.project_files import Project


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_named_once_with_the_remedy(name: str, project: Callable[[str], Path]) -> None:
    said = BROKEN[name]
    findings = found(broken(project(said["project"]), name))
    assert len(findings) == 1, findings
    (finding,) = findings
    assert said["what"] in finding.what
    assert said["fix"] in finding.fix
    assert finding.level == said.get("level", "error")


@pytest.mark.parametrize("name", ["concierge", "insurance", "moodbot"])
def test_nothing_is_said_of_what_works(name: str, project: Callable[[str], Path]) -> None:
    assert found(project(name)) == []


def test_a_question_that_the_forms_own_action_may_ask_is_only_a_note(project: Callable[[str], Path]) -> None:
    folder = project("insurance")
    edit(broken(folder, "question of a form") / "domain.yml", {"+ actions": "validate_claim_form"})
    (finding,) = [one for one in examine(Project.at(folder)) if "slot 'city', so validate_claim_form has" in one.what]
    assert finding.level == "note"


def test_one_mistake_does_not_hide_another(project: Callable[[str], Path]) -> None:
    folder = project("concierge")
    names = [
        "spaCy model",
        "create fails",
        "policy's key",
        "annotated, not listed",
        "broker's class",
        "channel's keys",
        "stories that contradict",
    ]
    for name in names:
        broken(folder, name)
    findings = found(folder)
    for name in names:
        assert any(BROKEN[name]["what"] in finding.what for finding in findings), name
    assert len(findings) == len(names)


def test_nothing_is_written_into_the_project_and_nothing_of_it_stays_in_the_process(
    project: Callable[[str], Path],
) -> None:
    folder = project("concierge")
    before, environment = sorted(str(path) for path in folder.rglob("*")), dict(os.environ)
    found(folder)
    assert sorted(str(path) for path in folder.rglob("*")) == before
    assert dict(os.environ) == environment
    assert not [name for name in sys.modules if name.partition(".")[0] == "parts"]
