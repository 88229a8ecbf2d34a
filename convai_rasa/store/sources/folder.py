"""A folder that holds models by their names: another models/ tree, a mounted share, a disk that was carried over."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from convai_rasa.errors import DownloadError
from convai_rasa.store.files import CHUNK_BYTES, is_plain, replacing, sha256 as hash_file
from convai_rasa.store.lfs_pointers import describe_pointer, pointer_size
from convai_rasa.store.sources.mirror import Entry, Mirror


class Folder(Mirror):
    """A folder with a folder for each model in it; a link to a file counts as that file."""

    path: str

    def __str__(self) -> str:
        return f"folder {self.path}"

    @property
    def root(self) -> Path:
        """The folder as a path."""
        return Path(self.path)

    def entries(self, folder: str) -> dict[str, Entry]:
        """See Mirror; hidden files are left out."""
        top = self.root / folder
        found = {}
        for parent, folders, names in os.walk(top, onerror=_raise_unless_missing):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for path in [Path(parent, name) for name in sorted(names) if not name.startswith(".")]:
                if path.is_file():
                    facts = path.stat()
                    found[path.relative_to(top).as_posix()] = Entry(facts.st_size, str(facts.st_mtime_ns))
        return found

    def read(self, name: str, start: int, end: int) -> bytes:
        """See Mirror."""
        path = self.root / name
        try:
            if start == 0 and pointer_size(path) is not None:
                raise DownloadError(describe_pointer(path))
            with path.open("rb") as file:
                file.seek(start)
                return file.read(end - start)
        except OSError as error:
            raise DownloadError(f"{path} cannot be read ({error.strerror})") from error

    def hash_of(self, name: str) -> str | None:
        """See Mirror."""
        return hash_file(self.root / name)

    def write(self, name: str, content: bytes) -> None:
        """See Mirror."""
        with self._replacing(name) as target:
            target.write(content)

    def upload(self, path: Path, name: str, sha256: str, count: Callable[[int], object]) -> None:
        """See Mirror."""
        with path.open("rb") as file, self._replacing(name) as target:
            while piece := file.read(CHUNK_BYTES):
                target.write(piece)
                count(len(piece))

    def delete(self, name: str) -> None:
        """See Mirror."""
        (self.root / name).unlink(missing_ok=True)

    def _replacing(self, name: str) -> AbstractContextManager[BinaryIO]:
        if not is_plain(name):
            raise DownloadError(f"'{name}' is not a plain relative path")
        return replacing(self.root / name)


def _raise_unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise DownloadError(f"{error.filename} cannot be read ({error.strerror})") from error
