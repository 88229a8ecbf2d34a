"""git-LFS pointers: the few lines of text that stand for a large file until ``git lfs pull`` has brought it.

The format is that of https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: less than 1,024 bytes, a version first,
then the object's hash and size.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import NamedTuple

LIMIT_BYTES = 1024
WEIGHT_SUFFIXES = (".pt", ".pth", ".bin", ".onnx", ".safetensors", ".zip", ".tar", ".gz", ".npz", ".h5", ".model")
_VERSIONS = (
    b"version https://git-lfs.github.com/spec/v1",
    b"version https://hawser.github.com/spec/v1",  # what the tool was called before its release
)
_OID = re.compile(rb"^oid sha256:([0-9a-f]{64})\r?$", re.MULTILINE)
_SIZE = re.compile(rb"^size (\d+)\r?$", re.MULTILINE)


class Pointer(NamedTuple):
    """What a pointer stands for: the SHA-256 of the real file in lower-case hex, and its bytes."""

    sha256: str
    size: int


def read_pointer(path: Path) -> Pointer | None:
    """Return what the pointer in a file stands for, None if there is no pointer in it.

    Raises:
        OSError: the file cannot be read.
    """
    if path.stat().st_size >= LIMIT_BYTES:
        return None
    text = path.read_bytes()
    oid, size = _OID.search(text), _SIZE.search(text)
    first_line = text.split(b"\n", 1)[0].rstrip()
    return Pointer(oid[1].decode(), int(size[1])) if first_line in _VERSIONS and oid and size else None


def is_pointer(path: Path) -> bool:
    """Whether a file is a git-LFS pointer instead of the file it stands for.

    Raises:
        OSError: the file cannot be read.
    """
    return read_pointer(path) is not None


def first_pointer(folder: Path) -> Path | None:
    """Return a git-LFS pointer among the weights of a model, None if there is none.

    Opens only files that are small enough to be pointers and named like weights, so it costs microseconds.
    """
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if name.endswith(WEIGHT_SUFFIXES) and path.is_file() and is_pointer(path):
                return path
    return None


def pull_command(path: Path) -> str:
    """Return the command that brings the real file of a pointer.

    Args:
        path: the pointer, or a folder with pointers in it.
    """
    path = path.absolute()
    root = git_root(path)
    if root is None:
        return "git lfs pull (in the checkout that it was copied from)"
    name = path.relative_to(root).as_posix()
    pattern = f"{name}/**" if path.is_dir() else name
    command = f'git lfs pull --include="{pattern}"'
    return command if root in (Path.cwd(), *Path.cwd().parents) else f"cd {shlex.quote(str(root))} && {command}"


def describe_pointer(path: Path) -> str:
    """Return a sentence without a full stop about a pointer: what it is, and the command that brings the real file.

    Raises:
        OSError: the file cannot be read.
    """
    pointer = read_pointer(path)
    size = f" of {pointer.size:,} bytes" if pointer else ""
    return f"{path} is a git-LFS pointer instead of the file{size}; fetch that with: {pull_command(path)}"


def git_root(path: Path) -> Path | None:
    """Return the top folder of the git work tree that a path lies in, None if it lies in none."""
    return next((folder for folder in (path, *path.parents) if (folder / ".git").exists()), None)
