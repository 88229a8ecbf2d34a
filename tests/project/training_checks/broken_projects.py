"""What tests of broken projects share."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Mapping

import yaml

from convai_rasa.project.examination import examine
from convai_rasa.project.findings import Finding
from convai_rasa.project.project_files import Project

BROKEN: Mapping[str, Mapping[str, Any]] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text())


def change(file: Path, how: Callable[[dict], object]) -> None:
    """Change a YAML file."""
    content = yaml.safe_load(file.read_text())
    how(content)
    file.write_text(yaml.safe_dump(content, sort_keys=False))


def step(config: dict, name: str, section: str = "pipeline") -> dict:
    """Return the first component whose name has a part."""
    return next(step for step in config[section] if name in step["name"])


def broken(folder: Path, name: str) -> Path:
    """Break a project as a row of ``BROKEN`` says; returns its folder."""
    for file, how in BROKEN[name].items():
        if file not in ("project", "what", "fix", "level"):
            edit(folder / file, how)
    return folder


def edit(file: Path, how: Mapping[str, Any] | list[str] | None) -> None:
    """Edit a file as broken_projects.yml says at its top."""
    if how is None:
        file.unlink()
    elif isinstance(how, list):
        file.write_text((file.read_text() if file.exists() else "").replace(*how))
    else:
        change(file, lambda content: [_edit(content, way, value) for way, value in how.items()])


def _edit(content: Any, way: str, value: object) -> None:
    sign = way[:2] if way[:2] in ("- ", "+ ") else ""
    *parts, last = way.removeprefix(sign).split(" > ")
    for part in parts:
        content = content[_key(content, part)]
    if sign == "- ":
        content.pop(_key(content, last))
    elif not sign:
        content[_key(content, last)] = value
    elif last.isdecimal():
        content.insert(int(last), value)
    else:
        content[last].append(value)


def _key(content: Any, part: str) -> Any:
    if isinstance(content, dict) or part.isdecimal():
        return part if isinstance(content, dict) else int(part)
    return next(index for index, item in enumerate(content) if part in item["name"])


def found(folder: Path) -> list[Finding]:
    """Return what is wrong or may surprise, but for what depends on the machine and on a training."""
    elsewhere = ("environment", "ports", "trained model", "models")
    findings = examine(Project.at(folder))
    return [one for one in findings if one.level in ("warning", "error") and one.area not in elsewhere]
