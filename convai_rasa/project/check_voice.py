"""The voice channel in credentials.yml."""

from __future__ import annotations

import difflib
import os
import re
from typing import Any, Iterator, Mapping, Optional

from convai_rasa.asr.recognizer import ENTRY_POINTS as RECOGNIZERS
from convai_rasa.engines import find_engine
from convai_rasa.errors import ConvaiError
from convai_rasa.options import parse_options
from convai_rasa.project.channel import CHANNEL
from convai_rasa.project.findings import Finding
from convai_rasa.tts.synthesizer import ENTRY_POINTS as SYNTHESIZERS
from convai_rasa.voice.options import VoiceOptions

_VARIABLE = re.compile(r"\$\{(\w+)\}")


def check_credentials(credentials: Mapping[str, Any]) -> Iterator[Finding]:
    """Check the channel's spelling, its keys and who may use it.

    Args:
        credentials: what the file says, empty where there is no file.
    """
    yield from _unset_variables(credentials)
    if CHANNEL not in credentials:
        yield _not_there(credentials)
        return
    try:
        options = voice_options(credentials)
        check_engines(options)
    except ConvaiError as error:
        yield Finding("voice", "error", str(error).rstrip("."), "correct it in the credentials file")
        return
    yield Finding("voice", "ok", f"Voice channel: {options.asr.model} listens, {options.tts.model} speaks")
    if options.token is None:
        level: Any = "warning" if "*" in options.allowed_origins else "note"
        who = "pages of every site" if level == "warning" else "whoever reaches the port"
        yield Finding(
            "voice", level, f"The channel has no token, so {who} may talk to the bot", "token: ${VOICE_TOKEN}"
        )


def voice_options(credentials: Mapping[str, Any]) -> VoiceOptions:
    """Return the options of the channel.

    Raises:
        ConfigurationError: a key or value is wrong.
    """
    return parse_options(VoiceOptions, credentials[CHANNEL], where=CHANNEL)


def check_engines(options: VoiceOptions) -> None:
    """See that the engines exist and take the keys that are given, without loading a model.

    Raises:
        ConfigurationError: no such engine, or a key or value it does not take.
        MissingExtra: an engine cannot be imported.
    """
    for group, engine in ((RECOGNIZERS, options.asr), (SYNTHESIZERS, options.tts)):
        find_engine(group, engine.engine, {"model_path": engine.model, **engine.for_engine()})


def _not_there(credentials: Mapping[str, Any]) -> Finding:
    close: Optional[str] = next(
        (
            str(key)
            for key in credentials
            if "convai" in str(key).lower() or difflib.SequenceMatcher(None, str(key), CHANNEL).ratio() > 0.7
        ),
        None,
    )
    if close is None:
        return Finding("voice", "note", "The credentials have no voice channel", "convai add --only voice")
    return Finding("voice", "error", f"There is no channel '{close}'", f"write it as '{CHANNEL}'")


def _unset_variables(credentials: Mapping[str, Any]) -> Iterator[Finding]:
    """Rasa refuses the whole file where it names an environment variable that is not set."""
    for name in sorted(set(_variables(credentials)) - set(os.environ)):
        yield Finding(
            "voice", "error", f"The credentials use ${{{name}}}, which is not set", f"set it: export {name}=…"
        )


def _variables(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _variables(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _variables(inner)
    elif isinstance(value, str):
        yield from _VARIABLE.findall(value)
