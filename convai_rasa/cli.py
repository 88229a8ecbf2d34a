"""The ``convai`` command."""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import importlib.util
import os
import sys
import textwrap
from pathlib import Path
from typing import Any, List, Mapping, Optional, Union

from convai_rasa.errors import ConvaiError, MissingExtra, require

_EXAMPLES = {
    "convai": """
  convai add --dry-run                 what this package would change in the project in this folder
  convai models --set embedded         fetch the models
  convai serve --bot .                 start the bot and a page to talk to it on
  convai doctor                        find out what is wrong
  convai COMMAND --help                the options of a command
""",
    "serve": """
  convai serve                                  the bot in ./bot, and a page on port 5005
  convai serve --bot . --port 8080              the project in this folder
  convai serve --model models/nlu-only.tar.gz   a specific trained model
""",
    "talk": """
  convai talk                                  through this machine's microphone and loudspeaker
  convai talk --url https://bot.example/webhooks/voice/ --token "$TOKEN"
  convai talk --wav question.wav --out answer.wav --fast
  convai talk --devices
""",
    "demo": """
  convai demo                                  the questions of bot/demo.txt
  convai demo --bot . --questions mine.txt --output answers
""",
    "warm": """
  convai warm                                  the replies of the bot in ./bot
  convai warm --bot . --credentials conf/credentials.yml
""",
}
_LAST_PORT = 65_535


def main(arguments: Optional[List[str]] = None) -> int:
    """Run one command.

    Returns:
        The exit status: 0 if all went well, 1 if the user has something to fix.
    """
    parser = command_line()
    given = parser.parse_args(arguments)
    try:
        status = int(given.run(given))
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # for example by `| head`
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # Python flushes it once more at the end
        print("convai: The output was closed before all of it was written.", file=sys.stderr)
        return 1
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
    parser.add_argument(
        "--version", action="version", version=f"convai-rasa {importlib.metadata.version('convai-rasa')}"
    )
    _add_examples(parser, "convai")
    from convai_rasa.models_command import command

    commands = parser.add_subparsers(
        title="commands", required=True, metavar="COMMAND", parser_class=command.VerbParser
    )
    models = commands.add_parser("models", help="fetch, list and verify models", description=command.__doc__)
    command.add_arguments(models)
    models.set_defaults(run=command.run)

    from convai_rasa.project import add, doctor, remove

    adding = commands.add_parser("add", help="add this package to a Rasa project", description=add.__doc__)
    add.add_arguments(adding)
    adding.set_defaults(run=add.run)

    removing = commands.add_parser("remove", help="take this package out of a Rasa project", description=remove.__doc__)
    remove.add_arguments(removing)
    removing.set_defaults(run=remove.run)

    examining = commands.add_parser(
        "doctor", help="find what is missing or wrong in a Rasa project", description=doctor.__doc__
    )
    doctor.add_arguments(examining)
    examining.set_defaults(run=doctor.run)

    from convai_rasa.project.compare import command as compare

    comparing = commands.add_parser(
        "compare", help="compare two configs on a project's examples", description=compare.__doc__
    )
    compare.add_arguments(comparing)
    comparing.set_defaults(run=compare.run)

    from convai_rasa import warm

    warming = commands.add_parser("warm", help="speak a bot's fixed replies ahead of time", description=warm.__doc__)
    warm.add_arguments(warming)
    _add_examples(warming, "warm")
    warming.set_defaults(run=_warm)

    serve = commands.add_parser(
        "serve",
        help="start a bot and the page to talk to it on",
        description="Starts the bot's action server and Rasa on 127.0.0.1, which only this machine can reach, and "
        "prints the address of the page. To let others in, set a token in credentials.yml and put a web server with "
        "https in front, as docs/containers.md shows. --interface listens on another address; over plain http, "
        "browsers do not allow a page there the microphone.",
    )
    _add_bot(serve)
    serve.add_argument(
        "--interface",
        metavar="HOST",
        default="127.0.0.1",
        help="address to listen on (default: %(default)s); one that others reach needs token or jwt_key in the "
        "credentials, or allow_anyone: true",
    )
    _add_examples(serve, "serve")
    serve.set_defaults(run=_serve)

    talk = commands.add_parser(
        "talk",
        help="talk to a bot through this machine's microphone, or through wav files",
        description="Starts the bot and lets you talk to it through this machine's microphone and loudspeaker.",
    )
    _add_bot(talk, port=0)
    talk.add_argument("--url", help="a voice channel that is already running, for example http://…/webhooks/voice/")
    talk.add_argument("--token", help="the channel's token, if it has one")
    talk.add_argument("--language", help="language spoken: ISO 639-1, or auto (default: the channel's)")
    talk.add_argument("--wav", type=Path, help="send this recording instead of listening to the microphone")
    talk.add_argument("--out", type=Path, help="write what the bot says to this wav file, instead of playing it")
    talk.add_argument("--fast", action="store_true", help="with --wav: do not wait as long as speaking takes")
    talk.add_argument("--microphone", type=_device, help="number, or part of the name (default: the machine's choice)")
    talk.add_argument("--loudspeaker", type=_device, help="the same")
    talk.add_argument("--devices", action="store_true", help="list microphones and loudspeakers, and do nothing else")
    _add_examples(talk, "talk")
    talk.set_defaults(run=_talk)

    demo = commands.add_parser(
        "demo",
        help="hear a spoken conversation without a microphone",
        description="Starts the bot, speaks questions to it, and shows what was heard, understood and answered.",
    )
    _add_bot(demo, port=0)
    demo.add_argument("--questions", type=Path, help="a file with one question per line (default: BOT/demo.txt)")
    demo.add_argument("--voice", default="tts/vits-joe", help="model that speaks the questions (default: %(default)s)")
    demo.add_argument("--output", type=Path, default=Path("demo-output"), help="folder for the answers as wav files")
    _add_examples(demo, "demo")
    demo.set_defaults(run=_demo)
    return parser


