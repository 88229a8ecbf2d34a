"""Brings a model from a place that holds models by their names.

``<place>/<name>/`` is either the installed form, with a manifest that lists its files, or the published files as the
catalog names them. What is only half there, because its push has not come to an end, is refused.
"""

from __future__ import annotations

import functools
import hashlib
import os
import threading
from pathlib import Path

from convai_rasa.errors import DownloadError
from convai_rasa.store.installed import MANIFEST
from convai_rasa.store.manifest import parse_manifest
from convai_rasa.store.names import VERSION, Name, version_key
from convai_rasa.store.order import Delivery, Order
from convai_rasa.store.sources.pool import run_all, run_one
from convai_rasa.store.sources.remote import UNFINISHED, Entry, Remote, is_plain
from convai_rasa.store.sources.retries import Retries, Stopped, Transient, persist

WINDOW_BYTES = 8 << 20  # read at once, and lost if the connection is cut meanwhile
_LIMIT_MANIFEST = 4 << 20


def bring(remote: Remote, order: Order) -> Delivery:
    """Copy a model into the order's folder; what a cut leaves is continued by the next call.

    Args:
        remote: the place.
        order: the model and the folders.

    Raises:
        DownloadError: the model is not there, or not whole, or changes meanwhile, or the place fails.
    """
    kind, model = order.model.name.split("/")
    try:
        asked = Name(kind, model, order.version)
        folder, entries = run_one(lambda stop: locate(remote, asked), order.progress)
        installed = MANIFEST in entries
        if installed:
            text = run_one(lambda stop: read_manifest_text(remote, folder, entries), order.progress)
            wanted = _listed(text, entries)
            (order.into / MANIFEST).write_bytes(text)
        else:
            wanted = _published(order, entries)
        parts = {name: _part(remote, order, f"{folder}/{name}", entry) for name, entry in wanted.items()}
        jobs = [
            functools.partial(_bring_file, remote, order, f"{folder}/{name}", wanted[name], part)
            for name, part in parts.items()
        ]
        run_all(jobs, order.progress)
    except Stopped:
        raise
    except DownloadError as error:
        raise DownloadError(f"{remote}: {error}") from error
    for name, part in parts.items():  # only now: until all are here, each is worth keeping for the next run
        target = order.into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(part, target)
    return Delivery(str(remote), installed=installed)


def locate(remote: Remote, name: Name) -> tuple[str, dict[str, Entry]]:
    """Return where a place has a model, and what is there.

    Args:
        remote: the place.
        name: of the model; a version that the place has not as such is looked for outside versions.

    Raises:
        DownloadError: it is not there, or half there.
    """
    folders = [f"{name.kind}/{name.version}/{name.model}"] if name.version else []
    for folder in [*folders, name.plain]:
        entries = persist(functools.partial(remote.entries, folder))
        if UNFINISHED in entries and MANIFEST not in entries:
            raise DownloadError(f"{name} is being pushed right now, or a push was interrupted; wait, or push it again")
        if entries:
            return folder, entries
    versions = _versions(remote, name)
    raise DownloadError(f"there is no {name}{f', but {versions}' if versions else ''}")


def read_manifest_text(remote: Remote, folder: str, entries: dict[str, Entry]) -> bytes:
    """Fetch the manifest of a model.

    Raises:
        DownloadError: it is too large to be one, or cannot be had.
    """
    size = entries[MANIFEST].size
    if size > _LIMIT_MANIFEST:
        raise DownloadError(f"{MANIFEST} has {size:,} bytes, which is too large for a manifest")
    return persist(lambda: remote.read(f"{folder}/{MANIFEST}", 0, size))


def _versions(remote: Remote, name: Name) -> str:
    found = {file.split("/")[0] for file in persist(lambda: remote.entries(name.kind)) if f"/{name.model}/" in file}
    versions = sorted(filter(VERSION.fullmatch, found), key=version_key)
    return ", ".join(f"{name.plain}@{version}" for version in versions)


def _listed(text: bytes, entries: dict[str, Entry]) -> dict[str, Entry]:
    """Return the files that a manifest lists."""
    try:
        files = parse_manifest(text).files
    except ValueError as error:
        raise DownloadError(f"{MANIFEST} cannot be read") from error
    for name, file in files.items():
        if not is_plain(name) or name == MANIFEST:
            raise DownloadError(f"{MANIFEST} lists '{name}', which is not a plain relative path")
        if name not in entries:
            raise DownloadError(f"{name} is missing there; push the model again")
        if entries[name].size != file.size:
            raise DownloadError(
                f"{name} has {entries[name].size:,} bytes there instead of {file.size:,}; push the model again"
            )
    return {name: entries[name] for name in files}


def _published(order: Order, entries: dict[str, Entry]) -> dict[str, Entry]:
    """Return the files to fetch where there is no manifest."""
    for name, file in order.model.files.items():
        if name not in entries:
            raise DownloadError(f"{name} is missing there")
        if file.size not in (None, entries[name].size):
            raise DownloadError(
                f"{name} is not the published file: {file.size:,} bytes expected, {entries[name].size:,} found"
            )
    wanted = list(order.model.files) or [name for name in entries if not _is_hidden(name)]
    for name in wanted:
        if not is_plain(name):
            raise DownloadError(f"'{name}' is not a plain relative path")
    if not wanted:
        raise DownloadError(f"of {order.model.name} there are only hidden files")
    return {name: entries[name] for name in wanted}


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") and part != ".." for part in name.split("/"))


def _part(remote: Remote, order: Order, name: str, entry: Entry) -> Path:
    """Return where a file is collected: a name in the staging folder that only this version of it has."""
    return order.staging / hashlib.sha256(f"{remote}\n{name}\n{entry.size}\n{entry.version}".encode()).hexdigest()


def _bring_file(remote: Remote, order: Order, name: str, entry: Entry, part: Path, stop: threading.Event) -> None:
    """Bring one file, or what is still missing of it."""
    have = part.stat().st_size if part.is_file() else 0
    retries = Retries(stop)
    part.parent.mkdir(parents=True, exist_ok=True)
    with order.progress.file(name, entry.size) as bar, part.open("ab") as file:
        bar.update(have)
        while have < entry.size:
            try:
                piece = remote.read(name, have, min(have + WINDOW_BYTES, entry.size))
            except Transient as failure:
                retries.wait(failure, reached=have)
                continue
            if stop.is_set():
                raise Stopped("stopped")
            if not piece:
                break
            file.write(piece)
            have += len(piece)
            bar.update(len(piece))
    if have != entry.size or persist(lambda: remote.entry(name), stop) != entry:
        part.unlink()
        raise DownloadError(f"{name} was changed there while it was read; run this again")
