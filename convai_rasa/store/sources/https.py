"""Any web server that has the files of models."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote, urlsplit, urlunsplit

from convai_rasa.errors import DownloadError
from convai_rasa.options import validator
from convai_rasa.store.manifest import MANIFEST
from convai_rasa.store.sources.download import LIMIT_BYTES, Wanted, download
from convai_rasa.store.sources.http import host_of, is_allowed, is_there
from convai_rasa.store.sources.jobs import run_all
from convai_rasa.store.sources.mirror import LIMIT_MANIFEST, listed_files
from convai_rasa.store.sources.place import Delivery, Order, Place


class Https(Place):
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

    def fetch(self, order: Order) -> Delivery:
        """See Place.

        ``<base>/<name>/`` is looked into first, for a version of a model ``<base>/<kind>/<version>/<model>/`` before
        that, and ``<base>/`` last. In each the installed form, which has a manifest that lists its files, comes before
        the published files as the catalog names them. Without those only the installed form can be fetched: a web
        server does not list files.
        """
        folder, installed = self._locate(order)
        sizes = {name: file.size for name, file in order.files.items()}
        if installed:
            sizes = _fetch_manifest(order, folder)
        run_all((partial(_fetch, order, folder, *file) for file in sizes.items()), order.stop)
        names = [*sizes, *([MANIFEST] if installed else [])]
        order.hand_over({name: order.staging / "files" / name for name in names})
        return Delivery(str(self), installed=installed)

    def _locate(self, order: Order) -> tuple[str, bool]:
        """Return the address of the folder, and whether the installed form is there."""
        kind, model = order.name.split("/")
        version = [f"{kind}/{order.version}/{model}/"] if order.version else []
        names = [MANIFEST, *list(order.files)[:1]]
        for folder in (*version, f"{order.name}/", ""):
            for name in names:
                if is_there(self.base + quote(folder + name), order.stop):
                    return self.base + quote(folder), name == MANIFEST
        raise DownloadError(f"{self} has no {' or '.join(names)} of {order.name}; check the address")


def _fetch_manifest(order: Order, folder: str) -> dict[str, int | None]:
    """Fetch the list of an installed model's files; returns their sizes in bytes."""
    _fetch(order, folder, MANIFEST, None, limit=LIMIT_MANIFEST)
    path = order.staging / "files" / MANIFEST
    try:
        files = listed_files(path.read_bytes(), f"{MANIFEST} at {host_of(folder)}")
    except DownloadError:
        path.unlink()
        raise
    return {name: file.size for name, file in files.items()}


def _fetch(order: Order, folder: str, name: str, size: int | None, limit: int = LIMIT_BYTES) -> None:
    path, label = order.staging / "files" / name, f"{order.name}: {name}"
    download(Wanted(folder + quote(name), path, name, label, size=size, limit=limit), order.progress, order.stop)
