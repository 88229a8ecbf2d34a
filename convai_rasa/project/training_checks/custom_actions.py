"""The bot's own actions: is there code for each that the domain lists?"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional

from rasa.shared.core.constants import DEFAULT_ACTION_NAMES
from rasa.shared.core.domain import Domain

from convai_rasa.project.findings import Finding
from convai_rasa.project.training_checks.wording import listed, nearest


def check_actions(folder: Path, domain: Domain, endpoints: Mapping[str, Any]) -> Iterator[Finding]:
    """Compare the domain's actions with those that the code in ``actions/`` or actions.py names; runs none of it."""
    names: set[str] = set()
    readable = True
    files = sorted([*folder.glob("actions/**/*.py")] or folder.glob("actions.py"))
    for file in files:
        try:
            found = _names(ast.parse(file.read_bytes(), str(file)))
        except (SyntaxError, ValueError) as error:
            where = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
            what = f"{file.relative_to(folder)}{where} is not valid Python: {getattr(error, 'msg', error)}"
            yield Finding("actions", "error", what, "correct it, or the action server cannot start")
            found = None
        readable &= found is not None  # nor is a name that is computed
        names |= found or set()
    wanted = [
        action
        for action in domain.user_actions
        if action.startswith("action_") and action not in DEFAULT_ACTION_NAMES and action not in domain.responses
    ]
    if wanted and not files and not endpoints.get("action_endpoint"):
        what = f"The domain lists {listed(wanted)}, but there is neither an actions folder nor an action_endpoint"
        fix = "write actions/actions.py, or set action_endpoint in endpoints.yml to where the actions are"
        yield Finding("actions", "warning", what, fix)
    missing = [action for action in wanted if action not in names]
    if files and readable and missing:
        close = nearest(missing[0], names - set(wanted)) if len(missing) == 1 else None
        fix = f"is it '{close}'? Write both alike" if close else "write one, or correct the domain"
        yield Finding("actions", "error", f"No class in actions has the name {listed(missing)}", fix)


def _names(tree: ast.Module) -> Optional[set[str]]:
    """Return what methods called ``name`` return; None if one of them computes it."""
    constants = {
        target.id: _text(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    returned = [
        node.value
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and function.name == "name"
        for node in ast.walk(function)
        if isinstance(node, ast.Return) and node.value is not None
    ]
    names = [constants.get(value.id) if isinstance(value, ast.Name) else _text(value) for value in returned]
    return None if None in names else {name for name in names if name is not None}


def _text(node: ast.expr) -> Optional[str]:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
