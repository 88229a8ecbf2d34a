"""Is what a source delivered the model that was asked for? One check, whatever the source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from convai_rasa.errors import DownloadError, ModelCorrupt
from convai_rasa.store.catalogue import Model, PublishedFile
from convai_rasa.store.files import sha256
from convai_rasa.store.installed import MANIFEST, NOTICE
from convai_rasa.store.lfs import is_pointer
from convai_rasa.store.lock import LOCK_FILE
from convai_rasa.store.manifest import read_manifest
from convai_rasa.store.names import parse_name
from convai_rasa.store.order import Delivery


@dataclass(frozen=True)
class Checked:
    """What the check has found out.

    Attributes:
        hashes: SHA-256 of every file that was delivered, by name.
        trusted: those of them that nothing but the first use vouches for.
    """

    hashes: dict[str, str]
    trusted: dict[str, str]


def check_delivery(model: Model, folder: Path, delivery: Delivery, locked: Mapping[str, str]) -> Checked:
    """Compare delivered files with the catalog, and those it has no hash of with the lock file.

    Args:
        model: what was asked for.
        folder: where the source has put it.
        delivery: what the source says about it.
        locked: hashes of this model's files in models.lock, by name.

    Raises:
        DownloadError: a file is missing, has another size or hash, or is a git-LFS pointer.
    """
    if delivery.installed:
        hashes, known = _check_installed(model, folder)
    else:
        known = {} if delivery.archives else model.files  # an archive was compared as a whole
        hashes = _check_published(known, folder)
    trusted = {
        name: digest
        for name, digest in hashes.items()
        if not (delivery.archives or _is_known(name, known) or name == NOTICE)  # a text that we wrote
    }
    for name, digest in trusted.items():
        if locked.get(name, digest) != digest:
            raise DownloadError(
                f"{name} is not the file it was before: {LOCK_FILE} has SHA-256 {locked[name]}, {digest} found; if the "
                f"publisher has changed it and you trust that, delete the entry {model.name} from {LOCK_FILE}"
            )
    return Checked(hashes, trusted)


def _is_known(name: str, known: Mapping[str, PublishedFile]) -> bool:
    return name in known and known[name].sha256 is not None


def _check_published(known: Mapping[str, PublishedFile], folder: Path) -> dict[str, str]:
    delivered = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    if not delivered:
        raise DownloadError("nothing was delivered")
    names = dict.fromkeys([*known, *delivered])
    return {name: _check_file(folder / name, name, known.get(name)) for name in names}


def _check_file(path: Path, name: str, published: PublishedFile | None) -> str:
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise DownloadError(f"{name} is missing from what was delivered") from None
    if is_pointer(path):
        raise DownloadError(f"{name} is a git-LFS pointer instead of the file; where it came from, run: git lfs pull")
    if published and published.size not in (None, size):
        raise DownloadError(f"{name} is not the published file: {published.size:,} bytes expected, {size:,} found")
    digest = sha256(path)
    if published and published.sha256 not in (None, digest):
        raise DownloadError(f"{name} is not the published file: SHA-256 {published.sha256} expected, {digest} found")
    return digest


def _check_installed(model: Model, folder: Path) -> tuple[dict[str, str], Mapping[str, PublishedFile]]:
    """Check a folder that somebody else installed and put up for others."""
    try:
        manifest = read_manifest(folder)
    except ModelCorrupt as error:
        raise DownloadError(f"its {MANIFEST} cannot be read") from error
    name = parse_name(manifest.name)
    if name is None or name.plain != model.name:
        raise DownloadError(f"the files there are {manifest.name}, not {model.name}")
    if not manifest.is_current(model):
        raise DownloadError("the files there were made from different files than the catalog lists")
    expected = {
        # a hash that is none can be no file's; of an empty file the hash says enough
        name: PublishedFile.construct(size=file.size or None, sha256=file.sha256)
        for name, file in manifest.files.items()
    }
    # the manifest is only as good as who wrote it: the catalog has the last word, and models.lock on all else
    known = {} if model.conversion or manifest.archives else model.files
    expected |= {name: file for name, file in known.items() if file.sha256}
    return {name: _check_file(folder / name, name, file) for name, file in expected.items()}, known
