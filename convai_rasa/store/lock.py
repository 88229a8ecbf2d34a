"""models/models.lock: what was trusted on first use.

Some publishers give no hash, or no fixed revision. The first time such a model is fetched, the hashes of its files and
the revision found are written down; from then on the same bytes are expected, from whatever source. The file belongs
into version control: who fetches after you gets what you got, or an error.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Optional

from filelock import FileLock

from convai_rasa.errors import ModelCorrupt
from convai_rasa.store.tree import STAGING

LOCK_FILE = "models.lock"


@dataclass(frozen=True)
class LockedModel:
    """What one model was when it was first fetched.

    Attributes:
        source: where it came from, in words.
        revision: the version that the source found, None if it has none.
        files: SHA-256 of each file as it was delivered.
    """

    source: str
    revision: Optional[str]
    files: dict[str, str]


def read_lock(tree: Path) -> dict[str, LockedModel]:
    """Return what is locked in a models/ tree, by name of the model; nothing where there is no lock file.

    Raises:
        ModelCorrupt: the lock file cannot be read.
    """
    path = tree / LOCK_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ModelCorrupt(f"{path} cannot be read ({error.strerror}).") from error
    try:
        return {name: LockedModel(**entry) for name, entry in json.loads(text)["models"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelCorrupt(
            f"{path} is not a list of models ({error}); restore it from version control, or delete it to trust what is "
            "fetched next."
        ) from error


def lock_model(tree: Path, name: str, entry: LockedModel) -> None:
    """Write down what a model was, unless that is there already; safe against other processes that do the same."""
    (tree / STAGING).mkdir(parents=True, exist_ok=True)
    with FileLock(tree / STAGING / f"{LOCK_FILE}.lock"):
        locked = read_lock(tree)
        if locked.get(name) == entry:
            return
        locked[name] = entry
        content = {"models": {name: asdict(locked[name]) for name in sorted(locked)}}
        new = tree / STAGING / f"{LOCK_FILE}-{uuid.uuid4().hex}"
        new.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        os.replace(new, tree / LOCK_FILE)
