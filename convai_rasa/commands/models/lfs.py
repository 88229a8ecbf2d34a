"""Keep weights that are committed to git under git-LFS, by adding the missing lines to the project's .gitattributes.

As long as .gitignore excludes them, weights stay out of git altogether; this is for projects that want their own
models versioned with their code.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from convai_rasa.errors import ConfigurationError
from convai_rasa.store import tree_to_fetch_into
from convai_rasa.store.publishing import ATTRIBUTES_FILE, Tracking, add_lines, examine

_EXAMPLES = """examples:
  convai models lfs --dry-run
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this verb to a parser."""
    parser.epilog = _EXAMPLES
    parser.add_argument("--models-dir", type=Path, metavar="DIR", help="the models/ tree (default: the nearest)")
    parser.add_argument("--dry-run", action="store_true", help="show the lines, and change nothing")


def run(args: argparse.Namespace) -> int:
    """Add the lines; returns the exit status."""
    tree = tree_to_fetch_into(args.models_dir)
    tracking = examine(tree)
    path = tracking.root / ATTRIBUTES_FILE
    if not tracking.lines:
        print(f"{path} keeps the weights of {tree} under git-LFS already.")
    elif args.dry_run:
        print(f"These lines would be added to {path}:")
    else:
        add_lines(tracking.root, tracking.lines)
        print(f"Added to {path}:")
    for line in tracking.lines:
        print(f"  {line}")
    if not args.dry_run:
        left = examine(tree).lines
        if left:
            raise ConfigurationError(
                f"Another .gitattributes, nearer to the files or in .git/info, overrides: {'; '.join(left)}."
            )
    for advice in _advice(tracking, tree):
        print(advice)
    return 0


def _advice(tracking: Tracking, tree: Path) -> list[str]:
    """Say what else has to be done before git-LFS has the weights."""
    advice = []
    if tracking.ignored_by:
        folder = tree.absolute().relative_to(tracking.root).as_posix()
        kind = f"/{folder}/nlu/" if folder != "." else "/nlu/"
        advice.append(
            f"Git ignores the models now ({tracking.ignored_by}); to have some of them in git, add below that line "
            f"for example: !{kind}"
        )
    if not tracking.installed:
        advice.append("git-LFS is not installed here: see https://git-lfs.com, then run: git lfs install")
    elif not tracking.set_up:
        advice.append("Run once on each machine: git lfs install")
    return advice
