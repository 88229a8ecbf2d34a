"""One file over HTTP: goes on where a cut left it, asks again politely, and bounds every wait and every size."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from convai_rasa.errors import DownloadError
from convai_rasa.store.files import replacing
from convai_rasa.store.formats import read_json
from convai_rasa.store.progress import FileBar, Progress
from convai_rasa.store.sources.http import asking, check_status, host_of
from convai_rasa.store.sources.jobs import Transient, go_on_unless, persist

if TYPE_CHECKING:
    from requests import Response

STALL_SECONDS = 60.0
STALL_BYTES = 1 << 16  # in that time at least: a server may not keep us for ever by sending byte after byte
LIMIT_BYTES = 20_000_000_000  # where nobody knows how large the file is
_CHUNK_BYTES = 1 << 17
_SIDECAR = ".download"  # no model has such a file beside another
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True)
class Wanted:
    """One file that is to be downloaded.

    Attributes:
        url: its address.
        path: where it is collected, and stays when it is complete.
        name: what the file is called in messages.
        label: what its progress bar is called.
        size: bytes it must have; None if nobody knows.
        limit: bytes it may have at most, where the size is not known.
        token: goes to the host of the address, and to no other, as bearer token.
    """

    url: str
    path: Path
    name: str
    label: str
    size: int | None = None
    limit: int = LIMIT_BYTES
    token: str | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """The server's name, which is all that messages say of the address."""
        return host_of(self.url)

    @property
    def most(self) -> int:
        """Bytes that it may have."""
        return self.limit if self.size is None else self.size


def download(wanted: Wanted, progress: Progress, stop: threading.Event | None = None) -> None:
    """Download a file to ``wanted.path``; one that is complete there already is only asked about.

    What a cut left, in this run or an earlier one, is continued if the server still has the same file. Once ``stop`` is
    set, the download ends where it is.

    Raises:
        Refused: the server does not give the file away.
        DownloadError: it cannot be reached, is too busy, or has a file of another size.
        Abandoned: it was stopped.
        OSError: the file cannot be written.
    """
    wanted.path.parent.mkdir(parents=True, exist_ok=True)
    stop = stop or threading.Event()
    partial = PartialFile(wanted.path, wanted.url)
    if wanted.size is not None and (partial.size > wanted.size or (partial.is_complete and partial.size < wanted.size)):
        partial.discard()
    with progress.file(wanted.label, wanted.size) as bar:
        persist(lambda: _attempt(wanted, partial, bar, stop), stop, reached=lambda: partial.size)


def _attempt(wanted: Wanted, partial: PartialFile, bar: FileBar, stop: threading.Event) -> None:
    with asking(wanted.url, wanted.token, partial.conditions()) as response:
        if response.status_code == 304:  # an earlier run has finished it, and it is still the same
            return bar.move_to(partial.size)
        if response.status_code == 416:
            partial.discard()
            raise Transient(f"{wanted.host} has a different {wanted.name} by now", "run this again")
        check_status(response, wanted.host, wanted.name)
        go_on_unless(stop)
        try:
            total = partial.begin(response.status_code, response.headers)
        except ValueError as error:
            partial.discard()
            raise Transient(f"{wanted.host} sent {error}", "run this again") from error
        if total is not None:
            if total > wanted.most or wanted.size not in (None, total):
                raise _wrong_size(wanted, partial, f"{total:,}")
            bar.expect(total)
        bar.move_to(partial.size)
        _receive(response, wanted, partial, bar, stop)
    if total is not None and partial.size != total:
        raise Transient(f"{wanted.host} broke off the connection", "run this again to continue")
    if wanted.size not in (None, partial.size):
        raise _wrong_size(wanted, partial, f"{partial.size:,}")
    partial.finish()


