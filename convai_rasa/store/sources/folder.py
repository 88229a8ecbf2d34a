"""A folder that holds models by their names: another models/ tree, a mounted share, a disk that was carried over."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from convai_rasa.errors import DownloadError
from convai_rasa.store.files import CHUNK_BYTES, is_plain, replacing, sha256 as hash_file
from convai_rasa.store.lfs import describe_pointer, is_pointer
from convai_rasa.store.sources.mirror import Entry, Upload, bring
from convai_rasa.store.sources.place import Delivery, Order, Place


class Folder(Place):
    """A folder with a folder for each model in it, which is a remote, too: a link to a file counts as that file.

    Attributes:
        path: absolute, or from the working directory.
    """

    path: str

    def __str__(self) -> str:
        return f"folder {self.path}"

    @property
    def root(self) -> Path:
        """The folder as a path."""
        return Path(self.path)

    def fetch(self, order: Order) -> Delivery:
        """See Place; a model is copied, so that the original may change or vanish afterwards."""
        return bring(self, order)

    def entries(self, folder: str) -> dict[str, Entry]:
        """See Remote; hidden files are left out."""
        top = self.root / folder
        found = {}
        for parent, folders, names in os.walk(top, onerror=_raise_unless_missing):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(name for name in names if not name.startswith(".")):
                there = Path(parent, name).relative_to(top).as_posix()
                entry = self.entry(f"{folder}/{there}")
                if entry:
                    found[there] = entry
        return found

    def entry(self, name: str) -> Entry | None:
        """See Remote."""
        path = self.root / name
        if not path.is_file():
            return None
        facts = path.stat()
        return Entry(facts.st_size, str(facts.st_mtime_ns))

    def read(self, name: str, start: int, end: int) -> bytes:
        """See Remote."""
        path = self.root / name
        try:
            if start == 0 and is_pointer(path):
                raise DownloadError(describe_pointer(path))
            with path.open("rb") as file:
                file.seek(start)
                return file.read(end - start)
        except OSError as error:
            raise DownloadError(f"{path} cannot be read ({error.strerror})") from error

    def sha256(self, name: str) -> str | None:
        """See Remote."""
        return hash_file(self.root / name)

    def write(self, name: str, content: bytes) -> None:
        """See Remote."""
        with self._replacing(name) as target:
            target.write(content)

    def upload(self, files: Iterable[Upload], count: Callable[[Upload, int], object]) -> None:
        """See Remote."""
        for upload in files:
            with upload.path.open("rb") as file, self._replacing(upload.name) as target:
                while piece := file.read(CHUNK_BYTES):
                    target.write(piece)
                    count(upload, len(piece))

    def delete(self, name: str) -> None:
        """See Remote."""
        (self.root / name).unlink(missing_ok=True)

    def _replacing(self, name: str) -> AbstractContextManager[BinaryIO]:
        if not is_plain(name):
            raise DownloadError(f"'{name}' is not a plain relative path")
        return replacing(self.root / name)


def _raise_unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise DownloadError(f"{error.filename} cannot be read ({error.strerror})") from error
