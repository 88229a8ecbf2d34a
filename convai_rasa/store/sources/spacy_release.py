"""spaCy's own releases: a wheel on GitHub, of which the hash as a whole is known.

The wheel is opened as a zip archive: nothing in it is installed or executed.
"""

from __future__ import annotations

from functools import partial

from convai_rasa.errors import DownloadError
from convai_rasa.options import Field, Options
from convai_rasa.store.files import sha256
from convai_rasa.store.order import Delivery, Order
from convai_rasa.store.progress import clock
from convai_rasa.store.sources.archives import unpack
from convai_rasa.store.sources.http_download import Wanted, download
from convai_rasa.store.sources.pool import run_one

RELEASES = "https://github.com/explosion/spacy-models/releases/download/"


class SpacyRelease(Options):
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


def fetch(source: SpacyRelease, order: Order) -> Delivery:
    """Download a pipeline's wheel, compare its hash, and take the pipeline out of it.

    Args:
        source: which release.
        order: of the model.

    Raises:
        DownloadError: the wheel cannot be had, or is another one than was released.
    """
    url = f"{RELEASES}{source.package}-{source.version}/{source.wheel}"
    path = order.staging / source.wheel
    wanted = Wanted(url, path, name=source.wheel, label=f"{order.model.name}: {source.wheel}", size=source.size)
    run_one(partial(download, wanted, order.progress), order.progress)
    found = sha256(path)
    if found != source.sha256:
        path.unlink()
        raise DownloadError(f"{source.wheel} is not the release: SHA-256 {source.sha256} expected, {found} found")
    _take_out(source, order)
    return Delivery(str(source), revision=source.version, archives={source.wheel: found})


def _take_out(source: SpacyRelease, order: Order) -> None:
    """Take out the whole folder: the wheel is what was released, whatever files a re-pack of it may have."""
    prefix = f"{source.package}/{source.package}-{source.version}/"
    with clock(f"{order.model.name}: unpacking"):
        names = unpack(
            order.staging / source.wheel,
            order.into,
            rename=lambda name: name.removeprefix(prefix) if name.startswith(prefix) else None,
        )
    if not names:
        raise DownloadError(f"{source.wheel} has no folder {prefix}")
