"""Patterns of what guests say: data in a yml file beside the module that listens for them.

A file has patterns by their names: ``phrases``, for which capitals make no difference, and ``lower_case``, for text
that is in lower case already. A pattern is one regular expression or a list of alternatives; ``{name}`` stands for
another one of the file, for one of its ``parts``, or for what the module gives under that name.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

_PART = re.compile(r"\{([a-z_]\w*)\}")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML was built with libyaml


def read_tables(path: Path) -> dict[str, Any]:
    """Return the tables of a yml file that comes with the bot, by their names."""
    tables: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), _LOADER)
    return tables


class Phrases:
    """The patterns of one module, compiled when they are first used.

    ``SAID = Phrases(__file__)`` in ``names.py`` reads ``names.yml``; ``SAID.titled`` is the pattern of that name.

    Args:
        module: the file of the module.
        given: parts that are made from elsewhere, such as the names of the weekdays.

    Attributes:
        path: of its file.

    Raises:
        AttributeError: the file has no pattern of a name.
    """

    def __init__(self, module: str, **given: str) -> None:
        self.path = Path(module).with_suffix(".yml")
        self._given = given

    def __getattr__(self, name: str) -> re.Pattern[str]:
        for table, flags in (("phrases", re.IGNORECASE), ("lower_case", re.RegexFlag(0))):
            if name in self._tables.get(table, ()):
                pattern = re.compile(self.part(name), flags)
                setattr(self, name, pattern)
                return pattern
        raise AttributeError(f"{self.path} has no pattern '{name}'")

    @property
    def names(self) -> list[str]:
        """All patterns of the file."""
        return [name for table in ("phrases", "lower_case") for name in self._tables.get(table, ())]

    def each(self, name: str) -> tuple[re.Pattern[str], ...]:
        """Return the patterns of a list under ``each``, in their order; they are for text in lower case."""
        return tuple(re.compile(self._filled(written)) for written in self._tables["each"][name])

    def rewrites(self, name: str) -> list[tuple[re.Pattern[str], str]]:
        """Return the pairs of a list under ``rewrites``, in their order: what is said, and what takes its place."""
        pairs = self._tables["rewrites"][name]
        return [(re.compile(self._filled(said), re.IGNORECASE), instead) for said, instead in pairs]

    def part(self, name: str) -> str:
        """Return a pattern as it is written, with its parts in their places."""
        if name in self._given:
            return self._given[name]
        written = next((table[name] for table in self._tables.values() if name in table), None)
        if written is None:
            raise AttributeError(f"{self.path} has no pattern '{name}'")
        alternatives = [written] if isinstance(written, str) else written
        return self._filled("|".join(alternatives))

    def _filled(self, pattern: str) -> str:
        return _PART.sub(lambda part: self.part(part[1]), pattern)

    @cached_property
    def _tables(self) -> dict[str, Any]:
        return read_tables(self.path)
