"""The file that makes a folder an installed model: what is in it, and where it came from.

It is written last, before the folder is renamed into place, so a folder that has one is whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType

from convai_rasa.errors import ModelCorrupt
from convai_rasa.store.files import sha256

MANIFEST = "convai-model.json"
NOTICE = "NOTICE.txt"  # what the model's license asks to be passed on
PUBLISHED = "convai-published.json"  # beside it in a version that a user published: see ``provenance``


@dataclass(frozen=True)
class InstalledFile:
    """One file of an installed folder: its size in bytes and SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What was installed; ``name`` and ``licence`` are as in the catalog."""

    name: str
    source: str  # where the bytes came from, in words
    licence: str
    published: dict[str, str]  # SHA-256 of each published file it was made from
    conversion: str | None  # its name; None if the published files were installed as they are
    difference: float | None  # the largest between the outputs of the converted model and the original
    files: dict[str, InstalledFile]  # all of the folder but the manifest itself
    revision: str | None = None  # the version that the source found, None if it has none
    archives: dict[str, str] = field(default_factory=dict)  # SHA-256 of those compared as a whole, by file name

    def dumps(self) -> bytes:
        """Return the content of the file."""
        return (json.dumps(asdict(self), indent=1) + "\n").encode()

    def write(self, folder: Path) -> None:
        """Make a complete folder, not yet in place, an installed model."""
        (folder / MANIFEST).write_bytes(self.dumps())


def describe_files(folder: Path, known: Mapping[str, str] = MappingProxyType({})) -> dict[str, InstalledFile]:
    """Return what is in a folder, by name; ``known`` are the SHA-256 that need not be computed."""
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: InstalledFile(path.stat().st_size, known.get(name) or sha256(path)) for name, path in paths.items()}


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of an installed folder; raises ModelCorrupt if it cannot be read."""
    path = folder / MANIFEST
    try:
        return parse_manifest(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelCorrupt(f"{path} cannot be read ({error}); fetch the model again.") from error


def parse_manifest(text: bytes) -> Manifest:
    """Read a manifest, wherever it lies and whoever wrote it; raises ValueError if it is none."""
    try:
        content = json.loads(text)
        files = {name: InstalledFile(**file) for name, file in content.pop("files").items()}
        manifest = Manifest(files=files, **content)
        hashes = [*manifest.published.values(), *manifest.archives.values(), *(file.sha256 for file in files.values())]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(str(error)) from error
    texts, sizes = [manifest.name, manifest.source, manifest.licence, *hashes], [file.size for file in files.values()]
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(size, int) for size in sizes):
        raise ValueError("a name is not text, or a size is not a number")
    return manifest


def is_installed(folder: Path) -> bool:
    """Whether a model was installed here, whole (its files may have been harmed since: see ``find_damage``)."""
    return (folder / MANIFEST).is_file()


def find_damage(folder: Path) -> str | None:
    """Say which file of an installed model is missing or has another size than when it was installed.

    Looks at sizes only, so it costs next to nothing; ``verify`` reads every byte. Returns a clause without a full stop,
    None if nothing is wrong; raises ModelCorrupt if the manifest cannot be read.
    """
    for name, file in read_manifest(folder).files.items():
        try:
            found = os.stat(f"{folder}/{name}").st_size
        except OSError:
            return f"{name} is missing"
        if found != file.size:
            return f"{name} has {found:,} bytes instead of {file.size:,}"
    return None
