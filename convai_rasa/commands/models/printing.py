"""How verbs print: counts, tables, and JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any


def count(number: int, what: str) -> str:
    """Return ``1 model`` or ``2 models``."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def table(rows: Sequence[Sequence[str]], *, right: Collection[int] = ()) -> str:
    """Return rows of cells in columns, those numbered in ``right`` aligned to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]

    def line(row: Sequence[str]) -> str:
        cells = [
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    return "\n".join(map(line, rows))


def print_json(content: Any) -> None:
    """Print what ``--json`` asks for."""
    print(json.dumps(content, indent=2))
