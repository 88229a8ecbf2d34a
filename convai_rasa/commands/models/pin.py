"""Choose which version of a model a name means, in one step.

Whoever loads the model afterwards gets that version. A running bot keeps the one it has loaded until it is restarted,
and rasa train retrains what depends on it.
"""

from __future__ import annotations

import argparse

from convai_rasa.commands.models.arguments import add_tree
from convai_rasa.errors import ConfigurationError, ModelNotFound
from convai_rasa.store import candidate_trees, describe_versions, parse_name, pin, version_folder

EXAMPLES = """examples:
  convai models pin nlu/intents@v2.0
  convai models pin nlu/intents@latest
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this verb to a parser."""
    parser.add_argument(
        "name",
        metavar="NAME@VERSION",
        help="such as nlu/intents@v2.0 or nlu/intents@latest; @unversioned is the folder without a version",
    )
    add_tree(parser, "the models/ tree (default: the first that has it)")


def run(given: argparse.Namespace) -> int:
    """Pin it in the first tree that has it; returns the exit status."""
    name = parse_name(given.name.removeprefix("models/"))
    if name is None or name.version is None:
        raise ConfigurationError(
            f"'{given.name}' does not name a version of a model; write for example nlu/intents@v2.0."
        )
    trees = candidate_trees(given.models_dir)
    tree = next((tree for tree in trees if version_folder(tree, name)), None)
    if tree is None:
        raise ModelNotFound(f"There is no {name}; {describe_versions(trees, name)}.")
    print(f"{name.plain} is now {pin(tree, name)}")
    return 0
