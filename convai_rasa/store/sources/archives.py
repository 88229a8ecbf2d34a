"""Takes files out of a zip archive without trusting it: no path in it leads anywhere but into one folder."""

from __future__ import annotations

import contextlib
import errno
import stat
import struct
import threading
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from convai_rasa.errors import DownloadError
from convai_rasa.store.files import CHUNK_BYTES, is_plain
from convai_rasa.store.sources.jobs import go_on_unless

LIMIT_BYTES = 8_000_000_000
LIMIT_FILES = 2_000
_ENCRYPTED = 0x1
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, UnicodeDecodeError)
_LITTER = {"__MACOSX", ".DS_Store"}  # what macOS adds to archives


@contextlib.contextmanager
def damage_refused(name: str) -> Iterator[None]:
    """Make one DownloadError of all that reading a damaged zip archive can raise."""
    try:
        yield
    except _DAMAGE as error:
        raise DownloadError(f"{name} is damaged ({error})") from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # what a place before the archive's first byte gives when it is sought
            raise
        raise DownloadError(f"{name} is damaged ({error.strerror})") from error


def unpack(
    archive: Path,
    into: Path,
    top: str | None = None,
    *,
    stop: threading.Event,
    limit_bytes: int = LIMIT_BYTES,
    limit_files: int = LIMIT_FILES,
) -> list[str]:
    """Unpack the files of a zip archive into a folder, where none of them is yet; returns their names.

    ``top`` is the folder in the archive that is taken, with a trailing slash; None: the one that everything lies in, if
    it does, else all. ``limit_bytes`` is what all files together may have, whatever the archive says they have. Once
    ``stop`` is set, nothing more is written.

    Raises:
        Abandoned: nobody needs it any more.
        DownloadError: it is damaged, encrypted, or too large, or a name in it could lead out of the folder.
    """
    try:
        with damage_refused(archive.name), zipfile.ZipFile(archive) as opened:
            chosen = _choose(opened, archive.name, top, limit_files)
            left = limit_bytes
            for name, member in chosen.items():
                target = into / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with opened.open(member) as packed, target.open("xb") as file:
                    while chunk := packed.read(CHUNK_BYTES):
                        go_on_unless(stop)
                        left -= len(chunk)
                        if left < 0:
                            raise DownloadError(f"{archive.name} has more than {limit_bytes:,} bytes")
                        file.write(chunk)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise DownloadError(f"{archive.name} has a file where it also has a folder") from error
    return list(chosen)


def _choose(opened: zipfile.ZipFile, archive: str, top: str | None, limit: int) -> dict[str, zipfile.ZipInfo]:
    """Return the files to unpack by the names they shall have; looks at every name in the archive first."""
    members = opened.infolist()
    if len(members) > limit:
        raise DownloadError(f"{archive} has {len(members):,} files, but at most {limit:,} are allowed")
    for member in members:
        _check_safe(member, archive)
    files = [member for member in members if not member.is_dir() and _LITTER.isdisjoint(member.filename.split("/"))]
    if top is None:
        tops = {first + slash if slash else "" for first, slash, _ in (file.filename.partition("/") for file in files)}
        top = tops.pop() if len(tops) == 1 else ""
    chosen: dict[str, zipfile.ZipInfo] = {}
    for file in files:
        if file.filename.startswith(top):
            name = file.filename.removeprefix(top)
            if name in chosen:
                raise DownloadError(f"{archive} contains {name!r} twice")
            chosen[name] = file
    return chosen


def _check_safe(member: zipfile.ZipInfo, archive: str) -> None:
    name, kind = member.filename, stat.S_IFMT(member.external_attr >> 16)
    if not is_plain(name.removesuffix("/")) or ":" in name:
        raise DownloadError(f"{archive} contains the unsafe path {name!r}, so nothing of it is used")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DownloadError(f"{archive} contains the link or device {name!r}, so nothing of it is used")
    if member.flag_bits & _ENCRYPTED:
        raise DownloadError(f"{archive} is encrypted")
    if member.compress_type not in _PACKED:
        raise DownloadError(f"{archive} is not packed the way model archives are")
