"""Speak a bot's fixed replies into the cache, so that their sound is there when the bot first needs it.

Reads the domain and the credentials of a Rasa project; Rasa itself is not started.
"""

from __future__ import annotations

import argparse
import contextlib
import os
from pathlib import Path
from typing import Any, Mapping, Optional

from convai_rasa.errors import ConfigurationError, SynthesisError
from convai_rasa.project import load_mapping, read_text
from convai_rasa.project.change import CHANNEL

EXAMPLES = """examples:
  %(prog)s                                  the replies of the bot in ./bot
  %(prog)s --bot . --credentials conf/credentials.yml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "--bot", type=Path, default=Path("bot"), help="the Rasa project's folder (default: %(default)s)"
    )
    parser.add_argument("--domain", type=Path, help="a domain file or folder (default: BOT/domain.yml or BOT/domain)")
    parser.add_argument("--credentials", type=Path, help="a credentials file (default: BOT/credentials.yml)")


def run(given: argparse.Namespace) -> int:
    """Make what is missing, and say how much that was; returns the exit status.

    Raises:
        ConvaiError: the project has no domain or voice channel, its voice cannot be loaded, or a reply not be spoken.
    """
    from tqdm import tqdm

    from convai_rasa.project.checks import read_credentials, voice_options
    from convai_rasa.voice.engines import load_voices
    from convai_rasa.voice.mouth import fixed_texts

    bot = given.bot.expanduser().absolute()
    path = (given.credentials or bot / "credentials.yml").absolute()
    credentials = read_credentials(path)
    if CHANNEL not in credentials:
        raise ConfigurationError(f"{path} does not list {CHANNEL}; add it with: convai add")
    options = voice_options(credentials).tts
    if options.cache is None:
        raise ConfigurationError("The voice caches nothing, because tts.cache is false in the credentials file.")
    language, responses = _language(bot / "config.yml"), read_responses(bot, given.domain)
    os.chdir(bot)  # where Rasa is started: paths in the credentials are relative to it
    made, failed = 0, []
    with contextlib.closing(load_voices(options)) as voices:
        voices.start()
        with tqdm(desc="Loading the voice", bar_format="{desc} … {elapsed}", leave=False, disable=None) as waiting:
            waiting.refresh()
            voices.wait_ready()
        language = language or next(iter(voices.languages(None)), None)
        texts = fixed_texts(responses, say_buttons=options.say_buttons, language=language)
        for text in tqdm(texts, desc="Replies", unit="reply", leave=False, disable=None):
            try:
                made += voices.prepare(text, language=language)
            except SynthesisError as error:
                failed.append(f"{text[:60]!r}: {error}")
    if failed:
        raise SynthesisError(f"{len(failed)} of {len(texts)} replies could not be spoken: {'; '.join(failed)}")
    print(f"{len(texts)} fixed replies, {made} sentences new; they are kept in {bot / options.cache.folder}.")
    return 0


def read_responses(bot: Path, domain: Optional[Path] = None) -> Mapping[str, list[Mapping[str, Any]]]:
    """Return by name the variants of a domain's responses; a folder's files together are one.

    Raises:
        ConfigurationError: there is no domain, or a file is not YAML.
    """
    found = domain or next((path for path in (bot / "domain.yml", bot / "domain") if path.exists()), None)
    if found is None or not found.exists():
        raise ConfigurationError(f"There is no domain in {bot}; give the project's folder with --bot.")
    files = [found] if found.is_file() else sorted(found.rglob("*.y*ml"))
    responses: dict[str, list[Mapping[str, Any]]] = {}
    for file in files:
        listed = load_mapping(str(file), read_text(file)).get("responses") or {}
        for name, variants in listed.items() if isinstance(listed, Mapping) else ():
            # Rasa takes a lone text for a variant, and nothing for a response whose action has its name.
            given = variants if isinstance(variants, list) else []
            responses[str(name)] = [
                variant if isinstance(variant, Mapping) else {"text": str(variant)} for variant in given if variant
            ]
    return responses


def _language(config: Path) -> Optional[str]:
    from convai_rasa.voice import code_of

    written = load_mapping(str(config), read_text(config)).get("language") if config.is_file() else None
    return code_of(None if written is None else str(written))
