"""Put a model of one's own into the tree as a new version.

Everything happens in ``models/.staging`` until the folder is whole; it then takes its place in one step, under a name
that nothing has. What the plain name means does not change, unless there was nothing it could mean.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from convai_rasa.errors import ConfigurationError, ModelError
from convai_rasa.store import versioning
from convai_rasa.store.formats import FORMATS, Format
from convai_rasa.store.manifest import MANIFEST, PUBLISHED, Manifest, describe_files
from convai_rasa.store.names import VERSION, Name, version_key
from convai_rasa.store.publishing.provenance import Provenance
from convai_rasa.store.resolving import search
from convai_rasa.store.tree import STAGING


def format_under(kind: str, folder: Path) -> Format:
    """Return the format of the model in a folder, of those that models of a kind have.

    Raises ConfigurationError if no model of this kind has such a folder; it says what is missing in it.
    """
    fitting = [row for row in FORMATS.values() if kind in row.kinds]
    if not fitting:
        kinds = sorted({each for row in FORMATS.values() for each in row.kinds})
        raise ConfigurationError(f"There are no models of the kind '{kind}'; name it under {', '.join(kinds)}.")
    found = next((row for row in fitting if not row.lacks(folder)), None)
    if found is None:
        words = "; ".join(f"for {row.words} it lacks {', '.join(row.lacks(folder))}" for row in fitting)
        raise ConfigurationError(f"{folder} is not a model of the kind '{kind}': {words}.")
    return found


def publish_version(name: Name, tree: Path, fill: Callable[[Path], str], known: Provenance) -> Path:
    """Publish a version and return its folder; of several processes that do the same each gets a version of its own.

    The version of the name is the new one, None for the next: v1.0, v2.0, … ``fill`` puts the files into an empty
    folder and returns their source in words; whatever it raises, nothing is published. ``known`` lacks only name and
    source.

    Raises:
        ConfigurationError: it is not the name of a version, or there is one of that name.
        ModelError: it cannot be written.
    """
    if name.version is not None and not VERSION.fullmatch(name.version):
        raise ConfigurationError(f"'{name.version}' is not the name of a version; write v1.0, or leave it out.")
    staging = tree / STAGING / f"{name.plain.replace('/', '--')}.publish"
    with versioning.locked(tree, name):
        present = versioning.versions_of(tree, name)
        latest = max((version_key(version)[0] for version in present), default=0)
        published = name._replace(version=name.version or f"v{latest + 1}.0")
        target = versioning.folder_in(tree, published)
        if target.exists():
            what = f"{published} exists already, and versions never change"
            raise ConfigurationError(f"{what}; publish under another version.")
        looks = search(name._replace(version=None), [("", tree)], caches=True)
        meant = next((look.folder for look in looks if look.folder), None)
        shutil.rmtree(staging, ignore_errors=True)  # of a run that was killed
        staging.mkdir(parents=True)
        try:
            source = fill(staging)
            replace(known, name=str(published), source=source).write(staging)
            Manifest(str(published), source, "", {}, None, None, describe_files(staging)).write(staging)
            if meant and meant.parent.name in present:
                versioning.pin_unpinned(tree, name, meant)
            target.parent.mkdir(parents=True, exist_ok=True)
            staging.rename(target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return target


def copy_folder(source: Path, into: Path) -> None:
    """Copy a model's folder, without what said where an earlier copy of it came from; raises ModelError."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if name in (MANIFEST, PUBLISHED, ".git", ".cache") and Path(folder) == source}

    try:
        shutil.copytree(source, into, ignore=left_out, dirs_exist_ok=True)
    except OSError as error:
        reason = error.args[0][0][2] if isinstance(error, shutil.Error) else error
        raise ModelError(f"{source} cannot be copied: {reason}.") from error
