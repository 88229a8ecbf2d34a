"""Choose which version of a model a name means, in one step.

Whoever loads the model afterwards gets that version. A running bot keeps the one it has loaded until it is restarted,
and rasa train retrains what depends on it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from convai_rasa.errors import ConfigurationError, ModelNotFound
from convai_rasa.store import Name, candidate_trees, describe_versions, parse_name, pin, version_folder

_EXAMPLES = """examples:
  convai models pin nlu/intents@v2.0
  convai models pin nlu/intents@latest
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this verb to a parser."""
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "name",
        metavar="NAME@VERSION",
        help="such as nlu/intents@v2.0 or nlu/intents@latest; @unversioned is the folder without a version",
    )
    parser.add_argument(
        "--models-dir", type=Path, metavar="DIR", help="the models/ tree (default: the first that has it)"
    )


def run(args: argparse.Namespace) -> int:
    """Pin it; returns the exit status."""
    name = parse_name(args.name.removeprefix("models/"))
    if name is None or name.version is None:
        raise ConfigurationError(
            f"'{args.name}' does not name a version of a model; write for example nlu/intents@v2.0."
        )
    folder = pin(tree_of(name, candidate_trees(args.models_dir)), name)
    print(f"{name.plain} is now {folder}")
    return 0


def tree_of(name: Name, trees: list[Path]) -> Path:
    """Return the first tree that has the version.

    Raises:
        ModelNotFound: none has.
    """
    for tree in trees:
        if version_folder(tree, name):
            return tree
    there = "; ".join(f"in {tree} {describe_versions(tree, name)}" for tree in trees)
    raise ModelNotFound(
        f"There is no {name}; {there or 'there is no models folder in or above the working directory'}."
    )
