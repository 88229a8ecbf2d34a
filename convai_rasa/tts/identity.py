"""What tells one sound of a voice from another: its files, its options and the code that makes it."""

from __future__ import annotations

import functools
import hashlib
import json
import pathlib
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Iterable, Mapping

from convai_rasa.store import joint_sha256

_LIBRARIES = ("gruut", "num2words", "numpy", "onnxruntime")


def voice_identity(files: Iterable[pathlib.Path], options: Mapping[str, Any]) -> str:
    """Return a hash that changes whenever the sound of a text may.

    Args:
        files: all that the voice was loaded from.
        options: whatever else decides on its sound, as JSON can hold it.
    """
    parts = [joint_sha256((path.name, path) for path in files), options, code_version()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@functools.lru_cache(maxsize=1)
def code_version() -> str:
    """Return a hash of this package's own source and words, and of the versions of the libraries that make a sound."""
    here = pathlib.Path(__file__).parent
    source = sorted([*here.rglob("*.py"), *here.rglob("*.yml"), *here.with_name("languages").glob("*.py")])
    own = joint_sha256((path.relative_to(here.parent).as_posix(), path) for path in source)
    return " ".join([own, *(f"{name} {_version(name)}" for name in _LIBRARIES)])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
