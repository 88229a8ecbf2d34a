"""The ``convai`` command."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import List, Optional

from convai_rasa.errors import ConvaiError


def main(arguments: Optional[List[str]] = None) -> int:
    """Run one command.

    Returns:
        The exit status: 0 if all went well, 1 if the user has something to mend.
    """
    parser = command_line()
    given = parser.parse_args(arguments)
    try:
        return int(given.run(given))
    except ConvaiError as error:
        print(f"convai: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0


def command_line() -> argparse.ArgumentParser:
    """Return the parser of the whole command; a parsed command carries its function as ``run``."""
    parser = argparse.ArgumentParser(
        prog="convai", description="Ears, a voice and better understanding for any Rasa 3.6 bot."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    from convai_rasa.store import command

    models = commands.add_parser("models", help="fetch, list and verify models", description=command.__doc__)
    command.add_arguments(models)
    models.set_defaults(run=command.run)

    from convai_rasa.project import add, doctor

    adding = commands.add_parser("add", help="add this package to a Rasa project", description=add.__doc__)
    add.add_arguments(adding)
    adding.set_defaults(run=add.run)

    examining = commands.add_parser("doctor", help="say what a Rasa project lacks", description=doctor.__doc__)
    doctor.add_arguments(examining)
    examining.set_defaults(run=doctor.run)

    serve = commands.add_parser(
        "serve",
        help="start a bot and the page to talk to it on",
        description="Starts the bot's action server and Rasa on 127.0.0.1 and prints the address of the page.",
    )
    _add_bot(serve)
    serve.set_defaults(run=_serve)

    demo = commands.add_parser(
        "demo",
        help="hold a spoken conversation without a microphone",
        description="Starts the bot, speaks questions to it, and shows what was heard, understood and answered.",
    )
    _add_bot(demo, port=0)
    demo.add_argument("--questions", type=Path, help="a file with one question a line (default: BOT/demo.txt)")
    demo.add_argument("--voice", default="tts/vits-joe", help="model that speaks the questions (default: %(default)s)")
    demo.add_argument("--output", type=Path, default=Path("demo-output"), help="folder for the answers as wav files")
    demo.set_defaults(run=_demo)
    return parser


def _add_bot(parser: argparse.ArgumentParser, port: Optional[int] = None) -> None:
    parser.add_argument(
        "--bot", type=Path, default=Path("bot"), help="the Rasa project's folder (default: %(default)s)"
    )
    parser.add_argument("--model", type=Path, help="a trained model (default: the newest in BOT/models)")
    parser.add_argument("--credentials", type=Path, help="a credentials file (default: BOT/credentials.yml)")
    parser.add_argument(
        "--port", type=int, default=5005 if port is None else port, help="of the page (default: %(default)s; 0: any)"
    )
    parser.add_argument(
        "--actions-port",
        type=int,
        default=5055 if port is None else port,
        help="of the action server (default: %(default)s; 0: any)",
    )


def _serve(given: argparse.Namespace) -> int:
    from convai_rasa.launch import stop_on_terminate

    with stop_on_terminate(), _running_bot(given) as bot:
        print(f"\nTalk to the bot:  {bot.url}talk\nStop it:          Ctrl-C\nLogs:             {bot.logs}", flush=True)
        bot.wait()
    return 0


def _demo(given: argparse.Namespace) -> int:
    from convai_rasa.demo import hold_demo, read_questions
    from convai_rasa.launch import stop_on_terminate
    from convai_rasa.tts import SynthesisWorker

    questions = read_questions(given.questions or given.bot / "demo.txt")
    with stop_on_terminate(), contextlib.closing(SynthesisWorker(model=given.voice)) as voice:
        voice.start()  # loads beside the servers
        with _running_bot(given, api=True) as bot:  # it tells what was understood
            hold_demo(bot.server, bot.url, questions, voice, given.output, print)
    return 0


def _running_bot(given: argparse.Namespace, api: bool = False):  # type: ignore[no-untyped-def]  # a type would import requests for --help
    from tqdm import tqdm

    from convai_rasa.launch import RunningBot

    class _WithProgress(RunningBot):
        def __enter__(self) -> RunningBot:
            with tqdm(desc="Starting the bot", bar_format="{desc} … {elapsed}", leave=False, disable=None) as progress:
                self._on_wait = progress.refresh
                return super().__enter__()

    return _WithProgress(
        given.bot,
        port=given.port,
        actions_port=given.actions_port,
        model=given.model,
        credentials=given.credentials,
        api=api,
    )


if __name__ == "__main__":
    sys.exit(main())
