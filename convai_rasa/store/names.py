"""Names of models: kind/model, and which version of it."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

LATEST = "latest"
UNVERSIONED = "unversioned"
CURRENT = "current"
VERSION = re.compile(r"v\d+(?:\.\d+)*")


class Name(NamedTuple):
    """What a user calls a model: the folder under models/, and the one under that, or under a version of that.

    A version is such as ``v1.0``, or ``latest``, or ``unversioned`` for the folder outside all versions; None: the one
    that is current. Anything else is no version, which is for the reader to say.
    """

    kind: str
    model: str
    version: Optional[str] = None

    @classmethod
    def of(cls, plain: str, version: Optional[str] = None) -> Name:
        """Return ``kind/model``, of the catalog, with a version."""
        kind, _, model = plain.partition("/")
        return cls(kind, model, version)

    @property
    def plain(self) -> str:
        """The name without a version."""
        return f"{self.kind}/{self.model}"

    @property
    def path(self) -> str:
        """Its folder in a tree, and in any other place that holds models by their names."""
        return f"{self.kind}/{self.version}/{self.model}" if self.version else self.plain

    def __str__(self) -> str:
        return self.plain if self.version is None else f"{self.plain}@{self.version}"


def parse_name(text: str) -> Name | None:
    """Read ``kind/model``, ``kind/model@version`` or ``kind/version/model``; None if it is none of them."""
    plain, at, version = text.strip("/").partition("@")
    parts = plain.split("/")
    if len(parts) < 2 or (at and not version) or any(not part or part.startswith(".") for part in parts):
        return None  # a kind of models, a hidden folder, or a path out of the tree
    kind, *model = parts
    if model[0] == CURRENT or VERSION.fullmatch(model[0]):
        if at or len(model) < 2:
            return None
        at, version = "@", model.pop(0)
        if version == CURRENT:
            return Name(kind, "/".join(model))
    return Name(kind, "/".join(model), version if at else None)


def version_key(version: str) -> tuple[int, ...]:
    """Return what versions are ordered by: their numbers, so that v10.0 comes after v9.1."""
    return tuple(int(number) for number in version[1:].split("."))