def _warm(given: argparse.Namespace) -> int:
    from convai_rasa.warm import warm

    print(warm(given))
    return 0


def _add_bot(parser: argparse.ArgumentParser, port: Optional[int] = None) -> None:
    parser.add_argument(
        "--bot", type=Path, default=Path("bot"), help="the Rasa project's folder (default: %(default)s)"
    )
    parser.add_argument("--model", type=Path, help="a trained model (default: the newest in BOT/models)")
    parser.add_argument("--credentials", type=Path, help="a credentials file (default: BOT/credentials.yml)")
    parser.add_argument(
        "--port",
        type=_port,
        default=5005 if port is None else port,
        help="port of the page (default: %(default)s; 0: any free port)",
    )
    parser.add_argument(
        "--actions-port",
        type=_port,
        default=5055 if port is None else port,
        help="port of the action server (default: %(default)s; 0: any free port)",
    )


def _add_examples(parser: argparse.ArgumentParser, name: str) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = textwrap.fill(" ".join((parser.description or "").split()), width=100)
    parser.epilog = f"examples:{_EXAMPLES[name]}"


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= _LAST_PORT):
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {_LAST_PORT}, not '{text}'")
    return int(text)


def _check_rasa() -> None:
    """Look for Rasa without importing it, which takes seconds; the servers are processes of their own."""
    if importlib.util.find_spec("rasa") is None:
        raise MissingExtra("Rasa is not installed; install it with: pip install 'convai-rasa[rasa]' (Python 3.10 only)")


def _serve(given: argparse.Namespace) -> int:
    _check_rasa()
    from convai_rasa.launch import stop_on_terminate
    from convai_rasa.project.check_voice import check_interface, read_credentials, who_reaches

    credentials = read_credentials(given.credentials or given.bot / "credentials.yml")
    check_interface(given.interface, credentials)
    running = _running_bot(given, interface=given.interface, stop_timeout_s=_stop_timeout_s(credentials))
    with stop_on_terminate(), running as bot:
        try:
            print(f"\nTalk to the bot:  {bot.url}talk", flush=True)
            print(f"Who reaches it:   {who_reaches(given.interface, credentials)}")
            print(f"Stop it:          Ctrl-C\nLogs:             {bot.logs}", flush=True)
            bot.wait()
        except KeyboardInterrupt:
            print("\nLetting callers hear the end of their sentences; Ctrl-C again ends it at once.", flush=True)
            raise
    return 0


def _stop_timeout_s(credentials: Mapping[str, Any]) -> float:
    """Return how long Rasa may take to end when callers have the time that the channel gives them."""
    from convai_rasa.launch import STOP_MARGIN_S, STOP_TIMEOUT_S
    from convai_rasa.project.change.channel import CHANNEL
    from convai_rasa.project.check_voice import voice_options

    if CHANNEL not in credentials:
        return STOP_TIMEOUT_S
    return voice_options(credentials).call.drain_s + STOP_MARGIN_S


def _talk(given: argparse.Namespace) -> int:
    if given.url is None and not given.devices:
        _check_rasa()
    require("websockets", extra="terminal")
    from convai_rasa.launch import stop_on_terminate
    from convai_rasa.terminal import devices, talk

    if given.devices:
        print(devices.list_devices())
        return 0
    side = talk.person(given.wav, given.out, given.fast, given.microphone, given.loudspeaker)
    with stop_on_terminate(), contextlib.ExitStack() as stack:
        url = given.url or stack.enter_context(_running_bot(given)).url
        print("Speak; Ctrl-C ends the conversation." if given.wav is None else f"Saying {given.wav}", flush=True)
        talk.hold_conversation(url, side, token=given.token, language=given.language, show=_show)
    return 0


def _show(line: str) -> None:
    print(line, flush=True)


def _device(name: str) -> Union[int, str]:
    return int(name) if name.isdecimal() else name


def _demo(given: argparse.Namespace) -> int:
    _check_rasa()
    from convai_rasa.demo import hold_demo, read_questions
    from convai_rasa.launch import stop_on_terminate
    from convai_rasa.project.files import working_in
    from convai_rasa.store import resolve
    from convai_rasa.tts import SharedVoice

    questions = read_questions(given.questions or given.bot / "demo.txt")
    with working_in(given.bot):  # where the bot looks for its models from
        speaking = SharedVoice(model=str(resolve(given.voice)))
    with stop_on_terminate(), contextlib.closing(speaking) as voice:
        voice.start()  # loads beside the servers
        with _running_bot(given, api=True) as bot:  # it tells what was understood
            hold_demo(bot.server, bot.url, questions, voice, given.output, print)
    return 0


def _running_bot(given: argparse.Namespace, **more: Any):  # type: ignore[no-untyped-def]  # a type would import requests for --help
    from tqdm import tqdm

    from convai_rasa.launch import RunningBot

    class _WithProgress(RunningBot):
        def __enter__(self) -> RunningBot:
            with tqdm(bar_format="{desc} … {elapsed}", leave=False, disable=None) as progress:
                self._on_wait = progress.set_description_str
                return super().__enter__()

    return _WithProgress(
        given.bot,
        port=given.port,
        actions_port=given.actions_port,
        model=given.model,
        credentials=given.credentials,
        **more,
    )


if __name__ == "__main__":
    sys.exit(main())
