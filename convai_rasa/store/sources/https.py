"""Any web server that has the files of models."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from convai_rasa.errors import DownloadError, ModelCorrupt
from convai_rasa.options import Options, validator
from convai_rasa.store.installed import MANIFEST
from convai_rasa.store.manifest import read_manifest
from convai_rasa.store.order import Delivery, Order
from convai_rasa.store.sources.http_answers import host_of, is_allowed
from convai_rasa.store.sources.http_download import LIMIT_BYTES, Wanted, download
from convai_rasa.store.sources.http_request import is_there
from convai_rasa.store.sources.pool import run_all, run_one
from convai_rasa.store.sources.remote import is_plain

_LIMIT_MANIFEST = 4 << 20


class Https(Options):
    """A folder on a web server.

    Attributes:
        base: its address: of a folder with a folder for each model in it, or of one with the files of the model.
    """

    base: str

    @validator("base")
    def _base_is_a_folder(cls, base: str) -> str:
        if not is_allowed(base):
            raise ValueError("must be an https:// address, or an http:// one of this machine")
        if "?" in base or "#" in base:
            raise ValueError("must be the address of a folder, without anything behind it")
        return base.rstrip("/") + "/"

    def __str__(self) -> str:
        parts = urlsplit(self.base)
        return urlunsplit((parts.scheme, host_of(self.base), parts.path, "", ""))  # no password


def fetch(source: Https, order: Order) -> Delivery:
    """Download a model's files from a web server, a few at once.

    ``<base>/<name>/`` is looked into first, for a version of a model ``<base>/<kind>/<version>/<model>/`` before that,
    and ``<base>/`` last. In each the installed form, which has a manifest that lists its files, comes before the
    published files as the catalog names them.

    Args:
        source: the server's folder.
        order: without files in its model, only the installed form can be fetched: a web server does not list files.

    Raises:
        DownloadError: it cannot be reached, or has neither.
    """
    job = _Job(order, order.staging / "files")
    kind, model = order.model.name.split("/")
    names = [f"{kind}/{order.version}/{model}/"] if order.version else []
    folders = [source.base + quote(name) for name in (*names, f"{order.model.name}/", "")]
    installed, folder = run_one(partial(job.locate, folders, str(source)), order.progress)
    sizes: dict[str, int | None] = {name: file.size for name, file in order.model.files.items()}
    if installed:
        sizes = run_one(partial(job.fetch_manifest, folder), order.progress)
    run_all((partial(job.fetch, folder, name, size) for name, size in sizes.items()), order.progress)
    for name in [*sizes, *([MANIFEST] if installed else [])]:
        target = order.into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(job.collected / name, target)
    return Delivery(str(source), installed=installed)


@dataclass(frozen=True)
class _Job:
    """One model on its way: what was asked for, and where its files lie until all are there."""

    order: Order
    collected: Path

    def locate(self, folders: list[str], where: str, stop: threading.Event) -> tuple[bool, str]:
        """Return whether the installed form is there, and the address of the folder."""
        names = [MANIFEST, *list(self.order.model.files)[:1]]
        for folder in folders:
            for name in names:
                if is_there(folder + quote(name), stop):
                    return name == MANIFEST, folder
        what = " or ".join(names)
        raise DownloadError(f"{where} has no {what} of {self.order.model.name}; check the address")

    def fetch_manifest(self, folder: str, stop: threading.Event) -> dict[str, int | None]:
        """Fetch the list of an installed model's files; returns their sizes in bytes."""
        self.fetch(folder, MANIFEST, None, stop)
        try:
            files = read_manifest(self.collected).files
        except ModelCorrupt as error:
            (self.collected / MANIFEST).unlink()
            raise DownloadError(f"{MANIFEST} at {host_of(folder)} cannot be read") from error
        for name in files:
            if not is_plain(name) or name == MANIFEST:
                raise DownloadError(
                    f"{MANIFEST} at {host_of(folder)} lists {name!r}, which is not a plain relative path"
                )
        return {name: file.size for name, file in files.items()}

    def fetch(self, folder: str, name: str, size: int | None, stop: threading.Event) -> None:
        """Fetch one file."""
        url, path, label = folder + quote(name), self.collected / name, f"{self.order.model.name}: {name}"
        limit = _LIMIT_MANIFEST if name == MANIFEST else LIMIT_BYTES
        download(Wanted(url, path, name, label, size=size, limit=limit), self.order.progress, stop)
