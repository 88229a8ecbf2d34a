"""Choose which version of a model a name means, in one step.

Whoever loads the model afterwards gets that version. A running bot keeps the one it has loaded until it is restarted,
and rasa train retrains what depends on it.
"""

from __future__ import annotations

import argparse

from convai_rasa import store
from convai_rasa.commands.models.arguments import add_tree
from convai_rasa.errors import ConfigurationError, ModelNotFound

EXAMPLES = """examples:
  convai models pin nlu/intents@v2.0
  convai models pin nlu/intents@latest
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this verb to a parser."""
    words = "such as nlu/intents@v2.0 or nlu/intents@latest; @unversioned is the folder without a version"
    parser.add_argument("name", metavar="NAME@VERSION", help=words)
    add_tree(parser, "the models/ tree (default: the first that has it)")


def run(given: argparse.Namespace) -> int:
    """Pin it in the first tree that has it; returns the exit status."""
    name = store.parse_name(given.name.removeprefix("models/"))
    if name is None or name.version is None:
        raise ConfigurationError(
            f"'{given.name}' does not name a version of a model; write for example nlu/intents@v2.0."
        )
    trees = store.candidate_trees(given.models_dir)
    tree = next((tree for tree in trees if store.version_folder(tree, name)), None)
    if tree is None:
        raise ModelNotFound(f"There is no {name}; {store.describe_versions(trees, name)}.")
    print(f"{name.plain} is now {store.pin(tree, name)}")
    return 0
