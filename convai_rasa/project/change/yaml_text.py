"""Changes to a YAML file that leave every other byte as it was.

The parser only tells where things stand; the change itself is made in the text. So comments, quoting, blank lines and
line ends survive, which no YAML writer promises.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Mapping, Optional, Sequence, Union

import yaml

from convai_rasa.errors import ConfigurationError
from convai_rasa.project.yaml_reading import compose, load_mapping

__all__ = ["Edit", "Place", "Step", "YamlText", "insert", "load_mapping", "merge", "scalar", "step_lines"]

_BOM = "\ufeff"  # what some editors of Windows begin a file with

Step = Mapping[str, Any]


class YamlText:
    """A YAML file with a mapping at its top, and the places in its text.

    Args:
        name: of the file, for messages.
        text: its content with its own line ends; may be empty or hold comments only.

    Attributes:
        data: what the YAML says, an empty mapping for an empty file.

    Raises:
        ConfigurationError: not YAML, more than one document, or no mapping at the top.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._bom = _BOM if text.startswith(_BOM) else ""
        bare = text.removeprefix(_BOM)
        self.data = load_mapping(name, bare)
        self._lines = bare.splitlines(keepends=True)
        self._newline = "\r\n" if "\r\n" in text else "\n"
        root = compose(bare)
        self._pairs = root.value if isinstance(root, yaml.MappingNode) else []

    def value(self, key: str) -> Optional[yaml.Node]:
        """Return the node under a key at the top, None if there is no such key."""
        return next((value for name, value in self._pairs if name.value == key), None)

    @property
    def top_keys(self) -> list[tuple[str, int, int]]:
        """The keys at the top, each with the first and the last line of it and its value."""
        return [
            (str(name.value), name.start_mark.line, max(name.start_mark.line, _last_line(value)))
            for name, value in self._pairs
        ]

    def is_flow(self, key: str) -> bool:
        """Whether the value of a key at the top is written between brackets."""
        return bool(getattr(self.value(key), "flow_style", False))

    def one_line(self, key: str) -> Optional[int]:
        """Return the line that holds a key at the top with a list of mappings in brackets; None for any other value."""
        node = self.value(key)
        if not isinstance(node, yaml.SequenceNode) or not node.flow_style:
            return None
        is_plain = all(isinstance(item, yaml.MappingNode) for item in node.value)
        spans = [(first, last) for name, first, last in self.top_keys if name == key]
        first, last = spans[0]
        return first if is_plain and first == last and self._lines[first].startswith(key) else None

    def steps(self, key: str) -> list[Place]:
        """Return the places of a block list of mappings.

        Raises:
            ConfigurationError: the list is written in another way, so there is no line to add one at.
        """
        node = self.value(key)
        if not isinstance(node, yaml.SequenceNode) or node.flow_style:
            raise ConfigurationError(
                f"{self.name}: '{key}' is not a list with one item a line; write it as '- name: …' lines, "
                "then try again."
            )
        dash = node.start_mark.column
        steps = []
        for item in node.value:
            if not isinstance(item, yaml.MappingNode):
                raise ConfigurationError(
                    f"{self.name}, line {item.start_mark.line + 1}: an item of '{key}' has no 'name:'; write "
                    "it as '- name: …'."
                )
            last = _last_line(item)
            steps.append(Place(item, item.start_mark.line, last, self._last_comment(last, dash), dash))
        return steps

    def _last_comment(self, last: int, dash: int) -> int:
        """Return the last of the comment lines right below an item that are indented like its keys."""
        while last + 1 < len(self._lines):
            line = self._lines[last + 1]
            content = line.lstrip(" ")
            if not content.startswith("#") or len(line) - len(content) <= dash:
                break
            last += 1
        return last

    def edited(self, edits: Sequence[Edit], expected: Mapping[str, Any]) -> str:
        """Return the text after all edits.

        Args:
            edits: at most one for each place, in any order.
            expected: what the YAML must say afterwards.

        Raises:
            ConfigurationError: the edited text would not say that, because the file is written in an unusual way.
        """
        lines = [*self._lines]
        for edit in sorted(edits, key=lambda edit: edit.line, reverse=True):
            if lines and edit.line >= len(lines) and not _end(lines[-1]):
                lines[-1] += self._newline
            ends = [_end(line) for line in lines[edit.line : edit.line + edit.old]]  # a file may have several kinds
            ends += [self._newline] * (len(edit.new) - edit.old)
            new = [line + (end or self._newline) for line, end in zip(edit.new, ends, strict=False)]
            lines[edit.line : edit.line + edit.old] = new
        text = self.joined(lines)
        try:
            same = load_mapping(self.name, text.removeprefix(_BOM)) == expected
        except (ConfigurationError, RecursionError):
            same = False
        if not same:
            raise ConfigurationError(
                f"{self.name} is written in a way that cannot be edited safely; add the lines by hand "
                "(docs/existing-project.md shows them)."
            )
        return text

    def joined(self, lines: Sequence[str]) -> str:
        """Return the text of lines with their ends; it begins and ends as this one does.

        So what was added at the end of a file without a last line end can be taken out again without a trace.
        """
        text = "".join(lines)
        if text and self._lines and not _end(self._lines[-1]):
            text = text.removesuffix(_end(lines[-1]))
        return self._bom + text

    def line(self, number: int) -> str:
        """Return a line without its end."""
        return self._lines[number].removesuffix(_end(self._lines[number]))

    @property
    def lines(self) -> Sequence[str]:
        """The lines with their ends."""
        return self._lines

    @property
    def line_count(self) -> int:
        """Number of lines, which is also where a line after the last one would stand."""
        return len(self._lines)


