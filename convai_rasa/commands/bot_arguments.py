"""Options of the commands that start a bot, and the bot they name."""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path
from typing import Any, Optional

from convai_rasa.errors import MissingExtra

_LAST_PORT = 65_535


def add_bot_arguments(parser: argparse.ArgumentParser, port: Optional[int] = None) -> None:
    """Add the options that name a bot and where it listens: both at a port of the command's, None for Rasa's own."""
    parser.add_argument(
        "--bot", type=Path, default=Path("bot"), help="the Rasa project's folder (default: %(default)s)"
    )
    parser.add_argument("--model", type=Path, help="a trained model (default: the newest in BOT/models)")
    parser.add_argument("--credentials", type=Path, help="a credentials file (default: BOT/credentials.yml)")
    for name, default, what in (("--port", 5005, "the page"), ("--actions-port", 5055, "the action server")):
        parser.add_argument(
            name,
            type=a_port,
            default=default if port is None else port,
            help=f"port of {what} (default: %(default)s; 0: any free port)",
        )


def check_rasa() -> None:
    """Look for Rasa without importing it, which takes seconds; the servers are processes of their own.

    Raises:
        MissingExtra: it is not installed.
    """
    if importlib.util.find_spec("rasa") is None:
        raise MissingExtra("Rasa is not installed; install it with: pip install 'convai-rasa[rasa]' (Python 3.10 only)")


def running_bot(given: argparse.Namespace, **more: Any):  # type: ignore[no-untyped-def]  # a type would import requests for --help
    """Return a ``RunningBot`` for parsed ``add_bot_arguments`` that shows what it waits for."""
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


def a_port(text: str) -> int:
    """Read the number of a port, for ``type=``."""
    if not (text.isdecimal() and int(text) <= _LAST_PORT):
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {_LAST_PORT}, not '{text}'")
    return int(text)
