"""Say where a model is looked for, in order, and where it was found."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from convai_rasa.errors import ConvaiError
from convai_rasa.store import Look, explain, resolve

_EXAMPLES = """examples:
  convai models where whisper/base
  convai models where nlu/intents@v2.0
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this verb to a parser."""
    parser.epilog = _EXAMPLES
    parser.add_argument("name", metavar="NAME", help="a model, a version of it or a path, such as nlu/intents@v2.0")
    parser.add_argument("--models-dir", type=Path, metavar="DIR", help="look only in this models/ tree")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def run(args: argparse.Namespace) -> int:
    """Print a line for each place, and the hit; returns the exit status."""
    looks = explain(args.name, models_dir=args.models_dir)
    try:
        found, error = resolve(args.name, models_dir=args.models_dir), None
    except ConvaiError as caught:
        found, error = None, str(caught)
    hit = next((look for look in looks if look.folder), None)
    lines = [(look, _state(look, hit)) for look in looks]
    if args.json:
        places = [
            {"place": look.place, "path": str(look.path), "state": state, "problem": look.problem}
            for look, state in lines
        ]
        content = {"name": args.name, "places": places, "path": str(found) if found else None, "error": error}
        print(json.dumps(content, indent=2))
        return 0 if found else 1
    width = max((len(look.place) for look in looks), default=0)
    for look, state in lines:
        words = f"{state}: {look.problem}" if look.problem else state
        print(f"{look.place.ljust(width)}  {look.folder or look.path}  {words}")
    print(f"{args.name} is {found}" if found else error, file=sys.stdout if found else sys.stderr)
    return 0 if found else 1


def _state(look: Look, hit: Look | None) -> str:
    if look.folder:
        return "hit" if look is hit else "also there"
    return "there, but not usable" if look.problem else "not there"
