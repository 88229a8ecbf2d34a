"""What makes a folder an installed model: as little of it as looking a model up needs, for that is done often."""

from __future__ import annotations

import json
import os
from pathlib import Path

from convai_rasa.errors import ModelCorrupt

MANIFEST = "convai-model.json"
NOTICE = "NOTICE.txt"  # what the model's license asks to be passed on
PUBLISHED = "convai-published.json"  # beside it in a version that a user published: see ``provenance``


def is_installed(folder: Path) -> bool:
    """Whether a model was installed here, whole (its files may have been harmed since: see ``find_damage``)."""
    return (folder / MANIFEST).is_file()


def find_damage(folder: Path) -> str | None:
    """Say which file of an installed model is missing or has another size than when it was installed.

    Looks at sizes only, so it costs microseconds; ``verify`` reads every byte.

    Returns:
        A clause without a full stop, None if nothing is wrong.

    Raises:
        ModelCorrupt: the manifest cannot be read.
    """
    path = folder / MANIFEST
    try:
        sizes = {name: file["size"] for name, file in json.loads(path.read_text(encoding="utf-8"))["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelCorrupt(f"{path} cannot be read ({error}); fetch the model again.") from error
    for name, size in sizes.items():
        try:
            found = os.stat(f"{folder}/{name}").st_size
        except OSError:
            return f"{name} is missing"
        if found != size:
            return f"{name} has {found:,} bytes instead of {size:,}"
    return None
