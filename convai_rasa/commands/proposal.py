"""A change to a project's files: shown, agreed to, made."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from pathlib import Path
from typing import Sequence

from convai_rasa.project import Change, write_all

_RED, _GREEN, _CYAN, _PLAIN = "\033[31m", "\033[32m", "\033[36m", "\033[0m"


def add_answer_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what answers the question beforehand."""
    answer = parser.add_mutually_exclusive_group()
    answer.add_argument("--yes", "-y", action="store_true", help="apply the change without asking")
    answer.add_argument("--dry-run", action="store_true", help="show the change and stop")


def show(changes: Sequence[Change], notes: Sequence[str]) -> None:
    """Print the changes as a diff, and the notes below."""
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for change in changes:
        name = _relative(change.path)
        before, after = ((text or "").splitlines() for text in (change.before, change.after))
        source = "/dev/null" if change.before is None else name
        target = "/dev/null" if change.after is None else name
        for line in difflib.unified_diff(before, after, source, target, lineterm=""):
            print(_colour(line) if coloured else line)
        print()
    for note in notes:
        print(f"Note: {note}")


def make(changes: Sequence[Change], given: argparse.Namespace) -> bool:
    """Write the files if that was asked for or is agreed to; returns whether they were written.

    Raises:
        ConfigurationError: a file cannot be written, and then none is.
    """
    if not given.yes and not _agreed(changes):
        return False
    write_all(changes)
    print(f"Changed {_names(changes)}.")
    return True


def next_steps(steps: Sequence[tuple[str, str]]) -> str:
    """Return a paragraph of commands, and what each is for."""
    width = max(len(command) for command, _ in steps) + 2
    return "\n".join(["Next:", *(f"  {command:<{width}}{why}" for command, why in steps)])


def _names(changes: Sequence[Change]) -> str:
    return " and ".join(_relative(change.path) for change in changes)


def _colour(line: str) -> str:
    for mark, colour in (("@@", _CYAN), ("+", _GREEN), ("-", _RED)):
        if line.startswith(mark):
            return f"{colour}{line}{_PLAIN}"
    return line


def _agreed(changes: Sequence[Change]) -> bool:
    if not sys.stdin.isatty():
        print("Nothing was changed: there is no terminal to ask in; use --yes to apply the change.", file=sys.stderr)
        return False
    try:
        agreed = input(f"Apply this to {_names(changes)}? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        agreed = False
    if not agreed:
        print("Nothing was changed.")
    return agreed


def _relative(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
