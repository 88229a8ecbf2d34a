"""Keep weights that are committed to git under git-LFS, by adding the missing lines to the project's .gitattributes.

As long as .gitignore excludes them, weights stay out of git altogether; this is for projects that want their own
models versioned with their code.
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from convai_rasa import store
from convai_rasa.commands.models.arguments import add_tree
from convai_rasa.errors import ConfigurationError

EXAMPLES = """examples:
  convai models lfs --dry-run
"""
_SUFFIXES = (".pt", ".pth", ".bin", ".onnx", ".safetensors")
_FILTER = "filter=lfs diff=lfs merge=lfs -text"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this verb to a parser."""
    add_tree(parser)
    parser.add_argument("--dry-run", action="store_true", help="show the lines, and change nothing")


def run(given: argparse.Namespace) -> int:
    """Add the lines; returns the exit status."""
    tree = store.tree_to_fetch_into(given.models_dir).absolute()
    root = store.git_root(tree)
    if root is None:
        raise ConfigurationError(f"{tree} is not in a git repository; create one with: git init")
    if _git(root, "rev-parse", "--git-dir") is None:
        raise ConfigurationError(f"git does not work in {root}; run git status there to see why.")
    path, folder = root / ".gitattributes", tree.relative_to(root).as_posix()
    lines = _missing(root, folder)
    if not lines:
        print(f"{path} keeps the weights of {tree} under git-LFS already.")
    elif given.dry_run:
        print(f"These lines would be added to {path}:")
    else:
        _add(lines, path)
        print(f"Added to {path}:")
    for line in lines:
        print(f"  {line}")
    if not given.dry_run and (left := _missing(root, folder)):
        raise ConfigurationError(
            f"Another .gitattributes, nearer to the files or in .git/info, overrides: {'; '.join(left)}."
        )
    for advice in _advice(root, folder):
        print(advice)
    return 0


def _missing(root: Path, folder: str) -> list[str]:
    """Return the lines that .gitattributes lacks, by asking git itself, which knows all of a user's patterns."""
    lines = []
    for suffix in _SUFFIXES:
        answer = _git(root, "check-attr", "-z", "filter", "--", _probe(folder, suffix))
        if not answer or answer.split("\0")[2] != "lfs":
            lines.append(f"{_pattern(folder, suffix)} {_FILTER}")
    return lines


def _probe(folder: str, suffix: str) -> str:
    """Return the path of weights that no model has."""
    return f"{folder}/kind/model/weights{suffix}"


def _pattern(folder: str, suffix: str) -> str:
    """Return the pattern for weights at any depth of a folder; git wants quotes around one with a space in it."""
    escaped = "".join(f"\\{letter}" if letter in "*?[\\" else letter for letter in folder)
    pattern = f"**/*{suffix}" if folder == "." else f"{escaped}/**/*{suffix}"
    return '"' + pattern.replace("\\", "\\\\").replace('"', '\\"') + '"' if set(pattern) & set(' "\t') else pattern


def _add(lines: Sequence[str], path: Path) -> None:
    """Add lines at the end of a file, which is made if need be; what is there stays."""
    try:
        text = path.read_bytes() if path.exists() else b""
        end = b"\r\n" if b"\r\n" in text else b"\n"
        if text and not text.endswith(b"\n"):
            text += end
        with store.replacing(path.resolve()) as file:
            file.write(text + b"".join(line.encode() + end for line in lines))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror}).") from error


def _advice(root: Path, folder: str) -> Iterator[str]:
    """Say what else has to be done before git-LFS has the weights."""
    probe = _probe(folder, _SUFFIXES[0])
    ignored = _git(root, "check-ignore", "--verbose", "--no-index", "-z", "--stdin", given=probe)
    if ignored and not ignored.split("\0")[2].startswith("!"):
        source, line, pattern = ignored.split("\0")[:3]
        kind = f"/{folder}/nlu/" if folder != "." else "/nlu/"
        yield (
            f"Git ignores the models now ({source}, line {line}: {pattern}); to have some of them in git, add below "
            f"that line for example: !{kind}"
        )
    if _git(root, "lfs", "version") is None:
        yield "git-LFS is not installed here: see https://git-lfs.com, then run: git lfs install"
    elif not _git(root, "config", "--get", "filter.lfs.clean"):
        yield "Run once on each machine: git lfs install"


def _git(root: Path, *arguments: str, given: str | None = None) -> str | None:
    """Return what a git command prints, None if it fails; ``given`` is what it reads."""
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise ConfigurationError("git is not installed, and git-LFS needs it; install git first.") from None
    return done.stdout if done.returncode == 0 else None
