"""Catalogue entries of models that tests make up."""

from __future__ import annotations

import hashlib
from typing import Any


def toy_entry(files: dict[str, bytes], *sources: dict[str, Any], component: str = "nlu") -> dict[str, Any]:
    """Return the entry of a model.

    Args:
        files: what its publisher put out.
        sources: as a catalogue has them.
        component: which part of a bot it serves.
    """
    return {
        "purpose": "Repeats what it is told",
        "use": "tests",
        "component": component,
        "languages": ["en"],
        "origin": "a test",
        "licence": "CC0",
        "notice": "Nobody's.\n",
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files.items()
        },
        "sources": list(sources),
    }
