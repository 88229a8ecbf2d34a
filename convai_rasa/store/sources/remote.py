"""What a place has to offer to hold models by their names: the contract of folders and object stores."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import NamedTuple, Protocol

UNFINISHED = "convai-model.unfinished"  # lies beside the files of a model while it is being pushed


class Entry(NamedTuple):
    """One file in a remote place.

    Attributes:
        size: bytes.
        version: whatever changes when the content does: an entity tag, a generation, a time.
    """

    size: int
    version: str


class Upload(NamedTuple):
    """One file on its way to a remote place.

    Attributes:
        path: where it is here.
        name: what it is called there.
        sha256: of its content, in lower-case hex.
    """

    path: Path
    name: str
    sha256: str


class Remote(Protocol):
    """A place that holds files by names with slashes in them; ``str`` is the place in words, without secrets.

    Every method raises DownloadError (a clause without a full stop) for what will not work, and ``Transient`` for what
    may work at the next try.
    """

    def entries(self, folder: str) -> dict[str, Entry]:
        """Return every file below a folder by its name in that folder; none if there is no such folder."""
        ...

    def entry(self, name: str) -> Entry | None:
        """Return what one file is now, None if it is gone."""
        ...

    def read(self, name: str, start: int, end: int) -> bytes:
        """Return the bytes of a file from ``start`` up to ``end``; fewer, but at least one, where not all arrived."""
        ...

    def sha256(self, name: str) -> str | None:
        """Return the SHA-256 of a file in lower-case hex as far as the place knows it."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """Write a small file in one step."""
        ...

    def upload(self, files: Iterable[Upload], count: Callable[[Upload, int], object]) -> None:
        """Copy files there; each appears whole or not at all. ``count`` is told of bytes as they go, in any thread."""
        ...

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""
        ...


def is_plain(name: str) -> bool:
    """Whether a name is a relative path that stays inside its folder, whoever made it up."""
    path = PurePosixPath(name)
    outside = path.is_absolute() or ".." in path.parts or "\\" in name
    return bool(path.parts) and not outside and str(path) == name
