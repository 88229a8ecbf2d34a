"""Coqui's releases: zip archives, of which the TTS package has the list.

Coqui publishes no hashes. What its archives hold is taken apart without trusting them, and what arrives first is what
``models.lock`` expects from then on.
"""

from __future__ import annotations

import importlib.util
import json
import threading
from functools import partial
from pathlib import Path
from typing import Any, Optional
from urllib.parse import urlsplit

from convai_rasa.errors import DownloadError, install_command
from convai_rasa.options import Field, Options
from convai_rasa.store.order import Delivery, Order
from convai_rasa.store.progress import clock
from convai_rasa.store.sources.archives import unpack, without_top_folder
from convai_rasa.store.sources.http_answers import is_allowed
from convai_rasa.store.sources.http_download import Wanted, download
from convai_rasa.store.sources.pool import run_all
from convai_rasa.store.sources.retries import Stopped

CONFIG = "config.json"
# As this package and Coqui's releases call it, its older releases, and its training.
CHECKPOINTS = ("model.pth", "model_file.pth", "model_file.pth.tar", "best_model.pth")
VOCODER = "vocoder"
GATEWAY = "https://coqui.gateway.scarf.sh/"  # counts downloads and sends on to the releases
RELEASES = "https://github.com/coqui-ai/TTS/releases/download/"
LIMIT_BYTES = 3_000_000_000  # of one archive, packed or unpacked; the largest listed voice has less


class Coqui(Options):
    """A voice among Coqui's releases.

    Attributes:
        voice: its name in Coqui's list, such as ``tts_models/en/ljspeech/tacotron2-DDC``.
        vocoder: name of the vocoder it needs, which goes into the subfolder ``vocoder``.
    """

    voice: str = Field(regex="^tts_models(/[^/]+){3}$")
    vocoder: Optional[str] = Field(None, regex="^vocoder_models(/[^/]+){3}$")

    def __str__(self) -> str:
        return "Coqui's releases: " + " with ".join(filter(None, (self.voice, self.vocoder)))


def fetch(source: Coqui, order: Order) -> Delivery:
    """Download the archives of a voice and of its vocoder, and unpack them.

    Args:
        source: which voice.
        order: with files in its model, those have to be there; else whatever the archives hold is the model.

    Raises:
        DownloadError: an archive cannot be had, is damaged or unsafe, or is no Coqui model.
    """
    wanted = {"voice.zip": (source.voice, order.into)}
    if source.vocoder:
        wanted["vocoder.zip"] = (source.vocoder, order.into / VOCODER)
    listed = _listed(list_of_releases())
    addresses = {name: _address(listed, model) for name, (model, _) in wanted.items()}
    run_all((partial(_download, order, name, address) for name, address in addresses.items()), order.progress)
    for name, (model, folder) in wanted.items():
        _unpack(order, name, model, folder)
    releases = dict.fromkeys(urlsplit(address).path.split("/")[1] for address in addresses.values())
    return Delivery(str(source), revision=", ".join(releases))


def list_of_releases() -> Path:
    """Return where the TTS package keeps the list; the package, which takes seconds to import, is only looked for.

    Raises:
        DownloadError: it is not installed.
    """
    package = importlib.util.find_spec("TTS")
    if package is None or not package.submodule_search_locations:
        raise DownloadError(
            "the list of Coqui's releases is part of the TTS package, which is not installed; install it with: "
            f"{install_command('coqui')}"
        )
    return Path(next(iter(package.submodule_search_locations)), ".models.json")


def _listed(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DownloadError("the TTS package's list of releases cannot be read; install the package again") from error


def _address(listed: Any, model: str) -> str:
    """Return the address of a model's archive."""
    entry = listed
    for step in model.split("/"):
        entry = entry.get(step) if isinstance(entry, dict) else None
    if not isinstance(entry, dict):
        raise DownloadError(f"the installed TTS package lists no {model}")
    address = entry.get("github_rls_url")
    if not isinstance(address, str) or not address.endswith(".zip"):
        raise DownloadError(f"{model} is not released as one zip archive")
    if not is_allowed(address):
        raise DownloadError(f"the TTS package lists {model} at an address that is not https")
    return address


def _download(order: Order, name: str, address: str, stop: threading.Event) -> None:
    """Download an archive through Coqui's gateway; where that fails, from where the gateway leads to."""
    addresses = [address]
    if address.startswith(GATEWAY):
        addresses.append(RELEASES + address.removeprefix(GATEWAY))
    file = urlsplit(address).path.rpartition("/")[2]
    failures = []
    for each in addresses:
        wanted = Wanted(each, order.staging / name, file, f"{order.model.name}: {name}", limit=LIMIT_BYTES)
        try:
            return download(wanted, order.progress, stop)
        except Stopped:
            raise
        except DownloadError as error:
            failures.append(str(error))
    raise DownloadError("; ".join(failures))


def _unpack(order: Order, name: str, model: str, folder: Path) -> None:
    archive = order.staging / name
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with clock(f"{order.model.name}: unpacking {name}"):
            rename = without_top_folder(archive)
            names = unpack(archive, folder, rename=rename, limit_bytes=LIMIT_BYTES, limit_files=200)
        missing = [] if CONFIG in names else [CONFIG]
        missing += [] if set(CHECKPOINTS) & set(names) else [CHECKPOINTS[0]]
        if missing:
            raise DownloadError(f"the archive lacks {' and '.join(missing)}")
    except DownloadError as error:
        archive.unlink(missing_ok=True)  # the next run must not find it again
        raise DownloadError(f"{model} is not a Coqui model: {error}") from error
