"""Is it the model that was published? Whether a source has just delivered it or it was installed long ago.

Some publishers give no hash, or no fixed revision. The first time such a model is fetched, the hashes of its files and
the revision found are written down in models/models.lock; from then on the same bytes are expected, from whatever
source. The file belongs into version control: who fetches after you gets what you got, or an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Union

from convai_rasa.errors import DownloadError, ModelCorrupt
from convai_rasa.hardware import cores
from convai_rasa.store.files import locked, replacing, sha256
from convai_rasa.store.lfs_pointers import pointer_size
from convai_rasa.store.manifest import MANIFEST, NOTICE, InstalledFile, Manifest, is_installed, read_manifest
from convai_rasa.store.names import parse_name
from convai_rasa.store.tree import STAGING

if TYPE_CHECKING:
    from convai_rasa.store.catalogue import Model
    from convai_rasa.store.sources import Delivery, PublishedFile

LOCK_FILE = "models.lock"
_THREADS = min(4, cores())  # hashing releases the GIL
Expected = Union[InstalledFile, "PublishedFile"]


class Checked(NamedTuple):
    """What the check has found out: SHA-256 of files by their names."""

    hashes: dict[str, str]  # of all that were delivered
    trusted: dict[str, str]  # of those that nothing but the first use vouches for


def check_delivery(model: Model, folder: Path, delivery: Delivery, locked: Mapping[str, str]) -> Checked:
    """Compare delivered files with the catalog, and those it has no hash of with the hashes in the lock file.

    Raises DownloadError if a file is missing, has another size or hash, or is a git-LFS pointer.
    """
    manifest = _manifest_of(model, folder) if delivery.installed else None
    # an archive was compared as a whole, and of what was converted the catalog knows nothing
    unlisted = delivery.archives or (manifest and (model.conversion or manifest.archives))
    known = {} if unlisted else model.files
    if manifest:
        # the manifest is only as good as who wrote it: the catalog has the last word, and models.lock on all else
        expected: dict[str, Expected | None] = {**manifest.files, **_hashed(known)}
    else:
        delivered = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
        if not delivered:
            raise DownloadError("nothing was delivered")
        expected = {**dict.fromkeys(delivered), **known}
    hashes = {name: _check_file(folder / name, name, file) for name, file in expected.items()}
    vouched = {NOTICE, *_hashed(known)}  # the notice is a text that we wrote
    trusted = {} if delivery.archives else {name: hashes[name] for name in hashes if name not in vouched}
    for name, digest in trusted.items():
        if locked.get(name, digest) != digest:
            raise DownloadError(
                f"{name} is not the file it was before: {LOCK_FILE} has SHA-256 {locked[name]}, {digest} found; if the "
                f"publisher has changed it and you trust that, delete the entry {model.name} from {LOCK_FILE}"
            )
    return Checked(hashes, trusted)


def _hashed(files: Mapping[str, PublishedFile]) -> dict[str, PublishedFile]:
    return {name: file for name, file in files.items() if file.sha256}


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


def _check_file(path: Path, name: str, expected: Expected | None) -> str:
    """Return the SHA-256 of a file that is as expected."""
    try:
        if pointer_size(path) is not None:
            what = f"{name} is a git-LFS pointer instead of the file"
            raise DownloadError(f"{what}; where it came from, run: git lfs pull")
        found, difference = _compare(path, expected)
    except FileNotFoundError:
        raise DownloadError(f"{name} is missing from what was delivered") from None
    if difference:
        raise DownloadError(f"{name} is not the published file: {difference}")
    return found


def _compare(
    path: Path, expected: Expected | None, progress: Callable[[int], object] | None = None
) -> tuple[str, str | None]:
    """Return the SHA-256 of a file, and in what it differs from what is expected; None if in nothing."""
    size, digest = (expected.size, expected.sha256) if expected else (None, None)
    found_size = path.stat().st_size
    if size not in (None, found_size):
        return "", f"{size:,} bytes expected, {found_size:,} found"
    found = sha256(path, progress)
    return found, None if digest in (None, found) else f"SHA-256 {digest} expected, {found} found"


def verify_model(folder: Path, model: Model | None, *, progress: Callable[[int], object] | None = None) -> list[str]:
    """Read every byte of an installed model and return a sentence for each file that is not what was published.

    Files that were installed as they were published are compared with the catalog, if ``model`` is in it; files a
    conversion wrote, which differ between versions of its libraries, with what was written down when they were checked
    against the original. A folder that another program put there has nothing but the catalog to be compared with.
    ``progress`` is called, by several threads, with the number of bytes of every piece that was read.
    """
    try:
        expected = _expected(folder, model)
    except ModelCorrupt as error:
        return [str(error)]
    if not expected:
        return [f"{folder} was not installed by this package, so there is nothing to compare it with."]

    def problem(name: str) -> str | None:
        path = folder / name
        try:
            difference = _compare(path, expected[name], progress)[1]
        except FileNotFoundError:
            return f"{path} is missing."
        except OSError as error:
            return f"{path} cannot be read ({error.strerror})."
        return f"{path} differs: {difference}." if difference else None

    with ThreadPoolExecutor(_THREADS) as pool:
        largest_first = sorted(expected, key=lambda name: expected[name].size or 0, reverse=True)
        return sorted(filter(None, pool.map(problem, largest_first)))


def _expected(folder: Path, model: Model | None) -> dict[str, Expected]:
    published = _hashed(model.files) if model else {}
    if not is_installed(folder):
        return {} if model and model.conversion else {**published}
    manifest = read_manifest(folder)
    as_published = model and not manifest.conversion and not manifest.archives and manifest.name == model.name
    return {**manifest.files, **(published if as_published else {})}


@dataclass(frozen=True)
class LockedModel:
    """What one model was when it was first fetched."""

    source: str  # in words
    revision: str | None  # the version that the source found, if it has any
    files: dict[str, str]  # SHA-256 of each as it was delivered


def read_lock(tree: Path) -> dict[str, LockedModel]:
    """Return what is locked in a models/ tree, by name of the model; raises ModelCorrupt if that cannot be read."""
    path = tree / LOCK_FILE
    try:
        models = json.loads(path.read_text(encoding="utf-8"))["models"]
        return {name: LockedModel(**entry) for name, entry in models.items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ModelCorrupt(f"{path} cannot be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelCorrupt(
            f"{path} is not a list of models ({error}); restore it from version control, or delete it to trust what is "
            "fetched next."
        ) from error


def lock_model(tree: Path, name: str, entry: LockedModel) -> None:
    """Write down what a model was, unless that is there already; safe against other processes that do the same."""
    with locked(tree / STAGING / f"{LOCK_FILE}.lock"):
        known = read_lock(tree)
        if known.get(name) == entry:
            return
        known[name] = entry
        content = {"models": {name: asdict(known[name]) for name in sorted(known)}}
        with replacing(tree / LOCK_FILE) as file:
            file.write((json.dumps(content, indent=1) + "\n").encode())
