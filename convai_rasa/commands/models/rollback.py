"""Undo the last pin of a name; a second rollback redoes it."""

from __future__ import annotations

import argparse

from convai_rasa import store
from convai_rasa.commands.models.arguments import add_tree, plain_name
from convai_rasa.errors import ModelNotFound

EXAMPLES = """examples:
  convai models rollback nlu/intents
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this verb to a parser."""
    parser.add_argument("name", metavar="NAME", help="a model, such as nlu/intents")
    add_tree(parser, "the models/ tree (default: the first in which it is pinned)")


def run(given: argparse.Namespace) -> int:
    """Roll back; returns the exit status."""
    name = plain_name(given.name)
    tree = next((tree for tree in store.candidate_trees(given.models_dir) if store.was_pinned(tree, name)), None)
    if tree is None:
        raise ModelNotFound(f"{name.plain} was never pinned to a version, so there is nothing to go back to.")
    folder = store.rollback(tree, name)
    print(f"{name.plain} is now {folder}" if folder else f"{name.plain} is no longer pinned to a version")
    return 0
