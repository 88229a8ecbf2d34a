"""The bot's own actions: is there code for each that the domain lists?"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional

from rasa.shared.core.constants import DEFAULT_ACTION_NAMES

from convai_rasa.project.findings import Finding
from convai_rasa.project.training_checks.loaded_bot import Bot
from convai_rasa.project.training_checks.wording import listed, nearest

AREA = "actions"


def check_actions(bot: Bot, endpoints: Mapping[str, Any]) -> Iterator[Finding]:
    """Compare the domain's actions with those that the code in ``actions/`` or ``actions.py`` names; runs none of it.

    Args:
        bot: what was read, with a domain.
        endpoints: what endpoints.yml says.
    """
    assert bot.domain is not None
    names: set[str] = set()
    readable = True
    files = _files(bot.folder)
    for file in files:
        try:
            found = _names(ast.parse(file.read_bytes(), str(file)))
        except (SyntaxError, ValueError) as error:
            where = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
            what = f"{file.relative_to(bot.folder)}{where} is not valid Python: {getattr(error, 'msg', error)}"
            yield Finding(AREA, "error", what, "correct it, or the action server cannot start")
            readable = False
            continue
        if found is None:
            readable = False  # a name that is computed
        else:
            names |= found
    wanted = [
        action
        for action in bot.domain.user_actions
        if action.startswith("action_") and action not in DEFAULT_ACTION_NAMES and action not in bot.domain.responses
    ]
    if wanted and not files and not endpoints.get("action_endpoint"):
        what = f"The domain lists {listed(wanted)}, but there is neither an actions folder nor an action_endpoint"
        fix = "write actions/actions.py, or set action_endpoint in endpoints.yml to where the actions are"
        yield Finding(AREA, "warning", what, fix)
    missing = [action for action in wanted if action not in names]
    if files and readable and missing:
        close = nearest(missing[0], names - set(wanted))
        fix = (
            f"is it '{close}'? Write both alike" if close and len(missing) == 1 else "write one, or correct the domain"
        )
        yield Finding(AREA, "error", f"No class in actions has the name {listed(missing)}", fix)


def _files(folder: Path) -> list[Path]:
    package = folder / "actions"
    return (
        sorted(package.rglob("*.py"))
        if package.is_dir()
        else [file for file in [folder / "actions.py"] if file.is_file()]
    )


def _names(tree: ast.Module) -> Optional[set[str]]:
    """Return what methods called ``name`` return; None if one of them computes it."""
    constants = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    names: set[str] = set()
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or function.name != "name":
            continue
        for node in ast.walk(function):
            if not isinstance(node, ast.Return) or node.value is None:
                continue
            if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
                names.add(node.value.value)
            elif isinstance(node.value, ast.Name) and node.value.id in constants:
                names.add(constants[node.value.id])
            else:
                return None
    return names
