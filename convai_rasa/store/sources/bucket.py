"""Buckets of S3, of what speaks its protocol, and of Google Cloud Storage, through fsspec's drivers."""

from __future__ import annotations

import contextlib
import logging
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from convai_rasa.errors import ConvaiError, DownloadError
from convai_rasa.options import validator
from convai_rasa.store.sources import drivers
from convai_rasa.store.sources.jobs import Transient
from convai_rasa.store.sources.mirror import Entry, Mirror

LISTING_SECONDS = 20  # with all the driver's own tries: there may be another source
BLOCK_BYTES = 4 << 20  # one request; a window of ``mirror`` is two
WINDOWS = threading.BoundedSemaphore(2)  # read at once by the whole process: politely four requests
_URL = re.compile(r"(?:s3|gs)://[a-z0-9][a-z0-9._-]{1,220}(?:/[^/?#]+)*/?")


class Bucket(Mirror):
    """A bucket, or a part of one, with a folder for each model in it: ``s3://bucket`` or ``gs://bucket/prefix``."""

    url: str
    _fs: Any  # of the driver, once entered

    class Config:
        underscore_attrs_are_private = True

    @validator("url")
    def _is_a_bucket(cls, url: str) -> str:
        if not _URL.fullmatch(url):
            raise ValueError("must look like s3://bucket/folder or gs://bucket/folder, without credentials in it")
        return url.rstrip("/")

    def __str__(self) -> str:
        return self.url

    @property
    def _driver(self) -> drivers.Driver:
        return drivers.DRIVERS[self.url.partition("://")[0]]

    def __enter__(self) -> Bucket:
        with _quiet(), self._explained():
            self._fs = self._driver.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._driver.close(self._fs)

    def entries(self, folder: str) -> dict[str, Entry]:
        """See Mirror."""
        from fsspec.asyn import FSTimeoutError, sync

        top = self._path(folder) + "/"
        with self._explained():
            try:
                found = sync(self._fs.loop, self._fs._find, top, detail=True, timeout=LISTING_SECONDS)
            except FSTimeoutError:
                raise DownloadError("the object store could not be reached; check the network and the proxy") from None
        # a key that ends in a slash is what a console shows as an empty folder
        files = {path.removeprefix(top): info for path, info in found.items() if info["type"] == "file"}
        version = self._driver.version
        return {name: Entry(i["size"], str(i[version])) for name, i in files.items() if name and not name.endswith("/")}

    def read(self, name: str, start: int, end: int) -> bytes:
        """See Mirror; asks for several blocks at once."""
        starts = list(range(start, end, BLOCK_BYTES))
        ends = [*starts[1:], end]
        with self._explained(missing=f"{name} was deleted there while it was read"), WINDOWS:
            answers = self._fs.cat_ranges([self._path(name)] * len(starts), starts, ends, on_error="return")
            if isinstance(answers[0], BaseException):
                raise answers[0]
        blocks = []
        for answer, first, last in zip(answers, starts, ends, strict=True):
            if isinstance(answer, BaseException):
                break  # the next call asks for it again
            if len(answer) != last - first:
                raise DownloadError(f"{name} was changed there while it was read; run this again")
            blocks.append(answer)
        return b"".join(blocks)

    def hash_of(self, name: str) -> str | None:
        """See Mirror; it is what was put beside the object when it was pushed."""
        with self._explained(), contextlib.suppress(KeyError):
            digest: str | None = self._fs.getxattr(self._path(name), "sha256")
            return digest
        return None

    def write(self, name: str, content: bytes) -> None:
        """See Mirror."""
        with _quiet(), self._explained():
            self._fs.pipe_file(self._path(name), content)

    def upload(self, path: Path, name: str, sha256: str, count: Callable[[int], object]) -> None:
        """See Mirror."""
        from fsspec.callbacks import Callback

        told = 0

        def note(size: int, value: int, **_: Any) -> None:
            nonlocal told
            count(value - told)
            told = value

        how = {**self._driver.uploading, self._driver.metadata: {"sha256": sha256}, "chunksize": drivers.PART_BYTES}
        with self._explained():
            self._fs.put_file(str(path), self._path(name), callback=Callback(hooks={"note": note}), **how)

    def delete(self, name: str) -> None:
        """See Mirror."""
        with self._explained(), contextlib.suppress(FileNotFoundError):
            self._fs.rm_file(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self.url.partition('://')[2]}/{name}"

    @contextlib.contextmanager
    def _explained(self, missing: str | None = None) -> Iterator[None]:
        """Turn what the driver raises into words; ``missing`` is what it means if an object is not there."""
        try:
            yield
        except (ConvaiError, Transient):
            raise
        except Exception as error:
            bucket = self.url.split("/")[2]
            missing = missing or f"there is no bucket {bucket}"
            raise self._driver.explain(error, bucket, missing) from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hush what Google's libraries say about Python versions, and what drivers log of errors that they raise."""
    for name in ("gcsfs", "s3fs"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
