"""Opens the place that a user names to push to, or to fetch models of one's own from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from convai_rasa.errors import ConfigurationError
from convai_rasa.options import parse_options
from convai_rasa.store.sources import Bucket, FolderRemote, Remote


@contextmanager
def open_remote(location: str) -> Iterator[Remote]:
    """Open a bucket, or a folder that exists; a context manager.

    Raises:
        ConfigurationError: it is no bucket, and no folder that exists.
        DownloadError: it cannot be used.
        MissingExtra: the driver for it is not installed.
    """
    parts = urlsplit(location)
    if parts.scheme in ("s3", "gs"):
        from convai_rasa.store.sources import ObjectStore

        bucket = parse_options(Bucket, {"url": location}, where=f"{parts.scheme}://…")
        with ObjectStore(bucket.url) as remote:
            yield remote
        return
    if parts.scheme not in ("", "file"):
        raise ConfigurationError(f"{parts.scheme}:// cannot be used here; give s3://…, gs://… or a folder.")
    folder = Path(url2pathname(parts.path) if parts.scheme else location).expanduser().absolute()
    if not folder.is_dir():
        raise ConfigurationError(f"There is no folder {folder}; create it first, or give s3://… or gs://….")
    yield FolderRemote(folder)