@dataclass(frozen=True)
class Place:
    """Where a mapping stands, mostly as an item of a block list; lines count from 0.

    Attributes:
        node: the parsed mapping.
        first: line of its dash.
        last: line on which its last value ends.
        last_comment: the last line that belongs to it, comments indented like its keys included.
        dash: column of the dash.
    """

    node: yaml.MappingNode
    first: int
    last: int
    last_comment: int
    dash: int

    @classmethod
    def of(cls, node: yaml.MappingNode) -> Place:
        """Return the place of a mapping that is not an item of a list."""
        first, last = int(node.start_mark.line), _last_line(node)
        return cls(node, first, last, last, int(node.start_mark.column))

    @property
    def key_column(self) -> int:
        """Column of its keys."""
        return int(self.node.start_mark.column)


@dataclass(frozen=True)
class Edit:
    """Replaces ``old`` lines from ``line`` on by ``new`` ones, which are without line ends."""

    line: int
    old: int
    new: tuple[str, ...]


def insert(line: int, new: Sequence[str]) -> Edit:
    """Return the edit that puts lines before a line."""
    return Edit(line, 0, tuple(new))


def merge(edits: Sequence[Edit]) -> list[Edit]:
    """Join insertions at the same line in their order, so that each place has one edit."""
    merged: dict[tuple[int, int], Edit] = {}
    for edit in edits:
        place = (edit.line, edit.old)
        merged[place] = replace(merged[place], new=merged[place].new + edit.new) if place in merged else edit
    # Where an insertion meets a replacement of the same line, the insertion comes first in the file.
    return sorted(merged.values(), key=lambda edit: (edit.line, -edit.old))


def _end(line: str) -> str:
    """Return the characters that end a line, none for a last line without."""
    return line[len(line.splitlines()[0]) :]


def step_lines(step: Step, *, dash: int, key_column: int) -> list[str]:
    """Write an item of a block list; values are scalars, or lists and mappings of scalars."""
    lines = [f"{key}: {scalar(value)}" for key, value in step.items()]
    gap = " " * (key_column - dash - 1)
    return [" " * dash + "-" + gap + lines[0], *(" " * key_column + line for line in lines[1:])]


def scalar(value: Any) -> str:
    """Write a value, or a list or mapping of such, in one line."""
    written: str = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=100_000)
    return written.removesuffix("\n").removesuffix("\n...")


def _last_line(node: yaml.Node) -> int:
    """Return the line on which a node's last character stands; a block's own end mark is far below it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last: Union[yaml.Node, tuple[yaml.Node, yaml.Node]] = node.value[-1]
        key, value = last if isinstance(last, tuple) else (node, last)
        # An alias stands elsewhere: then the line of its key is the nearest one known.
        return max(_last_line(value), int(key.start_mark.line)) if _follows(value, key) else int(key.start_mark.line)
    end = node.end_mark
    return int(end.line) - 1 if end.column == 0 and end.line > node.start_mark.line else int(end.line)


def _follows(value: yaml.Node, key: yaml.Node) -> bool:
    return bool(value.start_mark.index >= key.start_mark.index)
