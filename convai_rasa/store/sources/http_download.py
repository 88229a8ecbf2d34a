"""One file over HTTP: goes on where a cut left it, asks again politely, and bounds every wait and every size."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from convai_rasa.errors import DownloadError
from convai_rasa.store.sources.http_answers import check_status, host_of
from convai_rasa.store.sources.http_request import asking
from convai_rasa.store.sources.partial_file import PartialFile
from convai_rasa.store.sources.retries import Retries, Stopped, Transient

if TYPE_CHECKING:
    from requests import Response

    from convai_rasa.store.progress import FileBar, Progress

STALL_SECONDS = 60.0
STALL_BYTES = 1 << 16  # in that time at least: a server may not keep us for ever by sending byte after byte
LIMIT_BYTES = 20_000_000_000  # where nobody knows how large the file is
_CHUNK_BYTES = 1 << 17


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


def download(wanted: Wanted, progress: Progress, stop: threading.Event | None = None) -> None:
    """Download a file to ``wanted.path``; one that is complete there already is only asked about.

    What a cut left, in this run or an earlier one, is continued if the server still has the same file.

    Args:
        wanted: the file.
        progress: where its bar is shown.
        stop: once it is set, the download ends where it is.

    Raises:
        Refused: the server does not give the file away.
        DownloadError: it cannot be reached, is too busy, or has a file of another size.
        Stopped: it was stopped.
        OSError: the file cannot be written.
    """
    wanted.path.parent.mkdir(parents=True, exist_ok=True)
    stop = stop or threading.Event()
    partial, retries = PartialFile(wanted.path, wanted.url), Retries(stop)
    if wanted.size is not None and (partial.size > wanted.size or (partial.is_complete and partial.size < wanted.size)):
        partial.discard()
    with progress.file(wanted.label, wanted.size) as bar:
        shown = _Shown(bar)
        while True:
            try:
                return _attempt(wanted, partial, shown, stop)
            except Transient as failure:
                retries.wait(failure, reached=partial.size)


class _Shown:
    """Keeps a bar at the number of bytes that are there."""

    def __init__(self, bar: FileBar) -> None:
        self.bar = bar
        self._at = 0

    def move_to(self, size: int) -> None:
        self.bar.update(size - self._at)
        self._at = size


class _Pace:
    """Notices a server that is sending almost nothing.

    Args:
        host: for the message.
    """

    def __init__(self, host: str) -> None:
        self._host = host
        self._since, self._count = time.monotonic(), 0

    def add(self, count: int) -> None:
        self._count += count
        if time.monotonic() - self._since >= STALL_SECONDS:
            if self._count < STALL_BYTES:
                raise Transient(f"{self._host} is sending almost nothing", "check the network, then run this again")
            self._since, self._count = time.monotonic(), 0


def _attempt(wanted: Wanted, partial: PartialFile, shown: _Shown, stop: threading.Event) -> None:
    with asking(wanted.url, wanted.token, partial.conditions()) as response:
        if response.status_code == 304:  # an earlier run has finished it, and it is still the same
            return shown.move_to(partial.size)
        if response.status_code == 416:
            partial.discard()
            raise Transient(f"{wanted.host} has a different {wanted.name} by now", "run this again")
        check_status(response, wanted.host, wanted.name)
        _go_on_unless(stop)
        try:
            total = partial.begin(response.status_code, response.headers)
        except ValueError as error:
            partial.discard()
            raise Transient(f"{wanted.host} sent {error}", "run this again") from error
        _check_size(wanted, partial, total)
        if total is not None:
            shown.bar.expect(total)
        shown.move_to(partial.size)
        _receive(response, wanted, partial, shown, stop)
    if total is not None and partial.size != total:
        raise Transient(f"{wanted.host} broke off the connection", "run this again to continue")
    if wanted.size is not None and partial.size != wanted.size:
        found = partial.size
        partial.discard()
        raise _wrong_size(wanted, f"{found:,}")
    partial.finish()


def _receive(response: Response, wanted: Wanted, partial: PartialFile, shown: _Shown, stop: threading.Event) -> None:
    """Write the body of an answer behind what is here."""
    import urllib3.exceptions

    pace, bound = _Pace(wanted.host), wanted.limit if wanted.size is None else wanted.size
    with partial.append() as file:
        while True:
            _go_on_unless(stop)
            try:  # whatever has arrived: a cut loses nothing of it, and the bar of a slow download moves
                chunk = response.raw.read1(_CHUNK_BYTES, decode_content=True)
            except urllib3.exceptions.HTTPError as error:
                raise Transient(f"{wanted.host} broke off the connection", "run this again to continue") from error
            _go_on_unless(stop)  # whoever gave us up may have begun the file anew
            if not chunk:
                return
            file.write(chunk)
            shown.move_to(file.tell())
            if file.tell() > bound:
                partial.discard()
                raise _wrong_size(wanted, f"more than {bound:,}")
            pace.add(len(chunk))


def _check_size(wanted: Wanted, partial: PartialFile, total: int | None) -> None:
    """Refuse what the server announces before it is fetched."""
    if total is None or (wanted.size is None and total <= wanted.limit) or total == wanted.size:
        return
    partial.discard()
    raise _wrong_size(wanted, f"{total:,}")


def _wrong_size(wanted: Wanted, found: str) -> DownloadError:
    expected = f"at most {wanted.limit:,}" if wanted.size is None else f"{wanted.size:,}"
    return DownloadError(
        f"{wanted.name} at {wanted.host} is not the published file: {expected} bytes expected, {found} found"
    )


def _go_on_unless(stop: threading.Event) -> None:
    if stop.is_set():
        raise Stopped("stopped")
