"""The two drivers of object stores, which come with fsspec: how each is opened, and what it takes and says.

Credentials, endpoints, proxies and certificates are those the drivers find in their usual environment; nothing of them
is kept or shown.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convai_rasa.data_files import read_yaml
from convai_rasa.errors import DownloadError, require
from convai_rasa.store.sources.jobs import Transient

CONNECT_SECONDS = 10
READ_SECONDS = 30  # without a single byte
PART_BYTES = 16 << 20  # one part of an upload, a multiple of 256 KiB as GCS wants it
PARTS = 2  # of one file at once, where the driver can
_BUSY = {408, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class Driver:
    """What differs between the two drivers."""

    scheme: str  # of addresses, and its part of drivers.yml
    version: str  # what in the description of an object changes when its content does
    uploading: dict[str, Any]  # how a file is uploaded
    metadata: str  # what a driver calls the names and values that are kept beside an object
    open: Callable[[], Any]  # returns the fsspec file system
    answer: Callable[[BaseException], tuple[str, int]]  # code and HTTP status that an exception stands for, or nothing
    close: Callable[[Any], None] = lambda fs: None  # its connections
    busy_tries: int | None = None

    def explain(self, error: BaseException, bucket: str, missing: str) -> DownloadError | Transient:
        """Return what an exception means, in words and without secrets; ``missing`` is for an object that is not there.

        A driver may hide what happened behind a mishap of its own, so those behind an exception are looked at too.
        """
        meanings = self._meanings()
        for cause in _chain(error):
            code, status = self.answer(cause)
            names = [code, *(f"{cls.__module__.partition('.')[0]}.{cls.__name__}" for cls in type(cause).__mro__)]
            found = next((meanings[name] for name in names if name in meanings), None)
            if isinstance(found, Transient):
                return found
            if found is None and (status in _BUSY or code == "SlowDown"):
                return Transient(f"the object store is busy ({code})", "run this again later", tries=self.busy_tries)
            if found or code:
                words = found or "the object store answers {code}"
                return DownloadError(words.format(bucket=bucket, code=code, missing=missing))
        if isinstance(error, (asyncio.TimeoutError, TimeoutError, ConnectionError)):  # let through from below
            return Transient("the connection was interrupted", "check the network, then run this again to continue")
        return DownloadError(f"the driver failed ({type(error).__name__})")

    def _meanings(self) -> dict[str, str | Transient]:
        """Return what codes and exceptions mean, by their names."""
        told = read_yaml(Path(__file__).with_suffix(".yml"))[self.scheme]
        meanings: dict[str, str | Transient] = {}
        for words, names in told["for_good"].items():
            meanings |= dict.fromkeys(str(names).split(), words.replace("{ask}", told["ask"]))
        for row in told["perhaps"]:
            transient = Transient(row["reason"], row["advice"], tries=row.get("tries"))
            meanings |= dict.fromkeys(row["meaning_of"].split(), transient)
        return meanings


def _open_s3() -> Any:
    s3fs = require("s3fs", extra="s3")
    config = {
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": READ_SECONDS,
        "retries": {"mode": "standard", "total_max_attempts": 2},
    }
    return s3fs.S3FileSystem(config_kwargs=config, use_listings_cache=False, skip_instance_cache=True)


def _answer_s3(error: BaseException) -> tuple[str, int]:
    from botocore.exceptions import ClientError

    if isinstance(error, ValueError) and "endpoint" in str(error):
        return "InvalidEndpoint", 0
    if not isinstance(error, ClientError):
        return "", 0
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error.response.get("Error", {}).get("Code", "") or str(status), status


def _open_gcs() -> Any:
    import aiohttp

    gcsfs = require("gcsfs", extra="gcs")
    # Google's emulator convention: whoever names one is not asked who they are
    token = "anon" if os.environ.get("STORAGE_EMULATOR_HOST") else None
    return gcsfs.GCSFileSystem(
        token=token,
        requests_timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS),
        session_kwargs={"trust_env": True},  # proxies
        use_listings_cache=False,
        skip_instance_cache=True,
    )


def _close_gcs(fs: Any) -> None:
    from fsspec.asyn import sync

    if fs.session is not None:  # the driver would do it too late, and complain
        sync(fs.loop, fs.session.close)


def _answer_gcs(error: BaseException) -> tuple[str, int]:
    from gcsfs.retry import HttpError

    in_words = {FileNotFoundError: ("", 404), OSError: ("Forbidden", 403), ValueError: ("Bad Request", 400)}
    status = int(error.code or 0) if isinstance(error, HttpError) else 0
    for kind, (words, meaning) in in_words.items():
        if not status and isinstance(error, kind) and str(error).startswith(words):
            status = meaning
    return str(status or ""), status


DRIVERS = {
    "s3": Driver("s3", "ETag", {"max_concurrency": PARTS}, "Metadata", _open_s3, _answer_s3),
    "gs": Driver(
        "gs", "generation", {"consistency": "md5"}, "metadata", _open_gcs, _answer_gcs, _close_gcs, busy_tries=2
    ),
}


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Return an exception and those behind it, each once."""
    seen: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in seen:
        seen.append(at)
        yield at
        at = at.__cause__ or at.__context__
