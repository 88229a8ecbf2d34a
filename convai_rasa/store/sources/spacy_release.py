"""spaCy's own releases: a wheel on GitHub, of which the hash as a whole is known.

The wheel is opened as a zip archive: nothing in it is installed or executed.
"""

from __future__ import annotations

from convai_rasa.errors import DownloadError
from convai_rasa.options import Field
from convai_rasa.store.files import sha256
from convai_rasa.store.progress import clock
from convai_rasa.store.sources.archives import unpack
from convai_rasa.store.sources.download import Download
from convai_rasa.store.sources.place import Delivery, Order, Place

RELEASES = "https://github.com/explosion/spacy-models/releases/download/"


class SpacyRelease(Place):
    """A pipeline among spaCy's releases, such as ``en_core_web_sm``; hash and ``bytes`` are those of the wheel."""

    package: str = Field(regex=r"^[a-z0-9_]+$")
    version: str = Field(regex=r"^[0-9][0-9a-z.]*$")
    sha256: str = Field(regex="^[0-9a-f]{64}$")
    size: int = Field(alias="bytes", gt=0)

    def __str__(self) -> str:
        return f"spaCy's releases: {self.package} {self.version}"

    def fetch(self, order: Order) -> Delivery:
        """See Place; the folder is taken out whole, whatever files a re-pack of the wheel may have."""
        release = f"{self.package}-{self.version}"
        wheel, folder = f"{release}-py3-none-any.whl", f"{self.package}/{release}/"
        Download(order, f"{RELEASES}{release}/{wheel}", wheel, size=self.size).run()
        path = order.part(wheel)
        found = sha256(path)
        if found != self.sha256:
            path.unlink()
            raise DownloadError(f"{wheel} is not the release: SHA-256 {self.sha256} expected, {found} found")
        with clock(f"{order.name}: unpacking"):
            if not unpack(path, order.into, folder, stop=order.stop):
                raise DownloadError(f"{wheel} has no folder {folder}")
        return Delivery(str(self), revision=self.version, archives={wheel: found})
