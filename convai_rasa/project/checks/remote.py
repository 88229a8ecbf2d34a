"""Engines on other machines: do they answer, and is the key right?"""

from __future__ import annotations

import contextlib
from typing import Any, Iterator, Mapping
from urllib.parse import urlsplit

from convai_rasa.engines import find_engine
from convai_rasa.errors import ConvaiError
from convai_rasa.launch import is_loopback
from convai_rasa.project.change import CHANNEL
from convai_rasa.project.checks.voice import engines_of, keys_for, voice_options
from convai_rasa.project.findings import Finding
from convai_rasa.voice import EngineOptions


def check_remote_engines(credentials: Mapping[str, Any]) -> Iterator[Finding]:
    """Ask every engine on another machine whether it is there, within the time that it has for an answer.

    Args:
        credentials: what the file says, empty where there is no file.
    """
    if CHANNEL not in credentials:
        return
    try:
        options = voice_options(credentials)
        remote = [one for one in engines_of(options) if is_remote(*one)]
    except ConvaiError:
        return  # check_credentials says so
    for group, engine in remote:
        yield from _unencrypted_key(engine)
        several = len((options.asr if engine in options.asr.each().values() else options.tts).each()) > 1
        try:
            with contextlib.closing(find_engine(group, engine.engine, keys_for(engine))(**keys_for(engine))) as made:
                made.probe()
        except ConvaiError as error:
            what, _, fix = str(error).rstrip(".").partition("; ")
            yield Finding("voice", "warning" if several else "error", what, fix)
        else:
            yield Finding("voice", "ok", f"{engine.title}: the server answers")


def is_remote(group: str, engine: EngineOptions) -> bool:
    """Whether an engine's model is on another machine."""
    try:
        return bool(getattr(find_engine(group, engine.engine, keys_for(engine)), "is_remote", False))
    except ConvaiError:
        return False  # check_credentials says what is wrong


def _unencrypted_key(engine: EngineOptions) -> Iterator[Finding]:
    keys = engine.for_engine()
    address = urlsplit(str(keys.get("base_url", "")))
    if address.scheme == "http" and keys.get("api_key") and address.hostname and not is_loopback(address.hostname):
        what = f"The key for {address.hostname} goes over the network as anybody there can read it"
        yield Finding("voice", "warning", what, "give an address that begins with https://")
