"""git-LFS pointers: the few lines of text that stand for a large file until ``git lfs pull`` has brought it.

The format is that of https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: less than 1,024 bytes, a version first,
then extensions, the object's hash and its size.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import NamedTuple

from convai_rasa.errors import ModelCorrupt

_LIMIT_BYTES = 1024
_WEIGHT_SUFFIXES = (".pt", ".pth", ".bin", ".onnx", ".safetensors", ".zip", ".tar", ".gz", ".npz", ".h5", ".model")
_POINTER = re.compile(  # hawser is what the tool was called before its release
    rb"version https://(?:git-lfs|hawser)\.github\.com/spec/v1\r?\n"
    rb"(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\r?\nsize (\d+)\r?(?:\n|$)"
)


class Pointer(NamedTuple):
    """What a pointer stands for: the SHA-256 of the real file in lower-case hex, and its bytes."""

    sha256: str
    size: int


def read_pointer(path: Path) -> Pointer | None:
    """Return what the pointer in a file stands for, None if there is no pointer in it; raises OSError."""
    if path.stat().st_size >= _LIMIT_BYTES:
        return None
    found = _POINTER.match(path.read_bytes())
    return Pointer(found[1].decode(), int(found[2])) if found else None


def is_pointer(path: Path) -> bool:
    """Whether a file is a git-LFS pointer instead of the file it stands for; raises OSError."""
    return read_pointer(path) is not None


def first_pointer(folder: Path) -> Path | None:
    """Return a git-LFS pointer among the weights of a model, None if there is none.

    Opens only files that are small enough to be pointers and named like weights, so it costs microseconds.
    """
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if name.endswith(_WEIGHT_SUFFIXES) and path.is_file() and is_pointer(path):
                return path
    return None


def check_pointers(folder: Path) -> None:
    """See that no weights of a model are git-LFS pointers.

    Raises:
        ModelCorrupt: one is; the message has the command that brings the real file.
    """
    pointer = first_pointer(folder)
    if pointer is not None:
        raise ModelCorrupt(f"{describe_pointer(pointer)}.")


def describe_pointer(path: Path) -> str:
    """Return a sentence without a full stop about a pointer: what it is, and the command that brings the real file."""
    pointer = read_pointer(path)
    size = f" of {pointer.size:,} bytes" if pointer else ""
    return f"{path} is a git-LFS pointer instead of the file{size}; fetch that with: {pull_command(path)}"


def pull_command(path: Path) -> str:
    """Return the command that brings the real file of a pointer, or those of all pointers in a folder."""
    path = path.absolute()
    root = git_root(path)
    if root is None:
        return "git lfs pull (in the checkout that it was copied from)"
    name = path.relative_to(root).as_posix()
    command = f'git lfs pull --include="{name}{"/**" if path.is_dir() else ""}"'
    return command if root in (Path.cwd(), *Path.cwd().parents) else f"cd {shlex.quote(str(root))} && {command}"


def git_root(path: Path) -> Path | None:
    """Return the top folder of the git work tree that a path lies in, None if it lies in none."""
    return next((folder for folder in (path, *path.parents) if (folder / ".git").exists()), None)
