"""Brings a model from a place that holds models by their names.

``<place>/<name>/`` is either the installed form, with a manifest that lists its files, or the published files as the
catalogue names them. What is only half there, because its push has not come to an end, is refused.
"""

from __future__ import annotations

import functools
import hashlib
import os
import threading
from pathlib import Path

from convai_rasa.errors import DownloadError, ModelCorrupt
from convai_rasa.store.installed import MANIFEST
from convai_rasa.store.manifest import read_manifest
from convai_rasa.store.order import Delivery, Order
from convai_rasa.store.sources.pool import run_all
from convai_rasa.store.sources.remote import UNFINISHED, Entry, Remote, is_plain
from convai_rasa.store.sources.retries import Retries, Stopped, Transient, persist

WINDOW_BYTES = 16 << 20  # read at once, and lost if the connection is cut meanwhile
_LIMIT_MANIFEST = 4 << 20


def bring(remote: Remote, order: Order) -> Delivery:
    """Copy a model into the order's folder; what a cut leaves is continued by the next call.

    Args:
        remote: the place.
        order: the model and the folders.

    Raises:
        DownloadError: the model is not there, or not whole, or changes meanwhile, or the place fails.
    """
    try:
        entries = persist(lambda: remote.entries(order.model.name))
        installed = MANIFEST in entries
        wanted = _listed(remote, order, entries) if installed else _published(order, entries)
        parts = {name: _part(remote, order, name, entry) for name, entry in wanted.items()}
        run_all(functools.partial(_bring_file, remote, order, name, wanted[name], parts[name]) for name in wanted)
    except Stopped:
        raise
    except DownloadError as error:
        raise DownloadError(f"{remote}: {error}") from error
    for name, part in parts.items():  # only now: until all are here, each is worth keeping for the next run
        target = order.into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(part, target)
    return Delivery(str(remote), installed=installed)


def _listed(remote: Remote, order: Order, entries: dict[str, Entry]) -> dict[str, Entry]:
    """Fetch the manifest; returns the files it lists."""
    size = entries[MANIFEST].size
    if size > _LIMIT_MANIFEST:
        raise DownloadError(f"{MANIFEST} has {size:,} bytes, so it is none")
    path = order.into / MANIFEST
    path.write_bytes(persist(lambda: remote.read(f"{order.model.name}/{MANIFEST}", 0, size)))
    try:
        files = read_manifest(order.into).files
    except ModelCorrupt as error:
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
    if UNFINISHED in entries:
        raise DownloadError(f"{order.model.name} is being pushed there, or that was cut; wait, or push it again")
    if not entries:
        raise DownloadError(f"there is no {order.model.name}")
    for name, file in order.model.files.items():
        if name not in entries:
            raise DownloadError(f"{name} is missing there")
        if file.size not in (None, entries[name].size):
            raise DownloadError(
                f"{name} is not the published file: {file.size:,} bytes expected, {entries[name].size:,} found"
            )
    for name in entries:
        if not is_plain(name):
            raise DownloadError(f"'{name}' is not a plain relative path")
    return {name: entries[name] for name in order.model.files or entries}


def _part(remote: Remote, order: Order, name: str, entry: Entry) -> Path:
    """Return where a file is collected: a name in the staging folder that only this version of it has."""
    return order.staging / hashlib.sha256(f"{remote}\n{name}\n{entry.size}\n{entry.version}".encode()).hexdigest()


def _bring_file(remote: Remote, order: Order, name: str, entry: Entry, part: Path, stop: threading.Event) -> None:
    """Bring one file, or what is still missing of it."""
    key = f"{order.model.name}/{name}"
    have = part.stat().st_size if part.is_file() else 0
    retries = Retries(stop)
    part.parent.mkdir(parents=True, exist_ok=True)
    with order.progress.file(f"{order.model.name}: {name}", entry.size) as bar, part.open("ab") as file:
        bar.update(have)
        while have < entry.size:
            if stop.is_set():
                raise Stopped("stopped")
            try:
                piece = remote.read(key, have, min(have + WINDOW_BYTES, entry.size))
            except Transient as failure:
                retries.wait(failure, reached=have)
                continue
            if not piece:
                break
            file.write(piece)
            have += len(piece)
            bar.update(len(piece))
    if have != entry.size or persist(lambda: remote.entry(key), stop) != entry:
        part.unlink()
        raise DownloadError(f"{name} was changed there while it was read; run this again")
