"""The file that makes a folder an installed model: what is in it, and where it came from.

It is written last, before the folder is renamed into place, so a folder that has one is whole.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from convai_rasa.errors import ModelCorrupt
from convai_rasa.store.files import sha256

if TYPE_CHECKING:  # the catalogue brings pydantic and yaml, which looking up an installed model does not need
    from convai_rasa.store.catalogue import Model

MANIFEST = "convai-model.json"


@dataclass(frozen=True)
class InstalledFile:
    """One file of an installed folder: its size in bytes and SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What was installed.

    Attributes:
        name: the model's name in the catalogue.
        source: where the bytes came from, in words.
        licence: as in the catalogue.
        published: SHA-256 of each published file it was made from.
        conversion: name of the conversion, or None if the published files were installed as they are.
        difference: largest absolute difference between the outputs of the converted model and the original.
        files: every file of the folder but the manifest itself.
    """

    name: str
    source: str
    licence: str
    published: dict[str, str]
    conversion: str | None
    difference: float | None
    files: dict[str, InstalledFile]

    def is_current(self, model: Model) -> bool:
        """Whether the catalogue would still install the same thing."""
        published = {name: file.sha256 for name, file in model.files.items()}
        return self.published == published and self.conversion == (model.conversion and model.conversion.name)


def is_installed(folder: Path) -> bool:
    """Whether a model was installed here, whole (its files may have been harmed since: see ``first_damage``)."""
    return (folder / MANIFEST).is_file()


def write_manifest(
    folder: Path, model: Model, *, source: str, difference: float | None, known: dict[str, str]
) -> Manifest:
    """Describe a complete folder in its manifest.

    Args:
        folder: the folder, not yet in place.
        model: what it holds.
        source: where the bytes came from, in words.
        difference: result of the conversion's check, None without a conversion.
        known: SHA-256 of files that were hashed already, by name; the rest is hashed here.
    """
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            files[name] = InstalledFile(path.stat().st_size, known.get(name) or sha256(path))
    manifest = Manifest(
        name=model.name,
        source=source,
        licence=model.licence,
        published={name: file.sha256 for name, file in model.files.items()},
        conversion=model.conversion.name if model.conversion else None,
        difference=difference,
        files=files,
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
        content = json.loads(path.read_text(encoding="utf-8"))
        files = {name: InstalledFile(**file) for name, file in content.pop("files").items()}
        return Manifest(files=files, **content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelCorrupt(f"{path} cannot be read ({error}); fetch the model again.") from error


def first_damage(folder: Path, manifest: Manifest) -> str | None:
    """Say which file is missing or has another size than when it was installed, None if none has.

    Looks at sizes only, so it costs microseconds; ``verify`` reads every byte.
    """
    for name, file in manifest.files.items():
        try:
            size = (folder / name).stat().st_size
        except OSError:
            return f"{name} is missing"
        if size != file.size:
            return f"{name} has {size:,} bytes instead of {file.size:,}"
    return None
