"""What an entity is, and how the bot's annotations and a spaCy label stand for each other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Mapping, NamedTuple, Optional

PRETRAINED, TRAINED, LISTED = "pretrained", "trained", "listed"


@dataclass(frozen=True)
class Entity:
    """One entity in a text.

    Attributes:
        start: offset of its first character.
        end: offset after its last character.
        text: the characters between.
        label: its kind, under the name the bot uses.
        confidence: from 0 to 1; None where the model gives none, as pipes other than ``ner`` and ``spancat`` do.
        value: what it stands for: equal to ``text``, or what a date, time or number in it means.
        role: what it is in this sentence, such as the ``departure`` among two cities; None without roles.
        group: which of several things in the sentence it belongs to; None without groups.
        source: ``pretrained``, ``trained`` on the bot's annotations, or ``listed`` in a lookup table or regex.
        info: more about the value, such as the unit of a number; None where the value is the text.
    """

    start: int
    end: int
    text: str
    label: str
    confidence: Optional[float]
    value: Any
    role: Optional[str] = None
    group: Optional[str] = None
    source: str = PRETRAINED
    info: Optional[Mapping[str, Any]] = None


class Kind(NamedTuple):
    """What a bot annotates: an entity, with its role and group where there are any."""

    entity: str
    role: Optional[str] = None
    group: Optional[str] = None

    @property
    def label(self) -> str:
        """The one spaCy label that stands for all three."""
        return self.entity if self[1:] == (None, None) and self.entity[:1] != "[" else json.dumps(self)

    @classmethod
    def of_label(cls, label: str) -> Kind:
        """Return what a label stands for."""
        return cls(*json.loads(label)) if label.startswith("[") else cls(label)
