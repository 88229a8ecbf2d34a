"""Small operations on files that the whole store shares."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Optional

CHUNK_BYTES = 1 << 20
# Under which other names a file may lie: as Coqui's older releases and its training call theirs, and, of weights in
# several files, the list of them.
ALSO_CALLED: Mapping[str, tuple[str, ...]] = {
    "model.pth": ("model_file.pth", "model_file.pth.tar", "best_model.pth"),
    "model.safetensors": ("model.safetensors.index.json",),
    "pytorch_model.bin": ("pytorch_model.bin.index.json",),
}
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def sha256(path: Path, progress: Callable[[int], object] | None = None) -> str:
    """Return the SHA-256 of a file in lower-case hex; ``progress`` is called with the bytes of every piece of 1 MiB."""
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(CHUNK_BYTES))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            digest.update(buffer[:count])
            if progress:
                progress(count)
    return digest.hexdigest()


def joint_sha256(files: Iterable[tuple[str, Path]]) -> str:
    """Return one SHA-256 over names and contents of several files; one that is absent counts as absent."""
    digest = hashlib.sha256()
    for name, path in files:
        digest.update(f"{name}:{sha256(path) if path.is_file() else 'absent'};".encode())
    return digest.hexdigest()


def readable_bytes(count: int) -> str:
    """Write a size for people: ``75.5 MB``."""
    if count >= 1_000_000:
        return f"{count / 1e6:,.1f} MB"
    return f"{count / 1e3:,.1f} kB" if count >= 1_000 else f"{count} bytes"


def tree_bytes(folder: Path) -> int:
    """Return the size of all files below a folder together, following links."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def is_plain(name: str) -> bool:
    """Whether a name is a relative path that stays inside its folder, whoever made it up."""
    path = PurePosixPath(name)
    outside = path.is_absolute() or ".." in path.parts or "\\" in name
    return bool(path.parts) and not outside and str(path) == name


def find_file(folder: Path, name: str) -> Optional[Path]:
    """Return a file or folder of a model under its own name, or under the first other one that it may have."""
    paths = (folder / known for known in (name, *ALSO_CALLED.get(name, ())))
    return next((path for path in paths if path.exists()), None)


def read_json(path: Path) -> Mapping[str, Any]:
    """Return what a JSON file holds by names; nothing where there is none, or none that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be written anew, which takes its place in one step: who reads finds the old one or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with new.open("wb") as file:
            yield file
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def put_in_place(new: Path, target: Path, attic: Path) -> None:
    """Make the folder ``new`` stand at ``target`` in one step, so that a kill leaves either the old or the new one.

    What was there goes to the folder ``attic`` before it is deleted; all three are on the same filesystem.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.rename(new, target)  # succeeds if nothing, or an empty folder, is there
        return
    except OSError:
        if not target.exists():
            raise
    old = attic / f"old-{uuid.uuid4().hex}"
    if _exchange(new, target):
        os.rename(new, old)
    else:
        os.rename(target, old)
        try:
            os.rename(new, target)
        except OSError:
            os.rename(old, target)
            raise
    shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders atomically; False where the system cannot (anything but Linux with glibc 2.28 or musl 1.2)."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0


@contextlib.contextmanager
def locked(path: Path, waiting: str = "", say: Callable[[str], object] = lambda words: None) -> Iterator[None]:
    """Hold a lock between processes, a file that is made if need be; says ``waiting`` if another one has it."""
    from filelock import FileLock, Timeout  # who only looks a model up does not need it

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(waiting)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
