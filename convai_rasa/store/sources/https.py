"""Any web server that has the files of models."""

from __future__ import annotations

import contextlib
from functools import partial
from urllib.parse import quote, urlsplit, urlunsplit

from convai_rasa.errors import DownloadError
from convai_rasa.options import validator
from convai_rasa.store.manifest import MANIFEST
from convai_rasa.store.names import Name
from convai_rasa.store.sources.download import LIMIT_BYTES, Download
from convai_rasa.store.sources.http import Absent, host_of, is_allowed
from convai_rasa.store.sources.jobs import run_all
from convai_rasa.store.sources.mirror import LIMIT_MANIFEST, listed_files
from convai_rasa.store.sources.place import Delivery, Order, Place


class Https(Place):
    """A folder on a web server.

    ``base`` is its address: of a folder with a folder for each model in it, or of one with the files of the model.
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
        folder, first = self._locate(order)
        sizes = {name: file.size for name, file in order.files.items()}
        if first == MANIFEST:
            listed = listed_files(order.part(MANIFEST).read_bytes(), f"{MANIFEST} at {host_of(folder)}")
            sizes = {name: file.size for name, file in listed.items()}
        rest = {name: size for name, size in sizes.items() if name != first}
        run_all((partial(_fetch, order, folder, *file) for file in rest.items()), order.stop)
        order.hand_over({name: order.part(name) for name in (first, *rest)})
        return Delivery(str(self), installed=first == MANIFEST)

    def _locate(self, order: Order) -> tuple[str, str]:
        """Return the address of the folder, and which file of it was found, and fetched, first."""
        name = Name.of(order.name, order.version)
        by_size = sorted(order.files, key=lambda file: order.files[file].size or 0)  # the others wait meanwhile
        names = [MANIFEST, *by_size[:1]]
        for folder in dict.fromkeys((f"{name.path}/", f"{name.plain}/", "")):
            address = self.base + quote(folder)
            for file in names:
                with contextlib.suppress(Absent):
                    _fetch(order, address, file, order.files[file].size if file in order.files else None)
                    return address, file
        raise DownloadError(f"{self} has no {' or '.join(names)} of {order.name}; check the address")


def _fetch(order: Order, folder: str, name: str, size: int | None) -> None:
    limit = LIMIT_MANIFEST if name == MANIFEST else LIMIT_BYTES
    Download(order, folder + quote(name), name, size=size, limit=limit).run()
