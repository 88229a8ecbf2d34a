"""The lines in a project's .gitattributes that keep a tree's weights under git-LFS, and what else git thinks of them.

What is in effect is asked of git itself, which knows all of a user's patterns; nothing is ever taken away.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple, Optional

from convai_rasa.errors import ConfigurationError
from convai_rasa.store.lfs import git_root

ATTRIBUTES_FILE = ".gitattributes"
SUFFIXES = (".pt", ".pth", ".bin", ".onnx", ".safetensors")
_FILTER = "filter=lfs diff=lfs merge=lfs -text"
_PROBE = "kind/model/weights"  # a name that no model has


class Tracking(NamedTuple):
    """What git does with the weights of a tree.

    Attributes:
        root: the top folder of the work tree.
        lines: those that .gitattributes lacks.
        ignored_by: the rule that keeps the tree out of git, as ``.gitignore, line 13: /models/*``; None if none does.
        installed: whether git-LFS is installed here.
        set_up: whether ``git lfs install`` has been run here.
    """

    root: Path
    lines: list[str]
    ignored_by: Optional[str]
    installed: bool
    set_up: bool


def examine(tree: Path) -> Tracking:
    """Find out what git does with the weights of a models/ tree.

    Raises:
        ConfigurationError: the tree is in no git work tree, or git is not installed or refuses.
    """
    root = git_root(tree.absolute())
    if root is None:
        raise ConfigurationError(f"{tree} is not in a git repository; create one with: git init")
    if _git(root, "rev-parse", "--git-dir") is None:
        raise ConfigurationError(f"git does not work in {root}; run git status there to see why.")
    probes = {suffix: (tree.absolute() / f"{_PROBE}{suffix}").relative_to(root).as_posix() for suffix in SUFFIXES}
    untracked = [suffix for suffix in SUFFIXES if _attribute(root, probes[suffix]) != "lfs"]
    folder = tree.absolute().relative_to(root).as_posix()
    return Tracking(
        root,
        [f"{_pattern(folder, suffix)} {_FILTER}" for suffix in untracked],
        _ignored_by(root, probes[SUFFIXES[0]]),
        installed=_git(root, "lfs", "version") is not None,
        set_up=bool(_git(root, "config", "--get", "filter.lfs.clean")),
    )


def add_lines(root: Path, lines: list[str]) -> Path:
    """Add lines at the end of .gitattributes, which is made if need be; returns it.

    Raises:
        ConfigurationError: it cannot be read or written.
    """
    path = root / ATTRIBUTES_FILE
    try:
        text = path.read_bytes() if path.exists() else b""
        end = b"\r\n" if b"\r\n" in text else b"\n"
        if text and not text.endswith(b"\n"):
            text += end
        new = path.resolve().with_name(f".{ATTRIBUTES_FILE}.new")
        new.write_bytes(text + b"".join(line.encode() + end for line in lines))
        os.replace(new, path.resolve())
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror}).") from error
    return path


def _pattern(folder: str, suffix: str) -> str:
    """Return the pattern for weights at any depth of a folder; git wants quotes around one with a space in it."""
    escaped = "".join(f"\\{letter}" if letter in "*?[\\" else letter for letter in folder)
    pattern = f"**/*{suffix}" if folder == "." else f"{escaped}/**/*{suffix}"
    return '"' + pattern.replace("\\", "\\\\").replace('"', '\\"') + '"' if set(pattern) & set(' "\t') else pattern


def _attribute(root: Path, path: str) -> str:
    answer = _git(root, "check-attr", "-z", "filter", "--", path)
    return (answer or "").split("\0")[2] if answer else ""


def _ignored_by(root: Path, path: str) -> str | None:
    answer = _git(root, "check-ignore", "--verbose", "--no-index", "-z", "--stdin", given=path)
    if not answer:
        return None
    source, line, pattern = answer.split("\0")[:3]
    return None if pattern.startswith("!") else f"{source}, line {line}: {pattern}"


def _git(root: Path, *arguments: str, given: str | None = None) -> str | None:
    """Return what a git command prints, None if it fails; ``given`` is what it reads."""
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise ConfigurationError("git is not installed, and git-LFS needs it; install git first.") from None
    return done.stdout if done.returncode == 0 else None
