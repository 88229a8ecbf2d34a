"""Is what a source delivered the model that was asked for? One check, whatever the source.

Some publishers give no hash, or no fixed revision. The first time such a model is fetched, the hashes of its files and
the revision found are written down in models/models.lock; from then on the same bytes are expected, from whatever
source. The file belongs into version control: who fetches after you gets what you got, or an error.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from convai_rasa.errors import DownloadError, ModelCorrupt
from convai_rasa.store.catalogue import Model
from convai_rasa.store.files import sha256
from convai_rasa.store.lfs import is_pointer
from convai_rasa.store.manifest import MANIFEST, NOTICE, Manifest, read_manifest
from convai_rasa.store.names import parse_name
from convai_rasa.store.sources import Delivery, PublishedFile
from convai_rasa.store.tree import STAGING

LOCK_FILE = "models.lock"


@dataclass(frozen=True)
class Checked:
    """What the check has found out: SHA-256 of files by their names."""

    hashes: dict[str, str]  # of all that were delivered
    trusted: dict[str, str]  # of those that nothing but the first use vouches for


def check_delivery(model: Model, folder: Path, delivery: Delivery, locked: Mapping[str, str]) -> Checked:
    """Compare delivered files with the catalog, and those it has no hash of with the hashes in the lock file.

    Raises:
        DownloadError: a file is missing, has another size or hash, or is a git-LFS pointer.
    """
    known = {} if delivery.archives else model.files  # an archive was compared as a whole
    if delivery.installed:
        manifest = _manifest_of(model, folder)
        known = {} if model.conversion or manifest.archives else model.files
        listed = {
            # a hash that is none can be no file's; of an empty file the hash says enough
            name: PublishedFile.construct(size=file.size or None, sha256=file.sha256)
            for name, file in manifest.files.items()
        }
        # the manifest is only as good as who wrote it: the catalog has the last word, and models.lock on all else
        expected = listed | {name: file for name, file in known.items() if file.sha256}
    else:
        delivered = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
        if not delivered:
            raise DownloadError("nothing was delivered")
        expected = {**known, **{name: PublishedFile() for name in delivered if name not in known}}
    hashes = {name: _check_file(folder / name, name, file) for name, file in expected.items()}
    vouched = {NOTICE} | {name for name, file in known.items() if file.sha256}  # the notice is a text that we wrote
    trusted = {} if delivery.archives else {name: hashes[name] for name in hashes if name not in vouched}
    for name, digest in trusted.items():
        if locked.get(name, digest) != digest:
            raise DownloadError(
                f"{name} is not the file it was before: {LOCK_FILE} has SHA-256 {locked[name]}, {digest} found; if the "
                f"publisher has changed it and you trust that, delete the entry {model.name} from {LOCK_FILE}"
            )
    return Checked(hashes, trusted)


def _manifest_of(model: Model, folder: Path) -> Manifest:
    """Return the manifest of a folder that somebody else installed and put up for others."""
    try:
        manifest = read_manifest(folder)
    except ModelCorrupt as error:
        raise DownloadError(f"its {MANIFEST} cannot be read") from error
    name = parse_name(manifest.name)
    if name is None or name.plain != model.name:
        raise DownloadError(f"the files there are {manifest.name}, not {model.name}")
    if not model.matches(manifest):
        raise DownloadError("the files there were made from different files than the catalog lists")
    return manifest


def _check_file(path: Path, name: str, expected: PublishedFile) -> str:
    """Return the SHA-256 of a file that is as expected."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise DownloadError(f"{name} is missing from what was delivered") from None
    if is_pointer(path):
        raise DownloadError(f"{name} is a git-LFS pointer instead of the file; where it came from, run: git lfs pull")
    expected.check_size(name, size)
    digest = sha256(path)
    if expected.sha256 not in (None, digest):
        raise DownloadError(f"{name} is not the published file: SHA-256 {expected.sha256} expected, {digest} found")
    return digest


@dataclass(frozen=True)
class LockedModel:
    """What one model was when it was first fetched."""

    source: str  # in words
    revision: str | None  # the version that the source found, if it has any
    files: dict[str, str]  # SHA-256 of each as it was delivered


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
