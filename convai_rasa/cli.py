"""The ``convai`` command: one subcommand for each module of ``convai_rasa.commands``."""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
from typing import List, Optional

from convai_rasa.commands import add, compare, demo, doctor, remove, serve, talk, warm
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
    return run_guarded(command_line().parse_args(arguments))


def command_line() -> argparse.ArgumentParser:
    """Return the parser of the whole command; a parsed command carries its function as ``run``."""
    parser = argparse.ArgumentParser(
        prog="convai",
        description="Ears, a voice and better understanding for any Rasa 3.6 bot.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"convai-rasa {importlib.metadata.version('convai-rasa')}"
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=models.VerbParser)
    for name, (module, summary) in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=summary,
            description=module.__doc__,
            epilog=module.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.set_defaults(run=module.run)
        module.add_arguments(command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
