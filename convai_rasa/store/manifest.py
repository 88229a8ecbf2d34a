"""The file that makes a folder an installed model: what is in it, and where it came from.

It is written last, before the folder is renamed into place, so a folder that has one is whole.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from convai_rasa.errors import ModelCorrupt
from convai_rasa.store.files import sha256
from convai_rasa.store.installed import MANIFEST

if TYPE_CHECKING:  # the catalog brings pydantic and yaml, which looking up an installed model does not need
    from convai_rasa.store.catalogue import Model
    from convai_rasa.store.order import Delivery


@dataclass(frozen=True)
class InstalledFile:
    """One file of an installed folder: its size in bytes and SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What was installed.

    Attributes:
        name: the model's name in the catalog.
        source: where the bytes came from, in words.
        licence: as in the catalog.
        published: SHA-256 of each published file it was made from.
        conversion: name of the conversion, or None if the published files were installed as they are.
        difference: largest absolute difference between the outputs of the converted model and the original.
        files: every file of the folder but the manifest itself.
        revision: the version that the source found, None if it has none.
        archives: SHA-256 of the archives that were compared as a whole, by file name.
    """

    name: str
    source: str
    licence: str
    published: dict[str, str]
    conversion: str | None
    difference: float | None
    files: dict[str, InstalledFile]
    revision: str | None = None
    archives: dict[str, str] = field(default_factory=dict)

    def is_current(self, model: Model) -> bool:
        """Whether the catalog would still install the same thing."""
        if self.conversion != (model.conversion and model.conversion.name):
            return False
        if self.archives:
            return set(self.archives.values()) <= {source.archive_sha256 for source in model.sources}
        if model.files and model.files.keys() != self.published.keys():
            return False
        return all(file.sha256 in (None, self.published[name]) for name, file in model.files.items())


def write_manifest(
    folder: Path,
    model: Model,
    delivery: Delivery,
    *,
    published: dict[str, str],
    difference: float | None,
) -> Manifest:
    """Describe a complete folder in its manifest.

    Args:
        folder: the folder, not yet in place.
        model: what it holds.
        delivery: where the bytes came from.
        published: SHA-256 of the delivered files, by name.
        difference: result of the conversion's check, None without a conversion.
    """
    known = {} if model.conversion else published
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            files[name] = InstalledFile(path.stat().st_size, known.get(name) or sha256(path))
    manifest = Manifest(
        name=model.name,
        source=delivery.source,
        licence=model.licence,
        published=published,
        conversion=model.conversion.name if model.conversion else None,
        difference=difference,
        files=files,
        revision=delivery.revision,
        archives=delivery.archives,
    )
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of an installed folder.

    Raises:
        ModelCorrupt: the manifest cannot be read.
    """
    path = folder / MANIFEST
    try:
        return parse_manifest(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelCorrupt(f"{path} cannot be read ({error}); fetch the model again.") from error


def parse_manifest(text: bytes) -> Manifest:
    """Read a manifest, wherever it lies and whoever wrote it.

    Raises:
        ValueError: it is none.
    """
    try:
        content = json.loads(text)
        files = {name: InstalledFile(**file) for name, file in content.pop("files").items()}
        manifest = Manifest(files=files, **content)
        hashes = [*manifest.published.values(), *manifest.archives.values(), *(file.sha256 for file in files.values())]
        texts = [manifest.name, manifest.source, manifest.licence, *hashes]
        sizes = [file.size for file in files.values()]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(str(error)) from error
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(size, int) for size in sizes):
        raise ValueError("a name is not text, or a size is not a number")
    return manifest
