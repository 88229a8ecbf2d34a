"""What a Dockerfile says: its stages in order, and what a container of one starts with."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from dockerfile_parse import DockerfileParser

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass(frozen=True)
class Instruction:
    """One instruction: its name in capitals, its flags (``--from=…``) and the rest."""

    name: str
    flags: dict[str, str]
    value: str

    @property
    def words(self) -> list[str]:
        """The value as a list: of the exec form, else split as a shell would."""
        return list(json.loads(self.value)) if self.is_exec_form else shlex.split(self.value)

    @property
    def is_exec_form(self) -> bool:
        return self.value.startswith("[")


@dataclass
class Stage:
    """One FROM and what follows it."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)


def read_stages(path: Path, arguments: dict[str, str]) -> dict[str, Stage]:
    """Return the stages by name, the last one under ``""`` as well; FROM lines know the arguments before them."""
    known: dict[str, str] = {}
    stages: dict[str, Stage] = {}
    current: Stage | None = None
    for entry in DockerfileParser(path=str(path), env_replace=False).structure:
        instruction = _read(entry["instruction"], entry["value"])
        if instruction.name == "COMMENT":
            continue
        if instruction.name == "FROM":
            base, _, name = expand(instruction.value, known).partition(" AS ")
            current = Stage(base, name or str(len(stages)))
            stages[current.name] = current
        elif current is None:
            name, _, default = instruction.value.partition("=")
            known[name] = arguments.get(name, default)
        else:
            current.instructions.append(instruction)
    assert current
    return {**stages, "": current}


def expand(text: str, known: dict[str, str]) -> str:
    """Replace ``$NAME`` and ``${NAME}``."""
    return _VARIABLE.sub(lambda match: known.get(match[1] or match[2], ""), text)


def _read(name: str, value: str) -> Instruction:
    flags: dict[str, str] = {}
    while match := re.match(r"--([a-z\-]+)=(\S+)\s+", value):
        flags[match[1]] = match[2]
        value = value[match.end() :]
    return Instruction(name.upper(), flags, value)
