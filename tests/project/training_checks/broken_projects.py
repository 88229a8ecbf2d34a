"""What tests of broken projects share."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import yaml

from convai_rasa.project.examination import examine
from convai_rasa.project.findings import Finding
from convai_rasa.project.project_files import Project


def change(file: Path, how: Callable[[dict], object]) -> None:
    """Change a YAML file."""
    content = yaml.safe_load(file.read_text())
    how(content)
    file.write_text(yaml.safe_dump(content, sort_keys=False))


def step(config: dict, name: str, section: str = "pipeline") -> dict:
    """Return the first component whose name has a part."""
    return next(step for step in config[section] if name in step["name"])


def found(folder: Path) -> list[Finding]:
    """Return what is wrong or may surprise, but for what depends on the machine and on a training."""
    elsewhere = ("environment", "ports", "trained model", "models")
    findings = examine(Project.at(folder))
    return [one for one in findings if one.level in ("warning", "error") and one.area not in elsewhere]
