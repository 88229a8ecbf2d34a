"""The marks that ``convai add`` leaves, by which ``convai remove`` knows its own lines again.

They stand in the files themselves, where their owner sees them, and go with these through every copy, merge and edit:

- ``# added by convai`` ends a line that was added: a key, or the first one of a component or channel, which goes whole;
- ``# before convai: `` begins a line that was in use before, and is a comment now;
- ``# changed by convai`` ends the line that took the place of the one above it.
"""

from __future__ import annotations

import re
from typing import Optional, Sequence

ADDED = "# added by convai"
FILE_ADDED = "# This file was added by convai."
_CHANGED = "# changed by convai"
_BEFORE = "# before convai: "
_OFF = re.compile(rf"^(\s*){re.escape(_BEFORE)}")


def added(lines: Sequence[str]) -> list[str]:
    """Mark lines that belong together as added, by the end of their first."""
    return [f"{lines[0]}  {ADDED}", *lines[1:]]


def off(line: str, column: int) -> str:
    """Make a comment of a line; a blank one stays blank.

    Args:
        line: without its end.
        column: where the comment begins, unless the line's text begins further left.
    """
    if not line.strip():
        return line
    column = min(column, len(line) - len(line.lstrip(" ")))
    return f"{line[:column]}{_BEFORE}{line[column:]}"


def replaced(line: str, new: str) -> list[str]:
    """Put a line in the place of another, which stays above it as a comment."""
    return [off(line, len(line)), f"{new}  {_CHANGED}"]


def is_added(line: str) -> bool:
    """Whether a line, with or without its end, is marked as added."""
    return line.rstrip().endswith(ADDED)


def is_changed(line: str) -> bool:
    """Whether a line is marked as standing in for the one above it."""
    return line.rstrip().endswith(_CHANGED)


def is_mark(line: str) -> bool:
    """Whether a line has any of the marks."""
    return is_added(line) or is_changed(line) or before(line) is not None


def before(line: str) -> Optional[str]:
    """Return what a line was before it was made a comment; None if it was not."""
    match = _OFF.match(line)
    return match[1] + line[match.end() :] if match else None


def unmarked(line: str) -> str:
    """Return a line without the mark at its end, its line end kept."""
    text = line.splitlines()[0]
    bare = text
    for mark in (ADDED, _CHANGED):
        bare = bare.removesuffix(mark).rstrip() if bare.endswith(mark) else bare
    return bare + line[len(text) :]
