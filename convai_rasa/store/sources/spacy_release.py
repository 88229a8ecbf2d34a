"""spaCy's own releases: a wheel on GitHub, of which the hash as a whole is known.

The wheel is opened as a zip archive: nothing in it is installed or executed.
"""

from __future__ import annotations

from convai_rasa.errors import DownloadError
from convai_rasa.options import Field
from convai_rasa.store.files import sha256
from convai_rasa.store.progress import clock
from convai_rasa.store.sources.archives import unpack
from convai_rasa.store.sources.download import Wanted, download
from convai_rasa.store.sources.place import Delivery, Order, Place

RELEASES = "https://github.com/explosion/spacy-models/releases/download/"


class SpacyRelease(Place):
    """A pipeline among spaCy's releases.

    Attributes:
        package: its name, such as ``en_core_web_sm``.
        version: its version.
        sha256: of the wheel, 64 lower-case hex digits.
        size: of the wheel in bytes (``bytes`` in the YAML).
    """

    package: str = Field(regex=r"^[a-z0-9_]+$")
    version: str = Field(regex=r"^[0-9][0-9a-z.]*$")
    sha256: str = Field(regex="^[0-9a-f]{64}$")
    size: int = Field(alias="bytes", gt=0)

    def __str__(self) -> str:
        return f"spaCy's releases: {self.package} {self.version}"

    @property
    def wheel(self) -> str:
        """Name of the file."""
        return f"{self.package}-{self.version}-py3-none-any.whl"

    def fetch(self, order: Order) -> Delivery:
        """See Place; the folder is taken out whole, whatever files a re-pack of the wheel may have."""
        path, url = order.staging / self.wheel, f"{RELEASES}{self.package}-{self.version}/{self.wheel}"
        wanted = Wanted(url, path, self.wheel, f"{order.name}: {self.wheel}", size=self.size)
        download(wanted, order.progress, order.stop)
        found = sha256(path)
        if found != self.sha256:
            path.unlink()
            raise DownloadError(f"{self.wheel} is not the release: SHA-256 {self.sha256} expected, {found} found")
        folder = f"{self.package}/{self.package}-{self.version}/"
        with clock(f"{order.name}: unpacking"):
            names = unpack(path, order.into, folder, stop=order.stop)
        if not names:
            raise DownloadError(f"{self.wheel} has no folder {folder}")
        return Delivery(str(self), revision=self.version, archives={self.wheel: found})
