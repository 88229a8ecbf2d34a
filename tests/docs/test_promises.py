"""Each promise about models has a command that is understood and a test that is there."""

from __future__ import annotations

import ast

import pytest
from snippets import ROOT
from test_commands import PROGRAMS

PAGE = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")][1:]


def test_the_table_is_read() -> None:
    assert len(ROWS) > 40
    assert all(len(row) == 3 for row in ROWS)


@pytest.mark.parametrize("command", sorted({row[1].strip("`") for row in ROWS}))
def test_its_command_is_understood(command: str) -> None:
    program, *words = command.split()
    PROGRAMS[program](words)


@pytest.mark.parametrize("test", sorted({row[2].strip("`") for row in ROWS}))
def test_its_test_is_there(test: str) -> None:
    path, name = test.split("::")
    nodes = ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
    assert name in [node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
