"""One file over HTTP: goes on where a cut left it, asks again politely, and bounds every wait and every size."""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from convai_rasa.errors import DownloadError
from convai_rasa.store.files import read_json, replacing
from convai_rasa.store.progress import FileBar
from convai_rasa.store.sources.http import asking, check_status, host_of
from convai_rasa.store.sources.jobs import Transient, go_on_unless, persist
from convai_rasa.store.sources.place import Order

if TYPE_CHECKING:
    from requests import Response

STALL_SECONDS = 60.0
STALL_BYTES = 1 << 16  # in that time at least: a server may not keep us for ever by sending byte after byte
LIMIT_BYTES = 20_000_000_000  # where nobody knows how large the file is
_CHUNK_BYTES = 1 << 17
_SIDECAR = ".download"  # no model has such a file beside another
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass
class Download:
    """One file that is to be downloaded; beside it lies a note of what the bytes that are here belong to."""

    order: Order  # whose progress is told, and at whose ``stop`` the download ends where it is
    url: str = field(repr=False)  # messages only have the host
    name: str  # in the order's staging folder, where it stays when it is complete
    called: str = ""  # in messages; by default its name
    size: int | None = None  # bytes it must have; None if nobody knows
    limit: int = LIMIT_BYTES  # bytes it may have at most, where the size is not known
    token: str | None = field(default=None, repr=False)  # for the host of the address, and for no other

    def __post_init__(self) -> None:
        self.path = self.order.part(self.name)
        self.called = self.called or self.name
        self._host = host_of(self.url)
        self._most = self.limit if self.size is None else self.size
        self._note = self.path.with_name(self.path.name + _SIDECAR)
        self._etag: str | None = None  # only a strong one
        self._modified: str | None = None
        self._total: int | None = None  # bytes

    def run(self) -> None:
        """Download it; a file that is complete already is only asked about.

        What a cut left, in this run or an earlier one, is continued if the server still has the same file.

        Raises:
            DownloadError: the server does not give it away, cannot be reached, or has a file of another size.
            Abandoned: it was stopped.
            OSError: the file cannot be written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._read_note()
        with self.order.progress.file(f"{self.order.name}: {self.name}", self.size) as bar:
            persist(lambda: self._attempt(bar), self.order.stop, reached=self._here)

    def _here(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def _attempt(self, bar: FileBar) -> None:
        with asking(self.url, self.token, self._conditions()) as response:
            if response.status_code == 304:  # an earlier run has finished it, and it is still the same
                return bar.move_to(self._here())
            if response.status_code == 416:
                raise self._begun_anew(f"has a different {self.called} by now")
            check_status(response, self._host, self.called)
            go_on_unless(self.order.stop)
            self._begin(response)
            if self._total is not None:
                if self._total > self._most or self.size not in (None, self._total):
                    raise self._wrong_size(f"{self._total:,}")
                bar.expect(self._total)
            bar.move_to(self._here())
            self._receive(response, bar)
        if self._total not in (None, self._here()):
            raise Transient(f"{self._host} broke off the connection", "run this again to continue")
        if self.size not in (None, self._here()):
            raise self._wrong_size(f"{self._here():,}")
        self._total = self._here()
        self._write_note()

    def _receive(self, response: Response, bar: FileBar) -> None:
        """Write the body of an answer behind what is here."""
        import urllib3.exceptions

        since, count = time.monotonic(), 0
        with self.path.open("ab") as file:
            while True:
                go_on_unless(self.order.stop)
                try:  # whatever has arrived: a cut loses nothing of it, and the bar of a slow download moves
                    chunk = response.raw.read1(_CHUNK_BYTES, decode_content=True)
                except urllib3.exceptions.HTTPError as error:
                    raise Transient(f"{self._host} broke off the connection", "run this again to continue") from error
                go_on_unless(self.order.stop)  # whoever gave us up may have begun the file anew
                if not chunk:
                    return
                file.write(chunk)
                bar.move_to(file.tell())
                if file.tell() > self._most:
                    raise self._wrong_size(f"more than {self._most:,}")
                count += len(chunk)
                if time.monotonic() - since >= STALL_SECONDS:
                    if count < STALL_BYTES:
                        advice = "check the network, then run this again"
                        raise Transient(f"{self._host} is sending almost nothing", advice)
                    since, count = time.monotonic(), 0

    def _conditions(self) -> dict[str, str]:
        """Return the headers that ask for the rest, or whether the whole has changed; none to ask for the whole.

        Without anything to tell two versions of a file apart the rest of one could be joined to the beginning of the
        other, so then the whole is asked for.
        """
        validator = self._etag or self._modified
        if not self._here() or not validator:
            return {}
        if self._here() == self._total:
            return {"If-None-Match" if self._etag else "If-Modified-Since": validator}
        return {"Range": f"bytes={self._here()}-", "If-Range": validator}

    def _begin(self, response: Response) -> None:
        """Prepare for the body of an answer with status 200 (the whole) or 206 (the rest, behind what is here)."""
        headers = response.headers
        if response.status_code == 206:
            piece = _RANGE.fullmatch(headers.get("Content-Range", ""))
            total = int(piece[2]) if piece and piece[2] != "*" else self._total
            if not piece or int(piece[1]) != self._here() or self._total not in (None, total):
                raise self._begun_anew("sent a different piece than was requested")
            self._total = total
            return
        self._discard()
        if headers.get("Content-Encoding", "identity") == "identity":
            # of what is packed on the way, neither length nor pieces say anything about the file
            etag, length = headers.get("ETag", ""), headers.get("Content-Length", "")
            self._etag = None if etag.startswith("W/") else etag or None
            self._modified = headers.get("Last-Modified")
            self._total = int(length) if length.isdigit() else None
        self._write_note()

    def _begun_anew(self, reason: str) -> Transient:
        self._discard()
        return Transient(f"{self._host} {reason}", "run this again")

    def _wrong_size(self, found: str) -> DownloadError:
        self._discard()
        expected = f"at most {self.limit:,}" if self.size is None else f"{self.size:,}"
        what = f"{self.called} at {self._host} is not the published file"
        return DownloadError(f"{what}: {expected} bytes expected, {found} found")

    def _discard(self) -> None:
        self._etag = self._modified = self._total = None
        self._note.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)

    def _read_note(self) -> None:
        """Learn what an earlier run left here; nothing is known of bytes from another address, or too many of them."""
        # not the address itself, which may carry a password
        self._address = hashlib.sha256(self.url.encode()).hexdigest()
        known = read_json(self._note)  # nothing where it was never begun, or cut while it was written down
        known = known if known.get("address") == self._address else {}
        self._etag, self._modified, self._total = (known.get(fact) for fact in ("etag", "modified", "total"))
        sizes = {size for size in (self._total, self.size) if size is not None}
        if len(sizes) > 1 or self._here() > min(sizes, default=self.limit):
            self._discard()

    def _write_note(self) -> None:
        facts = {"address": self._address, "etag": self._etag, "modified": self._modified, "total": self._total}
        with replacing(self._note) as file:
            file.write(json.dumps(facts).encode())
