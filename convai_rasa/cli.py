"""The ``convai`` command: one subcommand for each module of ``convai_rasa.commands``."""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, List, Optional

from convai_rasa.commands import add, compare, demo, doctor, remove, serve, speech, talk, warm
from convai_rasa.commands.guard import run_guarded
from convai_rasa.commands.models import command as models

COMMANDS = {
    "models": (models, "fetch, list and verify models"),
    "add": (add, "add this package to a Rasa project"),
    "remove": (remove, "take this package out of a Rasa project"),
    "doctor": (doctor, "find what is missing or wrong in a Rasa project"),
    "compare": (compare, "compare two configs on a project's examples"),
    "warm": (warm, "speak a bot's fixed replies ahead of time"),
    "serve": (serve, "start a bot and the page to talk to it on"),
    "speech": (speech, "serve recognition and voices over OpenAI's audio API and Wyoming"),
    "talk": (talk, "talk to a bot through this machine's microphone, or through wav files"),
    "demo": (demo, "hear a spoken conversation without a microphone"),
}
_EXAMPLES = """examples:
  %(prog)s add --dry-run               what this package would change in the project in this folder
  %(prog)s models --set embedded       fetch the models
  %(prog)s serve --bot .               start the bot and a page to talk to it on
  %(prog)s doctor                      find out what is wrong
  %(prog)s COMMAND --help              the options of a command
"""


def main(arguments: Optional[List[str]] = None) -> int:
    """Run one command.

    Returns:
        The exit status: 0 if all went well, 1 if the user has something to fix, 130 after Ctrl-C.
    """
    return run_guarded(parse(sys.argv[1:] if arguments is None else arguments))


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Return what a command line says, with the function of its command as ``run``; ends the program if it is none."""
    return command_line().parse_args(models.name_command(words))


def command_line() -> argparse.ArgumentParser:
    """Return the parser of the whole command."""
    parser = argparse.ArgumentParser(
        prog="convai",
        description="Ears, a voice and better understanding for any Rasa 3.6 bot.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"convai-rasa {importlib.metadata.version('convai-rasa')}"
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, (module, summary) in COMMANDS.items():
        _add(commands, name, module, help=summary)
    for name, verb in models.verbs().items():
        _add(commands, name, verb).set_defaults(stopped=models.STOPPED)  # the list of commands leaves these out
    return parser


def _add(commands: Any, name: str, module: ModuleType, **words: str) -> argparse.ArgumentParser:
    """Add the parser of a command, which is a module with ``EXAMPLES``, ``add_arguments`` and ``run``."""
    layout = argparse.RawDescriptionHelpFormatter
    command: argparse.ArgumentParser = commands.add_parser(
        name, description=module.__doc__, epilog=module.EXAMPLES, formatter_class=layout, **words
    )
    command.set_defaults(run=module.run)
    module.add_arguments(command)
    return command


if __name__ == "__main__":
    sys.exit(main())
