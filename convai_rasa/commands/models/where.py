"""Say where a model is looked for, in order, and where it was found."""

from __future__ import annotations

import argparse
import sys

from convai_rasa import store
from convai_rasa.commands.models.arguments import add_json, add_tree
from convai_rasa.commands.models.printing import print_json
from convai_rasa.errors import ConvaiError

EXAMPLES = """examples:
  convai models where whisper/base
  convai models where nlu/intents@v2.0
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this verb to a parser."""
    parser.add_argument("name", metavar="NAME", help="a model, a version of it or a path, such as nlu/intents@v2.0")
    add_tree(parser, "look only in this models/ tree")
    add_json(parser)


def run(given: argparse.Namespace) -> int:
    """Print a line for each place, and the hit; returns the exit status."""
    looks = store.explain(given.name, models_dir=given.models_dir)
    hit = next((look for look in looks if look.folder), None)
    states = ["hit" if look is hit else _state(look) for look in looks]
    try:
        found, error = str(store.resolve(given.name, models_dir=given.models_dir)), None
    except ConvaiError as caught:
        found, error = None, str(caught)
    if given.json:
        places = [
            {"place": look.place, "path": str(look.path), "state": state, "problem": look.problem}
            for look, state in zip(looks, states, strict=True)
        ]
        print_json({"name": given.name, "places": places, "path": found, "error": error})
        return 0 if found else 1
    width = max((len(look.place) for look in looks), default=0)
    for look, state in zip(looks, states, strict=True):
        problem = f": {look.problem}" if look.problem else ""
        print(f"{look.place.ljust(width)}  {look.folder or look.path}  {state}{problem}")
    print(f"{given.name} is {found}" if found else error, file=sys.stdout if found else sys.stderr)
    return 0 if found else 1


def _state(look: store.Look) -> str:
    if look.folder:
        return "also there"
    return "there, but not usable" if look.problem else "not there"
