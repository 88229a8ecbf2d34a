"""The marks that ``convai add`` leaves, by which ``convai remove`` knows its own lines again, and the edits with them.

They stand in the files themselves, where their owner sees them, and go with these through every copy, merge and edit:

- ``# added by convai`` ends a line that was added: a key, or the first one of a component or channel, which goes whole;
- ``# before convai: `` begins a line that was in use before, and is a comment now;
- ``# changed by convai`` ends the line that took the place of the one above it.
"""

from __future__ import annotations

import re
from typing import Any, Mapping, Optional, Sequence

import yaml

from convai_rasa.project.change.yaml_text import Edit, Place, Step, YamlText, scalar

ADDED = "# added by convai"
FILE_ADDED = "# This file was added by convai."
_CHANGED = "# changed by convai"
_BEFORE = "# before convai: "
_OFF = re.compile(rf"^(\s*){re.escape(_BEFORE)}")
_AT_END = re.compile(rf"(\s*({ADDED}|{_CHANGED}))+(?=\s*$)")


def added(lines: Sequence[str]) -> list[str]:
    """Mark lines that belong together as added, by the end of their first."""
    return [f"{lines[0]}  {ADDED}", *lines[1:]]


def added_steps(steps: Sequence[Step], *, dash: int, key_column: int) -> list[str]:
    """Write items of a block list, each marked as added; values are scalars, or lists and mappings of scalars."""
    lines = []
    for step in steps:
        first, *others = [f"{key}: {scalar(value)}" for key, value in step.items()]
        begin = " " * dash + "-" + " " * (key_column - dash - 1)
        lines += added([begin + first, *(" " * key_column + line for line in others)])
    return lines


def off(line: str, column: int) -> str:
    """Make a comment of a line without its end, from a column on or where its text begins; a blank one stays blank."""
    if not line.strip():
        return line
    column = min(column, len(line) - len(line.lstrip(" ")))
    return f"{line[:column]}{_BEFORE}{line[column:]}"


def comment_out(file: YamlText, place: Place) -> Edit:
    """Make a comment of an item of a block list."""
    lines = [off(file.line(number), place.dash) for number in range(place.first, place.last + 1)]
    return Edit(place.first, len(lines), lines)


def replaced(line: str, new: str) -> list[str]:
    """Put a line in the place of another, which stays above it as a comment."""
    return [off(line, len(line)), f"{new}  {_CHANGED}"]


def set_keys(file: YamlText, place: Place, setting: Mapping[str, Any]) -> list[Edit]:
    """Set keys of the mapping at a place; what is a mapping in turn keeps its other keys."""
    edits, new = [], []
    for key, value in setting.items():
        written = next((node for name, node in place.node.value if name.value == key), None)
        if isinstance(written, yaml.MappingNode) and isinstance(value, Mapping):
            edits += set_keys(file, Place.of(written), value)
        elif written is not None:
            start, end = written.start_mark, written.end_mark
            gap = "" if start.column < end.column else " "
            line = file.line(start.line)
            edits.append(_replacing(file, start.line, line[: start.column] + gap + scalar(value) + line[end.column :]))
        else:
            new.append(f"{key}: {scalar(value)}")
    if new and place.node.flow_style:
        number, column = place.node.end_mark.line, place.node.end_mark.column - 1
        line = file.line(number)
        comma = ", " if place.node.value else ""
        edits.append(_replacing(file, number, line[:column].rstrip() + comma + ", ".join(new) + line[column:]))
    elif new:
        indent = " " * place.key_column
        edits.append(Edit(place.last + 1, 0, [line for key in new for line in added([indent + key])]))
    return edits


def _replacing(file: YamlText, number: int, new: str) -> Edit:
    return Edit(number, 1, replaced(file.line(number), new))


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
    return _AT_END.sub("", line)
