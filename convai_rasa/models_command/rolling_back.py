"""Let a name mean what it meant before the last pin; done twice, it is as before."""

from __future__ import annotations

import argparse
from pathlib import Path

from convai_rasa.errors import ModelNotFound
from convai_rasa.models_command.versions import plain_name
from convai_rasa.store.names import CURRENT
from convai_rasa.store.tree import candidate_trees
from convai_rasa.store.versions import rollback


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this verb to a parser."""
    parser.add_argument("name", metavar="NAME", help="a model, such as nlu/intents")
    parser.add_argument("--models-dir", type=Path, metavar="DIR", help="the models/ tree (default: where it is pinned)")


def run(args: argparse.Namespace) -> int:
    """Roll back; returns the exit status."""
    name = plain_name(args.name)
    trees = candidate_trees(args.models_dir)
    pinned = next((tree for tree in trees if (tree / name.kind / CURRENT / name.model).is_symlink()), None)
    if pinned is None:
        raise ModelNotFound(f"{name.plain} is not pinned to a version, so there is nothing to go back to.")
    print(f"{name.plain} is now {rollback(pinned, name)}")
    return 0
