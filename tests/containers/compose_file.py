"""What docker-compose.yml says, with the variables of an .env file filled in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

_VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")


class MissingVariable(ValueError):
    """A variable that has to be set is not."""


def read_compose(path: Path, variables: dict[str, str]) -> dict[str, Any]:
    """Return the file with ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?error}`` replaced."""

    def value(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        if variables.get(name):
            return variables[name]
        if kind == "?":
            raise MissingVariable(f"{name}: {rest}")
        return rest or ""

    text = path.read_text(encoding="utf-8")
    return dict(yaml.safe_load(_VARIABLE.sub(value, text)))


def set_variables(service: dict[str, Any]) -> dict[str, str]:
    """Return a service's environment without what is only passed on from outside."""
    return {name: value for name, value in service.get("environment", {}).items() if value is not None}


def health_test(service: dict[str, Any]) -> list[str]:
    """Return the command of a service's own health check."""
    kind, *command = service["healthcheck"]["test"]
    assert kind == "CMD"
    return list(command)


def tmpfs(service: dict[str, Any]) -> dict[str, str]:
    """Return mount options by folder."""
    return {place: options for place, _, options in (entry.partition(":") for entry in service["tmpfs"])}