def _receive(response: Response, wanted: Wanted, partial: PartialFile, bar: FileBar, stop: threading.Event) -> None:
    """Write the body of an answer behind what is here."""
    import urllib3.exceptions

    since, count = time.monotonic(), 0
    with partial.append() as file:
        while True:
            go_on_unless(stop)
            try:  # whatever has arrived: a cut loses nothing of it, and the bar of a slow download moves
                chunk = response.raw.read1(_CHUNK_BYTES, decode_content=True)
            except urllib3.exceptions.HTTPError as error:
                raise Transient(f"{wanted.host} broke off the connection", "run this again to continue") from error
            go_on_unless(stop)  # whoever gave us up may have begun the file anew
            if not chunk:
                return
            file.write(chunk)
            bar.move_to(file.tell())
            if file.tell() > wanted.most:
                raise _wrong_size(wanted, partial, f"more than {wanted.most:,}")
            count += len(chunk)
            if time.monotonic() - since >= STALL_SECONDS:
                if count < STALL_BYTES:
                    raise Transient(
                        f"{wanted.host} is sending almost nothing", "check the network, then run this again"
                    )
                since, count = time.monotonic(), 0


def _wrong_size(wanted: Wanted, partial: PartialFile, found: str) -> DownloadError:
    partial.discard()
    expected = f"at most {wanted.limit:,}" if wanted.size is None else f"{wanted.size:,}"
    return DownloadError(
        f"{wanted.name} at {wanted.host} is not the published file: {expected} bytes expected, {found} found"
    )


class PartialFile:
    """A file of which the first bytes are here, in this run or a later one; ``<path>.download`` says of what.

    Args:
        path: where the bytes are.
        address: where the rest comes from; bytes from another address are forgotten.
    """

    def __init__(self, path: Path, address: str) -> None:
        self.path = path
        self._sidecar = path.with_name(path.name + _SIDECAR)
        # not the address itself, which may carry a password
        self._address = hashlib.sha256(address.encode()).hexdigest()
        known = read_json(self._sidecar)  # nothing where it was never begun, or cut while it was written down
        known = known if known.get("address") == self._address else {}
        self._etag: str | None = known.get("etag")  # only a strong one
        self._modified: str | None = known.get("modified")
        self._total: int | None = known.get("total")  # bytes
        if self._total is not None and self.size > self._total:
            self.discard()

    @property
    def size(self) -> int:
        """Bytes that are here."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def is_complete(self) -> bool:
        """Whether these are all bytes of it."""
        return self.size == self._total

    def conditions(self) -> dict[str, str]:
        """Return the headers that ask for the rest, or whether the whole has changed; none to ask for the whole.

        Without anything to tell two versions of a file apart the rest of one could be joined to the beginning of the
        other, so then the whole is asked for.
        """
        validator = self._etag or self._modified
        if not self.size or not validator:
            return {}
        if self.is_complete:
            return {"If-None-Match" if self._etag else "If-Modified-Since": validator}
        return {"Range": f"bytes={self.size}-", "If-Range": validator}

    def begin(self, status: int, headers: Mapping[str, str]) -> int | None:
        """Prepare for the body of an answer with status 200 (the whole) or 206 (the rest, behind what is here).

        Returns:
            How many bytes the whole file has; None if the server does not say.

        Raises:
            ValueError: it is a different piece than was requested.
        """
        if status == 206:
            piece = _RANGE.fullmatch(headers.get("Content-Range", ""))
            total = int(piece[2]) if piece and piece[2] != "*" else self._total
            if not piece or int(piece[1]) != self.size or self._total not in (None, total):
                raise ValueError("a different piece than was requested")
            self._total = total
            return total
        self.discard()
        if headers.get("Content-Encoding", "identity") == "identity":
            # of what is packed on the way, neither length nor pieces say anything about the file
            etag, length = headers.get("ETag", ""), headers.get("Content-Length", "")
            self._etag = None if etag.startswith("W/") else etag or None
            self._modified = headers.get("Last-Modified")
            self._total = int(length) if length.isdigit() else None
        self._note()
        return self._total

    def append(self) -> BinaryIO:
        """Open the file to write on."""
        return self.path.open("ab")

    def finish(self) -> None:
        """Note that all bytes are here."""
        self._total = self.size
        self._note()

    def discard(self) -> None:
        """Forget the bytes."""
        self._etag = self._modified = self._total = None
        self._sidecar.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)

    def _note(self) -> None:
        facts = {"address": self._address, "etag": self._etag, "modified": self._modified, "total": self._total}
        with replacing(self._sidecar) as file:
            file.write(json.dumps(facts).encode())
