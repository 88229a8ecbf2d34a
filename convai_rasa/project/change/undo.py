"""What ``convai add`` did to a file, undone: its lines go, those it made comments of are in use again, others stay.

A file's own lines may have changed since, as each of ours is known by its mark. In a file that an earlier version of
this package edited, which left no marks, our components and the channel go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from convai_rasa.errors import ConfigurationError
from convai_rasa.project.change import marks
from convai_rasa.project.change.pipeline import DIET, INTENTS_ONLY
from convai_rasa.project.change.rasa_components import short
from convai_rasa.project.change.voice_channel import CHANNEL, COMMENT
from convai_rasa.project.change.yaml_text import YamlText

_OURS = "convai_rasa."
_CLASSIFIERS = {DIET, "KeywordIntentClassifier", *INTENTS_ONLY}


@dataclass
class Undone:
    """A file without what ``convai add`` put into it.

    Attributes:
        text: the new content; None if nothing is left of a file that was added whole.
        notes: sentences about what stays, and why.
    """

    text: Optional[str]
    notes: list[str] = field(default_factory=list)


def undo(file: YamlText) -> Undone:
    """Take out what was added to a config or credentials file.

    Raises:
        ConfigurationError: what would be left is not YAML, since the file was edited since in an unusual way.
    """
    marked = any(map(marks.is_mark, file.lines))
    if not marked and _OURS not in file.text:
        return Undone(file.text)
    notes: list[str] = []
    try:
        # What came last goes first: a component that was added may have been made a comment by a later run.
        text = _Removal(file, marked, notes).without_steps()
        while (restored := _restore(YamlText(file.name, text), notes, at_top=False)) != text:
            text = restored
        text = _Removal(YamlText(file.name, text), marked, notes).without_steps()
        text = _restore(YamlText(file.name, text), notes, at_top=True)
        left = _Removal(YamlText(file.name, text), marked, notes).without_anything()
        if left is not None:
            YamlText(file.name, left)
    except ConfigurationError as error:
        raise ConfigurationError(
            f"{file.name} was changed since convai add in a way that cannot be undone safely "
            f"({str(error).rstrip('.')}); remove the lines marked '{marks.ADDED}' by hand."
        ) from error
    return Undone(left, list(dict.fromkeys(notes)))


def _restore(file: YamlText, notes: list[str], *, at_top: bool) -> str:
    """Bring back what is a comment in the place of what stands in for it: keys at the top, or all but these."""
    lines = []
    for number, line in enumerate(file.lines):
        was = marks.before(line)
        below = file.lines[number + 1] if number + 1 < len(file.lines) else ""
        if at_top != _is_top_key(below if was is not None and marks.is_changed(below) else line):
            lines.append(line)
        elif was is not None:
            # What took its place was made a comment later, so it comes back first.
            lines.append(line if marks.is_changed(marks.before(below) or "") else was)
        elif not marks.is_changed(line):
            lines.append(line)
        elif not number or marks.before(file.lines[number - 1]) is None:
            lines.append(marks.unmarked(line))
            notes.append(
                f"'{marks.unmarked(line).strip()}' stays in {file.name}, "
                "because the line above it, which said what was there before, is gone."
            )
    return file.joined(lines)


def _is_top_key(line: str) -> bool:
    return line[:1].isalpha()


class _Removal:
    """Takes out of a file what was added; of what has no mark nothing, where something has one."""

    def __init__(self, file: YamlText, marked: bool, notes: list[str]) -> None:
        self._file = file
        self._lines: list[Optional[str]] = list(file.lines)  # with their ends; None for one that goes
        self._marked = marked
        self._notes = notes

    def without_steps(self) -> str:
        """Return the text without the components that were added."""
        self._steps()
        return self._file.joined([line for line in self._lines if line is not None])

    def without_anything(self) -> Optional[str]:
        """Return the text without anything that was added; None for a file that was added whole."""
        self._steps()
        self._top_keys()
        # What is left are keys that were added to components.
        left = [line for line in self._lines if line is not None and not marks.is_added(line)]
        if [line.strip() for line in left] == [marks.FILE_ADDED]:
            return None
        return self._file.joined([line for line in left if line.strip() != marks.FILE_ADDED])

    def _steps(self) -> None:
        pipeline = self._file.data.get("pipeline")
        if not isinstance(pipeline, list) or not pipeline or getattr(self._file.value("pipeline"), "flow_style", False):
            return
        stays = []
        for place, step in zip(self._file.steps("pipeline"), pipeline, strict=True):
            is_ours = str(step.get("name")).startswith(_OURS)
            if marks.is_added(self._file.line(place.first)) or (is_ours and not self._marked):
                self._drop(place.first, place.last)
            elif is_ours:
                self._notes.append(f"{step['name']} stays in {self._file.name}: convai add did not add it.")
            else:
                stays.append((short(step.get("name")), place))
        if self._marked or len(stays) == len(pipeline):
            return
        if not _CLASSIFIERS & {name for name, _ in stays}:
            self._notes.append(
                f"{self._file.name} no longer has an intent classifier: restore the one that was commented out."
            )
        diets = [place for name, place in stays if name == DIET]
        for number in (number for place in diets for number in range(place.first, place.last + 1)):
            if self._file.line(number).strip() == "intent_classification: false":
                self._lines[number] = None
                self._notes.append(f"{DIET} classifies intents again, without 'intent_classification: false'.")

    def _top_keys(self) -> None:
        """Take out keys at the top: the channel with what is under it, an added 'pipeline:' if that is empty."""
        for key, (first, last) in self._file.top_keys.items():
            if not marks.is_added(self._file.line(first)) and (self._marked or key != CHANNEL):
                if key == CHANNEL:
                    self._notes.append(f"{CHANNEL} stays in {self._file.name}: convai add did not add it.")
                continue
            left = [line for line in self._lines[first + 1 : last + 1] if line is not None]
            if key == "pipeline" and any(line.strip() for line in left):
                self._lines[first] = marks.unmarked(self._file.lines[first])
                continue
            self._drop(first, last)
            if key in (CHANNEL, "pipeline"):
                self._drop_what_leads_to(first)

    def _drop_what_leads_to(self, first: int) -> None:
        """Take out the blank line and the comment that were put above a key."""
        above = [number for number in range(first) if self._lines[number] is not None]
        if above and self._file.line(above[-1]) == COMMENT:
            self._lines[above.pop()] = None
        if above and not self._file.line(above[-1]).strip():
            self._lines[above[-1]] = None

    def _drop(self, first: int, last: int) -> None:
        """Take out the lines of something of ours, but no comments that others put between them."""
        for number in range(first, last + 1):
            line = self._file.line(number)
            if number == first or marks.is_mark(line) or not line.lstrip().startswith("#"):
                self._lines[number] = None
