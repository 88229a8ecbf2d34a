"""Takes files out of a zip archive without trusting it: no path in it leads anywhere but into one folder."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from convai_rasa.errors import DownloadError
from convai_rasa.store.files import CHUNK_BYTES
from convai_rasa.store.sources.remote import is_plain

LIMIT_BYTES = 8_000_000_000
LIMIT_FILES = 2_000
_ENCRYPTED = 0x1
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, UnicodeDecodeError)
_LITTER = {"__MACOSX", ".DS_Store"}  # what macOS adds to archives


def unpack(
    archive: Path,
    into: Path,
    *,
    rename: Callable[[str], str | None],
    limit_bytes: int = LIMIT_BYTES,
    limit_files: int = LIMIT_FILES,
    progress: Callable[[int], object] = lambda count: None,
) -> list[str]:
    """Unpack the files of a zip archive into a folder.

    Args:
        archive: the archive.
        into: the folder; what is in it must not be in the archive too.
        rename: returns what a file of the archive shall be called, or None to leave it out.
        limit_bytes: what all files together may have, whatever the archive says they have.
        limit_files: how many there may be.
        progress: called with the number of bytes of every piece written.

    Returns:
        The names of the files.

    Raises:
        DownloadError: it is damaged, encrypted, or too large, or a name in it could lead out of the folder.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            chosen = _choose(opened, rename, limit_files)
            left = limit_bytes
            for name, member in chosen.items():
                target = into / name
                target.parent.mkdir(parents=True, exist_ok=True)
                left -= _write(opened, member, target, left, progress)
    except _DAMAGE as error:
        raise DownloadError(f"{archive.name} is damaged ({error})") from error
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise DownloadError(f"{archive.name} has a file where it also has a folder") from error
    except _TooLarge as error:
        raise DownloadError(f"{archive.name} has more than {limit_bytes:,} bytes") from error
    return list(chosen)


def without_top_folder(archive: Path) -> Callable[[str], str | None]:
    """Return the ``rename`` that takes away the one folder everything in an archive lies in, if it does.

    Raises:
        DownloadError: the archive is damaged.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            names = [member.filename for member in opened.infolist() if not member.is_dir()]
    except _DAMAGE as error:
        raise DownloadError(f"{archive.name} is damaged ({error})") from error
    tops = {name.partition("/")[0] if "/" in name else "" for name in names if not _is_litter(name)}
    top = tops.pop() + "/" if len(tops) == 1 else ""
    return lambda name: None if _is_litter(name) else name.removeprefix(top)


class _TooLarge(Exception):
    """The files have more bytes than are allowed."""


def _is_litter(name: str) -> bool:
    return not _LITTER.isdisjoint(PurePosixPath(name).parts)


def _choose(archive: zipfile.ZipFile, rename: Callable[[str], str | None], limit: int) -> dict[str, zipfile.ZipInfo]:
    """Return the files to unpack by the names they shall have; looks at every name in the archive first."""
    members = archive.infolist()
    name_of = Path(str(archive.filename)).name
    if len(members) > limit:
        raise DownloadError(f"{name_of} has {len(members):,} files, but at most {limit:,} are allowed")
    chosen: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        _refuse_unsafe(member, name_of)
        name = None if member.is_dir() else rename(member.filename)
        if name is None:
            continue
        if name in chosen:
            raise DownloadError(f"{name_of} contains {name!r} twice")
        chosen[name] = member
    return chosen


def _refuse_unsafe(member: zipfile.ZipInfo, archive: str) -> None:
    name, kind = member.filename, stat.S_IFMT(member.external_attr >> 16)
    if not is_plain(name.removesuffix("/")) or ":" in name:
        raise DownloadError(f"{archive} contains the unsafe path {name!r}, so nothing of it is used")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DownloadError(f"{archive} contains the link or device {name!r}, so nothing of it is used")
    if member.flag_bits & _ENCRYPTED:
        raise DownloadError(f"{archive} is encrypted")
    if member.compress_type not in _PACKED:
        raise DownloadError(f"{archive} is not packed the way model archives are")


def _write(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, limit: int, progress: Callable[[int], object]
) -> int:
    """Write one file; returns how many bytes it has."""
    size = 0
    with archive.open(member) as packed, target.open("xb") as file:
        while chunk := packed.read(CHUNK_BYTES):
            size += len(chunk)
            if size > limit:
                raise _TooLarge
            file.write(chunk)
            progress(len(chunk))
    return size
