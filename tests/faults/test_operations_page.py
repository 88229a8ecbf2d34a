"""docs/operations.md names every fault of the script, and quotes of the log what the script has found there."""

from __future__ import annotations

import re
from pathlib import Path

import every_fault  # noqa: F401 - fills the list
import pytest
from faults import FAULTS, Fault

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
HEADER = ["fault", "what the caller hears", "what the log says", "what is lost"]
AT_LEAST = 50


def rows() -> list[list[str]]:
    """Return the cells of every row about a fault."""
    lines = PAGE.read_text(encoding="utf-8").partition("## When something breaks")[2].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [row for row in cells if row != HEADER and set("".join(row)) != {"-"}]


def test_every_fault_has_a_row_and_every_row_a_fault() -> None:
    names = [row[0] for row in rows()]
    assert sorted(names) == sorted(fault.name for fault in FAULTS)
    assert len(names) == len(set(names)) >= AT_LEAST


def test_every_row_says_something_in_each_column() -> None:
    for row in rows():
        assert len(row) == len(HEADER), row
        assert all(row), row


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.log], ids=str)
def test_the_log_is_quoted_as_it_was_seen(fault: Fault) -> None:
    said = next(row[2] for row in rows() if row[0] == fault.name)
    wanted = re.sub(r"\W+", " ", fault.log).strip()
    assert wanted in re.sub(r"\W+", " ", said)
