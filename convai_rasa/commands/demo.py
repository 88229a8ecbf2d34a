"""Hear a spoken conversation without a microphone.

Starts the bot, speaks questions to it, and shows what was heard, understood and answered.
"""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from convai_rasa.commands.bot_arguments import add_bot_arguments, check_rasa, running_bot

EXAMPLES = """examples:
  %(prog)s                                  the questions of bot/demo.txt
  %(prog)s --bot . --questions mine.txt --output answers
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_bot_arguments(parser, port=0)
    parser.add_argument("--questions", type=Path, help="a file with one question per line (default: BOT/demo.txt)")
    parser.add_argument(
        "--voice", default="tts/vits-joe", help="model that speaks the questions (default: %(default)s)"
    )
    parser.add_argument("--output", type=Path, default=Path("demo-output"), help="folder for the answers as wav files")


def run(given: argparse.Namespace) -> int:
    """Ask every question; returns the exit status.

    Raises:
        ConvaiError: there are no questions, or the bot or the voice cannot be started.
    """
    check_rasa()
    from convai_rasa.launch import stop_on_terminate
    from convai_rasa.project import working_in
    from convai_rasa.store import resolve
    from convai_rasa.terminal import hold_demo, read_questions
    from convai_rasa.tts import SharedVoice

    questions = read_questions(given.questions or given.bot / "demo.txt")
    with working_in(given.bot):  # where the bot looks for its models from
        speaking = SharedVoice(model=str(resolve(given.voice)))
    with stop_on_terminate(), contextlib.closing(speaking) as voice:
        voice.start()  # loads beside the servers
        with running_bot(given, api=True) as bot:  # it tells what was understood
            hold_demo(bot.server, bot.url, questions, voice, given.output, print)
    return 0
