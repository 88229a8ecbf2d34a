"""Edits of a YAML file that leave marks, so that they can be undone."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence

import yaml

from convai_rasa.project.change import marks
from convai_rasa.project.change.yaml_text import Edit, Place, Step, YamlText, insert, scalar, step_lines


def added_steps(steps: Sequence[Step], *, dash: int, key_column: int) -> list[str]:
    """Write items of a block list, each marked as added."""
    return [line for step in steps for line in marks.added(step_lines(step, dash=dash, key_column=key_column))]


def comment_out(file: YamlText, place: Place) -> Edit:
    """Make a comment of an item of a block list."""
    lines = [file.line(number) for number in range(place.first, place.last + 1)]
    return Edit(place.first, len(lines), tuple(marks.off(line, place.dash) for line in lines))


def set_keys(file: YamlText, place: Place, setting: Mapping[str, Any]) -> list[Edit]:
    """Set keys of a mapping; what is a mapping in turn keeps its other keys.

    Args:
        file: the file.
        place: where the mapping stands.
        setting: keys with values, or with mappings of values.
    """
    edits, new = [], []
    for key, value in setting.items():
        written = _value_of(place.node, key)
        if isinstance(written, yaml.MappingNode) and isinstance(value, Mapping):
            edits += set_keys(file, Place.of(written), value)
        elif written is not None:
            line = file.line(written.start_mark.line)
            gap = "" if written.start_mark.column < written.end_mark.column else " "
            changed = line[: written.start_mark.column] + gap + scalar(value) + line[written.end_mark.column :]
            edits.append(Edit(written.start_mark.line, 1, tuple(marks.replaced(line, changed))))
        else:
            new.append(f"{key}: {scalar(value)}")
    if new and place.node.flow_style:
        number, column = place.node.end_mark.line, place.node.end_mark.column - 1
        line = file.line(number)
        comma = ", " if place.node.value else ""
        changed = line[:column].rstrip() + comma + ", ".join(new) + line[column:]
        edits.append(Edit(number, 1, tuple(marks.replaced(line, changed))))
    elif new:
        indent = " " * place.key_column
        edits.append(insert(place.last + 1, [line for key in new for line in marks.added([indent + key])]))
    return edits


def _value_of(node: yaml.MappingNode, key: str) -> Optional[yaml.Node]:
    return next((value for name, value in node.value if name.value == key), None)
