"""Places that hold models by their names, folders and object stores alike: what they offer, and how a model is brought.

``<place>/<name>/`` is either the installed form, with a manifest that lists its files, or the published files as the
catalog names them. What is only half there, because its push has not come to an end, is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

from convai_rasa.errors import DownloadError
from convai_rasa.store.files import is_plain
from convai_rasa.store.manifest import MANIFEST, InstalledFile, parse_manifest
from convai_rasa.store.names import VERSION, Name, version_key
from convai_rasa.store.sources.jobs import go_on_unless, persist, run_all
from convai_rasa.store.sources.place import Delivery, Order

WINDOW_BYTES = 8 << 20  # read at once, and lost if the connection is cut meanwhile
UNFINISHED = "convai-model.unfinished"  # lies beside the files of a model while it is being pushed
LIMIT_MANIFEST = 4 << 20


class Entry(NamedTuple):
    """One file in a remote place.

    Attributes:
        size: bytes.
        version: whatever changes when the content does: an entity tag, a generation, a time.
    """

    size: int
    version: str


class Upload(NamedTuple):
    """One file on its way: where it is here, what it is called there, and the SHA-256 of its content in hex."""

    path: Path
    name: str
    sha256: str


class Remote(Protocol):
    """A place that holds files by names with slashes in them; ``str`` is the place in words, without secrets.

    Every method raises DownloadError (a clause without a full stop) for what will not work, and ``Transient`` for what
    may work at the next try.
    """

    def entries(self, folder: str) -> dict[str, Entry]:
        """Return every file below a folder by its name in that folder; none if there is no such folder."""
        ...

    def entry(self, name: str) -> Entry | None:
        """Return what one file is now, None if it is gone."""
        ...

    def read(self, name: str, start: int, end: int) -> bytes:
        """Return the bytes of a file from ``start`` up to ``end``; fewer, but at least one, where not all arrived."""
        ...

    def sha256(self, name: str) -> str | None:
        """Return the SHA-256 of a file in lower-case hex as far as the place knows it."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """Write a small file in one step."""
        ...

    def upload(self, files: Iterable[Upload], count: Callable[[Upload, int], object]) -> None:
        """Copy files there; each appears whole or not at all. ``count`` is told of bytes as they go, in any thread."""
        ...

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""
        ...


def bring(remote: Remote, order: Order) -> Delivery:
    """Copy a model into the order's folder; what a cut leaves is continued by the next call.

    Raises:
        DownloadError: the model is not there, or not whole, or changes meanwhile, or the place fails.
    """
    try:
        folder, entries = locate(remote, Name.of(order.name, order.version))
        installed = MANIFEST in entries
        if installed:
            text = read_manifest_text(remote, folder, entries)
            wanted = _listed(text, entries)
            (order.into / MANIFEST).write_bytes(text)
        else:
            wanted = _published(order, entries)
        parts = {name: _part(remote, order, f"{folder}/{name}", entries[name]) for name in wanted}
        jobs = (partial(_bring, remote, order, f"{folder}/{name}", entries[name], parts[name]) for name in wanted)
        run_all(jobs, order.stop)
    except DownloadError as error:
        raise DownloadError(f"{remote}: {error}") from error
    order.hand_over(parts)
    return Delivery(str(remote), installed=installed)


def locate(remote: Remote, name: Name) -> tuple[str, dict[str, Entry]]:
    """Return the folder of a model in a place, and what is there.

    A version that the place has not as such is looked for outside versions.

    Raises:
        DownloadError: it is not there, or half there.
    """
    for folder in dict.fromkeys((name.path, name.plain)):
        entries = persist(partial(remote.entries, folder))
        if UNFINISHED in entries and MANIFEST not in entries:
            raise DownloadError(f"{name} is being pushed right now, or a push was interrupted; wait, or push it again")
        if entries:
            return folder, entries
    found = {file.split("/")[0] for file in persist(lambda: remote.entries(name.kind)) if f"/{name.model}/" in file}
    versions = sorted(filter(VERSION.fullmatch, found), key=version_key)
    but = f", but {', '.join(f'{name.plain}@{version}' for version in versions)}" if versions else ""
    raise DownloadError(f"there is no {name}{but}")


def read_manifest_text(remote: Remote, folder: str, entries: dict[str, Entry]) -> bytes:
    """Fetch the manifest of a model.

    Raises:
        DownloadError: it is too large to be one, or cannot be had.
    """
    size = entries[MANIFEST].size
    if size > LIMIT_MANIFEST:
        raise DownloadError(f"{MANIFEST} has {size:,} bytes, which is too large for a manifest")
    return persist(lambda: remote.read(f"{folder}/{MANIFEST}", 0, size))


def listed_files(text: bytes, where: str) -> dict[str, InstalledFile]:
    """Return the files that somebody else's manifest lists; ``where`` is what a message calls it.

    Raises:
        DownloadError: it is no manifest, or lists a file outside its folder.
    """
    try:
        files = parse_manifest(text).files
    except ValueError as error:
        raise DownloadError(f"{where} cannot be read") from error
    for name in files:
        if not is_plain(name) or name == MANIFEST:
            raise DownloadError(f"{where} lists {name!r}, which is not a plain relative path")
    return files


def _listed(text: bytes, entries: dict[str, Entry]) -> list[str]:
    """Return the files that a manifest lists."""
    files = listed_files(text, MANIFEST)
    for name, file in files.items():
        if name not in entries:
            raise DownloadError(f"{name} is missing there; push the model again")
        if entries[name].size != file.size:
            raise DownloadError(
                f"{name} has {entries[name].size:,} bytes there instead of {file.size:,}; push the model again"
            )
    return list(files)


def _published(order: Order, entries: dict[str, Entry]) -> list[str]:
    """Return the files to fetch where there is no manifest."""
    for name, file in order.files.items():
        if name not in entries:
            raise DownloadError(f"{name} is missing there")
        file.check_size(name, entries[name].size)
    wanted = list(order.files) or [name for name in entries if not _is_hidden(name)]
    for name in wanted:
        if not is_plain(name):
            raise DownloadError(f"'{name}' is not a plain relative path")
    if not wanted:
        raise DownloadError(f"of {order.name} there are only hidden files")
    return wanted


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") and part != ".." for part in name.split("/"))


def _part(remote: Remote, order: Order, name: str, entry: Entry) -> Path:
    """Return where a file is collected: a name in the staging folder that only this version of it has."""
    return order.staging / hashlib.sha256(f"{remote}\n{name}\n{entry.size}\n{entry.version}".encode()).hexdigest()


def _bring(remote: Remote, order: Order, name: str, entry: Entry, part: Path) -> None:
    """Bring one file, or what is still missing of it."""
    part.parent.mkdir(parents=True, exist_ok=True)
    with order.progress.file(name, entry.size) as bar, part.open("ab") as file:

        def read_on() -> None:
            bar.move_to(file.tell())
            while file.tell() < entry.size:
                piece = remote.read(name, file.tell(), min(file.tell() + WINDOW_BYTES, entry.size))
                go_on_unless(order.stop)
                if not piece:
                    return
                file.write(piece)
                bar.move_to(file.tell())

        persist(read_on, order.stop, reached=file.tell)
        have = file.tell()
    if have != entry.size or persist(lambda: remote.entry(name), order.stop) != entry:
        part.unlink()
        raise DownloadError(f"{name} was changed there while it was read; run this again")
