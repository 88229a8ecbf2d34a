"""The YAML files that come with this package, read with libyaml where PyYAML was built with it: ten times as fast."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def read_yaml(path: Path) -> Any:
    """Return what a file holds."""
    return _read(path, "SafeLoader")


def read_words(path: Path) -> Any:
    """Return what a file of words holds, in which all that is written is text: ``no``, ``on`` and ``7`` too."""
    return _read(path, "BaseLoader")


def _read(path: Path, loader: str) -> Any:
    import yaml  # who only looks a model up does not need it

    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, f"C{loader}", getattr(yaml, loader)))
