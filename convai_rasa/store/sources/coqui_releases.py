"""Coqui's releases: zip archives, of which the TTS package has the list.

Coqui publishes no hashes. What its archives hold is taken apart without trusting them, and what arrives first is what
``models.lock`` expects from then on.
"""

from __future__ import annotations

import importlib.util
import json
from functools import partial
from pathlib import Path
from typing import Any, Optional
from urllib.parse import urlsplit

from convai_rasa.errors import DownloadError, install_command
from convai_rasa.options import Field
from convai_rasa.store.formats import FORMATS
from convai_rasa.store.progress import clock
from convai_rasa.store.sources.archives import unpack
from convai_rasa.store.sources.download import Download
from convai_rasa.store.sources.http import is_allowed
from convai_rasa.store.sources.jobs import run_all
from convai_rasa.store.sources.place import Delivery, Order, Place

VOCODER = "vocoder"
GATEWAY = "https://coqui.gateway.scarf.sh/"  # counts downloads and sends on to the releases
RELEASES = "https://github.com/coqui-ai/TTS/releases/download/"
LIMIT_BYTES = 3_000_000_000  # of one archive, packed or unpacked; the largest listed voice has less
LIMIT_FILES = 200


class Coqui(Place):
    """A voice among Coqui's releases, such as ``tts_models/en/ljspeech/tacotron2-DDC``.

    The vocoder that it needs, if it does, goes into the subfolder ``vocoder``.
    """

    voice: str = Field(regex="^tts_models(/[^/]+){3}$")
    vocoder: Optional[str] = Field(None, regex="^vocoder_models(/[^/]+){3}$")

    def __str__(self) -> str:
        return "Coqui's releases: " + " with ".join(filter(None, (self.voice, self.vocoder)))

    def fetch(self, order: Order) -> Delivery:
        """See Place; whatever the archives hold is the model."""
        wanted = {"voice.zip": (self.voice, order.into)}
        if self.vocoder:
            wanted["vocoder.zip"] = (self.vocoder, order.into / VOCODER)
        addresses = {name: _address(model) for name, (model, _) in wanted.items()}
        run_all((partial(_download, order, *archive) for archive in addresses.items()), order.stop)
        for name, (model, folder) in wanted.items():
            with clock(f"{order.name}: unpacking {name}"):
                _unpack(order, name, model, folder)
        releases = dict.fromkeys(urlsplit(address).path.split("/")[1] for address in addresses.values())
        return Delivery(str(self), revision=", ".join(releases))


def list_of_releases() -> Path:
    """Return where the TTS package keeps the list; it is only looked for, as importing it takes seconds."""
    package = importlib.util.find_spec("TTS")
    for folder in (package and package.submodule_search_locations) or ():
        return Path(folder, ".models.json")
    what = "the list of Coqui's releases is part of the TTS package, which is not installed"
    raise DownloadError(f"{what}; install it with: {install_command('coqui')}")


def _address(model: str) -> str:
    try:
        listed: Any = json.loads(list_of_releases().read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DownloadError("the TTS package's list of releases cannot be read; install the package again") from error
    for step in model.split("/"):
        listed = listed.get(step) if isinstance(listed, dict) else None
    if not isinstance(listed, dict):
        raise DownloadError(f"the installed TTS package lists no {model}")
    address = listed.get("github_rls_url")
    if not isinstance(address, str) or not address.endswith(".zip"):
        raise DownloadError(f"{model} is not released as one zip archive")
    if not is_allowed(address):
        raise DownloadError(f"the TTS package lists {model} at an address that is not https")
    return address


def _download(order: Order, name: str, address: str) -> None:
    """Download an archive through Coqui's gateway; where that fails, from where the gateway leads to."""
    release = [RELEASES + address.removeprefix(GATEWAY)] if address.startswith(GATEWAY) else []
    file = urlsplit(address).path.rpartition("/")[2]
    failures = []
    for url in [address, *release]:
        try:
            return Download(order, url, name, file, limit=LIMIT_BYTES).run()
        except DownloadError as error:
            failures.append(str(error))
    raise DownloadError("; ".join(failures))


def _unpack(order: Order, name: str, model: str, folder: Path) -> None:
    archive = order.part(name)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        unpack(archive, folder, stop=order.stop, limit_bytes=LIMIT_BYTES, limit_files=LIMIT_FILES)
        missing = FORMATS["coqui"].lacks(folder)
        if missing:
            raise DownloadError(f"the archive lacks {' and '.join(missing)}")
    except DownloadError as error:
        archive.unlink(missing_ok=True)  # the next run must not find it again
        raise DownloadError(f"{model} is not a Coqui model: {error}") from error
