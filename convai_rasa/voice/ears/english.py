"""The English words that say something about turns, from ``english.yml``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import FrozenSet, Mapping

import yaml


@dataclass(frozen=True)
class TurnWords:
    """Words in lower case, see the file for their meaning."""

    open: FrozenSet[str]
    open_but_not_alone: FrozenSet[str]
    closed_by: Mapping[str, FrozenSet[str]]
    digits: FrozenSet[str]
    back_channels: FrozenSet[str]


def _read(file: Path) -> TurnWords:
    lists = yaml.safe_load(file.read_text(encoding="utf-8"))
    closed_by = {word: frozenset(before.split()) for word, before in lists.pop("closed_by").items()}
    return TurnWords(closed_by=closed_by, **{name: frozenset(words.split()) for name, words in lists.items()})


ENGLISH = _read(Path(__file__).with_name("english.yml"))
