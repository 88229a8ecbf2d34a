"""A folder that holds models by their names: another models/ tree, a mounted share, a disk that was carried over."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from convai_rasa.errors import DownloadError
from convai_rasa.store.files import CHUNK_BYTES, is_plain, sha256 as hash_file
from convai_rasa.store.lfs import describe_pointer, is_pointer
from convai_rasa.store.sources.mirror import Entry, Upload, bring
from convai_rasa.store.sources.place import Delivery, Order, Place


class Folder(Place):
    """A folder with a folder for each model in it.

    Attributes:
        path: absolute, or from the working directory.
    """

    path: str

    def __str__(self) -> str:
        return f"folder {self.path}"

    def fetch(self, order: Order) -> Delivery:
        """See Place; a model is copied, so that the original may change or vanish afterwards."""
        return bring(FolderRemote(Path(self.path)), order)


class FolderRemote:
    """A folder as a remote: links to files count as files, hidden files are left out."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __str__(self) -> str:
        return f"folder {self.root}"

    def entries(self, folder: str) -> dict[str, Entry]:
        """See Remote."""
        top = self.root / folder
        found = {}
        for parent, folders, names in os.walk(top, onerror=_raise_unless_missing):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                there = Path(parent, name).relative_to(top).as_posix()
                entry = None if name.startswith(".") else self.entry(f"{folder}/{there}")
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
        self._replace(name, [content], lambda count: None)

    def upload(self, files: Iterable[Upload], count: Callable[[Upload, int], object]) -> None:
        """See Remote."""
        for upload in files:
            with upload.path.open("rb") as file:
                self._replace(upload.name, iter(partial(file.read, CHUNK_BYTES), b""), partial(count, upload))

    def delete(self, name: str) -> None:
        """See Remote."""
        (self.root / name).unlink(missing_ok=True)

    def _replace(self, name: str, pieces: Iterable[bytes], count: Callable[[int], object]) -> None:
        """Write a file under another name first, so that it is never seen half."""
        if not is_plain(name):
            raise DownloadError(f"'{name}' is not a plain relative path")
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        new = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        try:
            with new.open("wb") as file:
                for piece in pieces:
                    file.write(piece)
                    count(len(piece))
            os.replace(new, target)
        finally:
            new.unlink(missing_ok=True)


def _raise_unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise DownloadError(f"{error.filename} cannot be read ({error.strerror})") from error
