"""Changes to a YAML file that leave every other byte as it was.

The parser only tells where things stand; the change itself is made in the text. So comments, quoting, blank lines and
line ends survive, which no YAML writer promises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, NamedTuple, Optional, Sequence

import yaml

from convai_rasa.errors import ConfigurationError
from convai_rasa.project.yaml_reading import compose, load_mapping

_BOM = "\ufeff"  # what some editors of Windows begin a file with

Step = Mapping[str, Any]


class YamlText:
    """A YAML file with a mapping at its top, and the places in its text; its name is for messages.

    Attributes:
        text: its content with its own line ends; may be empty or hold comments only.
        data: what the YAML says, an empty mapping for an empty file.
        lines: the lines with their ends.

    Raises:
        ConfigurationError: not YAML, more than one document, or no mapping at the top.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._bom = _BOM if text.startswith(_BOM) else ""
        bare = text.removeprefix(_BOM)
        self.data = load_mapping(name, bare)
        self.lines = bare.splitlines(keepends=True)
        self._newline = "\r\n" if "\r\n" in text else "\n"
        root = compose(bare)
        self._pairs = root.value if isinstance(root, yaml.MappingNode) else []

    def value(self, key: str) -> Optional[yaml.Node]:
        """Return the node under a key at the top, None if there is no such key."""
        return next((value for name, value in self._pairs if name.value == key), None)

    @property
    def top_keys(self) -> dict[str, tuple[int, int]]:
        """The keys at the top, each with the first and the last line of it and its value."""
        return {
            str(name.value): (name.start_mark.line, max(name.start_mark.line, _last_line(value)))
            for name, value in self._pairs
        }

    def one_line(self, key: str) -> Optional[int]:
        """Return the line that holds a key at the top with a list of mappings in brackets; None for any other value."""
        node = self.value(key)
        if not isinstance(node, yaml.SequenceNode) or not node.flow_style:
            return None
        is_plain = all(isinstance(item, yaml.MappingNode) for item in node.value)
        first, last = self.top_keys[key]
        return first if is_plain and first == last and self.lines[first].startswith(key) else None

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
        while last + 1 < len(self.lines):
            line = self.lines[last + 1]
            content = line.lstrip(" ")
            if not content.startswith("#") or len(line) - len(content) <= dash:
                break
            last += 1
        return last

    def edited(self, edits: Sequence[Edit], expected: Mapping[str, Any]) -> str:
        """Return the text after all edits; insertions at one line go in in their order, and above what replaces it.

        Raises:
            ConfigurationError: the edited text would not say what is expected, because it is written in an unusual way.
        """
        lines = [*self.lines]
        for edit in reversed(sorted(edits, key=lambda edit: (edit.line, edit.old))):
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
        if text and self.lines and not _end(self.lines[-1]):
            text = text.removesuffix(_end(lines[-1]))
        return self._bom + text

    def line(self, number: int) -> str:
        """Return a line without its end."""
        return self.lines[number].removesuffix(_end(self.lines[number]))


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


class Edit(NamedTuple):
    """Replaces ``old`` lines from ``line`` on, which may be none, by ``new`` ones, which are without line ends."""

    line: int
    old: int
    new: Sequence[str]


def scalar(value: Any) -> str:
    """Write a value, or a list or mapping of such, in one line."""
    written: str = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=100_000)
    return written.removesuffix("\n").removesuffix("\n...")


def _end(line: str) -> str:
    """Return the characters that end a line, none for a last line without."""
    return line[len(line.splitlines()[0]) :]


def _last_line(node: yaml.Node) -> int:
    """Return the line on which a node's last character stands; a block's own end mark is far below it."""
    start, end = node.start_mark, node.end_mark
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        key, value = node.value[-1] if isinstance(node, yaml.MappingNode) else (node, node.value[-1])
        # An alias stands elsewhere: then the line of its key is the nearest one known.
        at_key = int(key.start_mark.line)
        return max(_last_line(value), at_key) if value.start_mark.index >= key.start_mark.index else at_key
    return int(end.line) - 1 if end.column == 0 and end.line > start.line else int(end.line)
