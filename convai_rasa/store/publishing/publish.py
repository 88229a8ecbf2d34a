"""Put a model of one's own into the tree as a new version.

Everything happens in ``models/.staging`` until the folder is whole; it then takes its place in one step, under a name
that nothing has. What the plain name means does not change, unless there was nothing it could mean.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from convai_rasa.errors import ConfigurationError, ModelError
from convai_rasa.store import versions
from convai_rasa.store.files import sha256
from convai_rasa.store.installed import MANIFEST, PUBLISHED
from convai_rasa.store.manifest import InstalledFile, Manifest
from convai_rasa.store.names import VERSION, Name, version_key
from convai_rasa.store.publishing.provenance import Provenance
from convai_rasa.store.search import search
from convai_rasa.store.tree import STAGING


def publish(name: Name, tree: Path, fill: Callable[[Path], object], describe: Callable[[Name], Provenance]) -> Path:
    """Publish a version.

    Safe against other processes that do the same: each gets a version of its own.

    Args:
        name: of the model; its version is the new one, None for the next: v1.0, v2.0, …
        tree: the models/ folder; created if missing.
        fill: puts the files into an empty folder; whatever it raises, nothing is published.
        describe: says what is known of the version, once it has its name.

    Returns:
        The folder of the version.

    Raises:
        ConfigurationError: it is not the name of a version, or there is one of that name.
        ModelError: it cannot be written.
    """
    if name.version is not None and not VERSION.fullmatch(name.version):
        raise ConfigurationError(f"'{name.version}' is not the name of a version; write v1.0, or leave it out.")
    staging = tree / STAGING / f"{name.plain.replace('/', '--')}.publish"
    with versions.locked(tree, name):
        version = name.version or next_version(versions.versions_of(tree, name))
        published = name._replace(version=version)
        target = tree / name.kind / version / name.model
        if target.exists():
            raise ConfigurationError(
                f"{published} exists already, and versions never change; publish under another version."
            )
        meaning = _version_meant(tree, name._replace(version=None))
        shutil.rmtree(staging, ignore_errors=True)  # of a run that was killed
        staging.mkdir(parents=True)
        try:
            fill(staging)
            provenance = describe(published)
            provenance.write(staging)
            _write_manifest(staging, provenance)
            if meaning:
                versions.pin_unpinned(tree, name, meaning)
            target.parent.mkdir(parents=True, exist_ok=True)
            staging.rename(target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return target


def _version_meant(tree: Path, name: Name) -> Path | None:
    """Return the version that a plain name means, None if it means something else or nothing."""
    meant = next((look.folder for look in search(name, [("", tree)], caches=True) if look.folder), None)
    wanted = [tree / name.kind / version / name.model for version in versions.versions_of(tree, name)]
    return meant if meant in wanted else None


def _write_manifest(folder: Path, provenance: Provenance) -> None:
    files = {
        path.relative_to(folder).as_posix(): InstalledFile(path.stat().st_size, sha256(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    manifest = Manifest(
        provenance.name, provenance.source, "", published={}, conversion=None, difference=None, files=files
    )
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")


def next_version(present: list[str]) -> str:
    """Return the version after all these: the next whole number."""
    return f"v{max((version_key(version)[0] for version in present), default=0) + 1}.0"


def copy_folder(source: Path, into: Path) -> None:
    """Copy a model's folder, without what said where an earlier copy of it came from.

    Raises:
        ModelError: a file cannot be read or written.
    """

    def left_out(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if name in (MANIFEST, PUBLISHED, ".git", ".cache") and Path(folder) == source}

    try:
        shutil.copytree(source, into, ignore=left_out, dirs_exist_ok=True)
    except shutil.Error as error:
        raise ModelError(f"{source} cannot be copied: {error.args[0][0][2]}.") from error
    except OSError as error:
        raise ModelError(f"{source} cannot be copied: {error}.") from error
