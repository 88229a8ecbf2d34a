"""The beginning of a file that is being downloaded, and what is known of the whole; both outlive the process."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

_SIDECAR = ".download"  # no model has such a file beside another
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass
class _Facts:
    """What the server said about the file that was begun.

    Attributes:
        address: SHA-256 of where it comes from; not the address itself, which may carry a password.
        etag: its strong entity tag; None if it has none.
        modified: its ``Last-Modified``; None if it has none.
        total: its bytes; None while that is not known.
        complete: all of them are here.
    """

    address: str
    etag: str | None = None
    modified: str | None = None
    total: int | None = None
    complete: bool = False


class PartialFile:
    """A file of which the first bytes are here; ``<path>.download`` beside it says of what.

    Args:
        path: where the bytes are.
        address: where the rest comes from; bytes from another address are forgotten.
    """

    def __init__(self, path: Path, address: str) -> None:
        self.path = path
        self._sidecar = path.with_name(path.name + _SIDECAR)
        self._address = hashlib.sha256(address.encode()).hexdigest()
        self._facts = self._read()
        if self._facts.total is not None and self.size >= self._facts.total:
            self._facts.complete = self.size == self._facts.total
            if not self._facts.complete:
                self.discard()

    @property
    def size(self) -> int:
        """Bytes that are here."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def is_complete(self) -> bool:
        """Whether these are all bytes of it."""
        return self._facts.complete

    def conditions(self) -> dict[str, str]:
        """Return the headers that ask for the rest, or whether the whole has changed; none to ask for the whole.

        Without anything to tell two versions of a file apart the rest of one could be joined to the beginning of the
        other, so then the whole is asked for.
        """
        validator = self._facts.etag or self._facts.modified
        if not self.size or not validator:
            return {}
        if self._facts.complete:
            return {"If-None-Match" if self._facts.etag else "If-Modified-Since": validator}
        return {"Range": f"bytes={self.size}-", "If-Range": validator}

    def begin(self, status: int, headers: Mapping[str, str]) -> int | None:
        """Prepare for the body of an answer: behind what is here if the server sends the rest, else from the start.

        Args:
            status: 200 or 206.
            headers: of the answer.

        Returns:
            How many bytes the whole file has; None if the server does not say.

        Raises:
            ValueError: it is a different piece than was requested.
        """
        if status == 206:
            piece = _RANGE.fullmatch(headers.get("Content-Range", ""))
            total = int(piece[2]) if piece and piece[2] != "*" else self._facts.total
            if not piece or int(piece[1]) != self.size or self._facts.total not in (None, total):
                raise ValueError("a different piece than was requested")
            self._facts.total = total
            return total
        self.discard()
        etag, encoded = headers.get("ETag"), headers.get("Content-Encoding", "identity") != "identity"
        length = headers.get("Content-Length", "")
        if not encoded:  # of what is packed on the way, neither length nor pieces say anything about the file
            self._facts.etag = etag if etag and not etag.startswith("W/") else None
            self._facts.modified = headers.get("Last-Modified")
            self._facts.total = int(length) if length.isdigit() else None
        self._write()
        return self._facts.total

    def append(self) -> BinaryIO:
        """Open the file to write on."""
        return self.path.open("ab")

    def finish(self) -> None:
        """All bytes are here."""
        self._facts.total, self._facts.complete = self.size, True
        self._write()

    def discard(self) -> None:
        """Forget the bytes."""
        self._facts = _Facts(self._address)
        self._sidecar.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)

    def _read(self) -> _Facts:
        try:
            facts = _Facts(**json.loads(self._sidecar.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):  # never begun, or cut while it was written down
            return _Facts(self._address)
        return facts if facts.address == self._address else _Facts(self._address)

    def _write(self) -> None:
        self._sidecar.parent.mkdir(parents=True, exist_ok=True)
        new = self._sidecar.with_name(self._sidecar.name + ".new")
        new.write_text(json.dumps(asdict(self._facts)), encoding="utf-8")
        os.replace(new, self._sidecar)
