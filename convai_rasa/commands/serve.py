"""Start a bot and the page to talk to it on.

Starts the bot's action server and Rasa on 127.0.0.1, which only this machine can reach, and prints the address of the
page. To let others in, set a token in credentials.yml and put a web server with https in front, as docs/containers.md
shows. --interface listens on another address; over plain http, browsers do not allow a page there the microphone.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from convai_rasa.commands.bot_arguments import add_bot_arguments, check_rasa, running_bot
from convai_rasa.errors import Terminated

EXAMPLES = """examples:
  %(prog)s                                  the bot in ./bot, and a page on port 5005
  %(prog)s --bot . --port 8080              the project in this folder
  %(prog)s --model models/nlu-only.tar.gz   a specific trained model
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_bot_arguments(parser)
    parser.add_argument(
        "--interface",
        metavar="HOST",
        default="127.0.0.1",
        help="address to listen on (default: %(default)s); one that others reach needs token or jwt_key in the "
        "credentials, or allow_anyone: true",
    )


def run(given: argparse.Namespace) -> int:
    """Serve until Ctrl-C; returns the exit status.

    Raises:
        ConvaiError: the bot cannot start, or one of its servers ended.
    """
    check_rasa()
    from convai_rasa.launch import stop_on_terminate
    from convai_rasa.project.checks import check_interface, read_credentials, who_reaches

    credentials = read_credentials(given.credentials or given.bot / "credentials.yml")
    check_interface(given.interface, credentials)
    stop_timeout_s, drain_s = _times_to_end(credentials)
    running = running_bot(given, interface=given.interface, stop_timeout_s=stop_timeout_s, drain_s=drain_s)
    with stop_on_terminate(), running as bot:
        try:
            print(f"\nTalk to the bot:  {bot.url}talk", flush=True)
            print(f"Who reaches it:   {who_reaches(given.interface, credentials)}")
            print(f"Stop it:          Ctrl-C\nLogs:             {bot.logs}", flush=True)
            bot.wait()
        except Terminated:
            print(
                f"\nNo new calls; those that are going on have {drain_s:g} s to end. SIGTERM again ends it at once.",
                flush=True,
            )
            raise
        except KeyboardInterrupt:
            print("\nLetting callers hear the end of their sentences; Ctrl-C again ends it at once.", flush=True)
            raise
    return 0


def _times_to_end(credentials: Mapping[str, Any]) -> tuple[float, float]:
    """Return how long Rasa may take to end when callers have the time that the channel gives them, and to drain before.

    Without the channel there are no calls to wait for.
    """
    from convai_rasa.launch import STOP_MARGIN_S, STOP_TIMEOUT_S
    from convai_rasa.project.change import CHANNEL
    from convai_rasa.project.checks import voice_options

    if CHANNEL not in credentials:
        return STOP_TIMEOUT_S, 0.0
    call = voice_options(credentials).call
    return call.goodbye_s + STOP_MARGIN_S, call.drain_s
