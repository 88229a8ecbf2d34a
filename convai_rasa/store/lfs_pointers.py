"""git-LFS pointers: the few lines of text that stand for a large file until ``git lfs pull`` has brought it.

The format is that of https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: less than 1,024 bytes, a version first,
then extensions, the object's hash and its size.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

from convai_rasa.errors import ModelCorrupt

_LIMIT_BYTES = 1024
_WEIGHT_SUFFIXES = (".pt", ".pth", ".bin", ".onnx", ".safetensors", ".zip", ".tar", ".gz", ".npz", ".h5", ".model")
_POINTER = re.compile(  # hawser is what the tool was called before its release
    rb"version https://(?:git-lfs|hawser)\.github\.com/spec/v1\r?\n"
    rb"(?:ext-[^\n]*\n)*oid sha256:[0-9a-f]{64}\r?\nsize (\d+)\r?(?:\n|$)"
)


def pointer_size(path: Path) -> int | None:
    """Return how many bytes the file has that a pointer stands for, None if a file is none; raises OSError."""
    found = _POINTER.match(path.read_bytes()) if path.stat().st_size < _LIMIT_BYTES else None
    return int(found[1]) if found else None


def check_pointers(folder: Path) -> None:
    """See that no weights of a model are git-LFS pointers.

    Opens only files that are small enough to be pointers and named like weights, so it costs microseconds.

    Raises:
        ModelCorrupt: one is; the message has the command that brings the real file.
    """
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if name.endswith(_WEIGHT_SUFFIXES) and path.is_file() and pointer_size(path) is not None:
                raise ModelCorrupt(f"{describe_pointer(path)}.")


def describe_pointer(path: Path) -> str:
    """Return a sentence without a full stop about a pointer: what it is, and the command that brings the real file."""
    root = git_root(path.absolute())
    what = f"{path} is a git-LFS pointer instead of the file of {pointer_size(path):,} bytes; fetch that with"
    if root is None:
        return f"{what}: git lfs pull (in the checkout that it was copied from)"
    command = f'git lfs pull --include="{path.absolute().relative_to(root).as_posix()}"'
    inside = root in (Path.cwd(), *Path.cwd().parents)
    return f"{what}: {command}" if inside else f"{what}: cd {shlex.quote(str(root))} && {command}"


def git_root(path: Path) -> Path | None:
    """Return the top folder of the git work tree that a path lies in, None if it lies in none."""
    return next((folder for folder in (path, *path.parents) if (folder / ".git").exists()), None)
