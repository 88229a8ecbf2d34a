"""Places that hold models by their names, folders and object stores alike: what they offer, and how a model is brought.

``<place>/<name>/`` is either the installed form, with a manifest that lists its files, or the published files as the
catalog names them. What is only half there, because its push has not come to an end, is refused.
"""

from __future__ import annotations

import abc
import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from convai_rasa.errors import DownloadError
from convai_rasa.store.files import is_plain
from convai_rasa.store.manifest import MANIFEST, InstalledFile, parse_manifest
from convai_rasa.store.names import VERSION, Name, version_key
from convai_rasa.store.sources.jobs import go_on_unless, persist, run_all
from convai_rasa.store.sources.place import Delivery, Order, Place, PublishedFile

WINDOW_BYTES = 8 << 20  # read at once, and lost if the connection is cut meanwhile
UNFINISHED = "convai-model.unfinished"  # lies beside the files of a model while it is being pushed
LIMIT_MANIFEST = 4 << 20
MirrorT = TypeVar("MirrorT", bound="Mirror")


class Entry(NamedTuple):
    """One file in a remote place: its bytes, and whatever changes when its content does, such as an entity tag."""

    size: int
    version: str


class Mirror(Place):
    """A place that holds files by names with slashes in them, such as those of models; a context manager.

    It is entered before anything is asked of it, which raises MissingExtra if its driver is not installed. Every method
    raises DownloadError (a clause without a full stop) for what will not work, and ``Transient`` for what may work at
    the next try.
    """

    def __enter__(self: MirrorT) -> MirrorT:
        return self

    def __exit__(self, *_: object) -> None: ...

    @abc.abstractmethod
    def entries(self, folder: str) -> dict[str, Entry]:
        """Return every file below a folder by its name in that folder; none if there is no such folder."""

    @abc.abstractmethod
    def read(self, name: str, start: int, end: int) -> bytes:
        """Return the bytes of a file from ``start`` up to ``end``; fewer, but at least one, where not all arrived."""

    @abc.abstractmethod
    def hash_of(self, name: str) -> str | None:
        """Return the SHA-256 of a file in lower-case hex as far as the place knows it."""

    @abc.abstractmethod
    def write(self, name: str, content: bytes) -> None:
        """Write a small file in one step."""

    @abc.abstractmethod
    def upload(self, path: Path, name: str, sha256: str, count: Callable[[int], object]) -> None:
        """Copy a file there, whole or not at all; ``count``, which may raise, is told of the bytes as they go."""

    @abc.abstractmethod
    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""

    def fetch(self, order: Order) -> Delivery:
        """See Place; the files are copied, and what a cut leaves is continued by the next call."""
        with self:
            try:
                return self._bring(order)
            except DownloadError as error:
                raise DownloadError(f"{self}: {error}") from error

    def locate(self, name: Name) -> tuple[str, dict[str, Entry]]:
        """Return the folder of a model, and what is there; raises DownloadError if it is not there, or half there.

        A version that the place has not as such is looked for outside versions.
        """
        for folder in dict.fromkeys((name.path, name.plain)):
            entries = persist(partial(self.entries, folder))
            if UNFINISHED in entries and MANIFEST not in entries:
                what = f"{name} is being pushed right now, or a push was interrupted"
                raise DownloadError(f"{what}; wait, or push it again")
            if entries:
                return folder, entries
        of_kind = persist(partial(self.entries, name.kind))
        found = {file.split("/")[0] for file in of_kind if f"/{name.model}/" in file}
        versions = sorted(filter(VERSION.fullmatch, found), key=version_key)
        but = f", but {', '.join(f'{name.plain}@{version}' for version in versions)}" if versions else ""
        raise DownloadError(f"there is no {name}{but}")

    def manifest_text(self, folder: str, entries: Mapping[str, Entry]) -> bytes:
        """Fetch the manifest of a model; raises DownloadError if it is too large to be one, or cannot be had."""
        size = entries[MANIFEST].size
        if size > LIMIT_MANIFEST:
            raise DownloadError(f"{MANIFEST} has {size:,} bytes, which is too large for a manifest")
        return persist(lambda: self.read(f"{folder}/{MANIFEST}", 0, size))

    def _bring(self, order: Order) -> Delivery:
        folder, entries = self.locate(Name.of(order.name, order.version))
        if MANIFEST in entries:
            text = self.manifest_text(folder, entries)
            files = listed_files(text, MANIFEST)
            _check_there(files, entries, "; push the model again")
            (order.into / MANIFEST).write_bytes(text)
            wanted = list(files)
        else:
            _check_there(order.files, entries)
            wanted = list(order.files) or _all_but_hidden(order.name, entries)
        # under names that only these versions of the files have
        keys = {name: f"{self}\n{folder}/{name}\n{entries[name]}".encode() for name in wanted}
        parts = {name: order.staging / hashlib.sha256(key).hexdigest() for name, key in keys.items()}
        jobs = (partial(self._read_on, order, f"{folder}/{name}", entries[name].size, parts[name]) for name in wanted)
        run_all(jobs, order.stop)
        now = persist(partial(self.entries, folder), order.stop)
        for name, part in parts.items():
            if now.get(name) != entries[name] or part.stat().st_size != entries[name].size:
                part.unlink()
                raise DownloadError(f"{folder}/{name} was changed there while it was read; run this again")
        order.hand_over(parts)
        return Delivery(str(self), installed=MANIFEST in entries)

    def _read_on(self, order: Order, name: str, size: int, part: Path) -> None:
        """Read one file, or what is still missing of it."""
        part.parent.mkdir(parents=True, exist_ok=True)
        with order.progress.file(name, size) as bar, part.open("ab") as file:

            def read() -> None:
                bar.move_to(file.tell())
                while file.tell() < size:
                    piece = self.read(name, file.tell(), min(file.tell() + WINDOW_BYTES, size))
                    go_on_unless(order.stop)
                    if not piece:
                        return
                    file.write(piece)
                    bar.move_to(file.tell())

            persist(read, order.stop, reached=file.tell)


def listed_files(text: bytes, where: str) -> dict[str, InstalledFile]:
    """Return the files that somebody else's manifest, called ``where`` in messages, lists inside its folder."""
    try:
        files = parse_manifest(text).files
    except ValueError as error:
        raise DownloadError(f"{where} cannot be read") from error
    for name in files:
        if not is_plain(name) or name == MANIFEST:
            raise DownloadError(f"{where} lists {name!r}, which is not a plain relative path")
    return files


def _check_there(
    files: Mapping[str, InstalledFile | PublishedFile], entries: Mapping[str, Entry], advice: str = ""
) -> None:
    for name, file in files.items():
        if name not in entries:
            raise DownloadError(f"{name} is missing there{advice}")
        found = entries[name].size
        if file.size not in (None, found):
            what = f"{name} is not the published file: {file.size:,} bytes expected, {found:,} found"
            raise DownloadError(f"{what}{advice}")


def _all_but_hidden(model: str, entries: Mapping[str, Entry]) -> list[str]:
    """Return what is fetched where nobody lists files."""
    wanted = [name for name in entries if not any(part.startswith(".") and part != ".." for part in name.split("/"))]
    for name in wanted:
        if not is_plain(name):
            raise DownloadError(f"'{name}' is not a plain relative path")
    if not wanted:
        raise DownloadError(f"of {model} there are only hidden files")
    return wanted
