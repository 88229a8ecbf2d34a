"""Talk to a bot through this machine's microphone, or through wav files.

Starts the bot, or reaches one that runs already, and lets you talk to it through this machine's microphone and
loudspeaker.
"""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from typing import Union

from convai_rasa.commands.bot_arguments import add_bot_arguments, check_rasa, running_bot
from convai_rasa.errors import require

EXAMPLES = """examples:
  %(prog)s                                  through this machine's microphone and loudspeaker
  %(prog)s --url https://bot.example/webhooks/voice/ --token "$TOKEN"
  %(prog)s --wav question.wav --out answer.wav --fast
  %(prog)s --devices
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_bot_arguments(parser, port=0)
    parser.add_argument("--url", help="a voice channel that is already running, for example http://…/webhooks/voice/")
    parser.add_argument("--token", help="the channel's token, if it has one")
    parser.add_argument("--language", help="language spoken: ISO 639-1, or auto (default: the channel's)")
    parser.add_argument("--wav", type=Path, help="send this recording instead of listening to the microphone")
    parser.add_argument("--out", type=Path, help="write what the bot says to this wav file, instead of playing it")
    parser.add_argument("--fast", action="store_true", help="with --wav: do not wait as long as speaking takes")
    parser.add_argument(
        "--microphone", type=_device, help="number, or part of the name (default: the machine's choice)"
    )
    parser.add_argument("--loudspeaker", type=_device, help="the same")
    parser.add_argument("--devices", action="store_true", help="list microphones and loudspeakers, and do nothing else")


def run(given: argparse.Namespace) -> int:
    """Talk until the recording, the bot or Ctrl-C ends the conversation; returns the exit status.

    Raises:
        ConvaiError: the bot cannot be started or reached, or a device or file cannot be used.
    """
    if given.url is None and not given.devices:
        check_rasa()
    require("websockets", extra="terminal")
    from convai_rasa.launch import stop_on_terminate
    from convai_rasa.terminal import hold_conversation, list_devices, person

    if given.devices:
        print(list_devices())
        return 0
    side = person(given.wav, given.out, given.fast, given.microphone, given.loudspeaker)
    with stop_on_terminate(), contextlib.ExitStack() as stack:
        url = given.url or stack.enter_context(running_bot(given)).url
        print("Speak; Ctrl-C ends the conversation." if given.wav is None else f"Saying {given.wav}", flush=True)
        hold_conversation(url, side, token=given.token, language=given.language, show=_show)
    return 0


def _show(line: str) -> None:
    print(line, flush=True)


def _device(name: str) -> Union[int, str]:
    return int(name) if name.isdecimal() else name
