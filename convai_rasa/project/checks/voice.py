"""The voice channel in credentials.yml, and its engines on other machines."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional
from urllib.parse import urlsplit

from convai_rasa.asr import ENTRY_POINTS as RECOGNIZERS
from convai_rasa.engines import find_engine
from convai_rasa.errors import ConfigurationError, ConvaiError
from convai_rasa.launch import is_loopback
from convai_rasa.options import parse_options
from convai_rasa.project.change import CHANNEL
from convai_rasa.project.findings import Finding, Level
from convai_rasa.project.project_files import read_text
from convai_rasa.project.yaml_reading import load_mapping
from convai_rasa.tts import ENTRY_POINTS as SYNTHESIZERS
from convai_rasa.voice import AUTO, AsrEngine, EngineOptions, VoiceOptions
from convai_rasa.voice.ears import ENTRY_POINTS as TURN_ENDINGS
from convai_rasa.voice.engines import recogniser_for

_VARIABLE = re.compile(r"\$\{(\w+)\}")
# RFC 7518, section 3.2: a key as long as the hash. A shorter one can be guessed from any one signed token, offline.
_KEY_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}
_TOKEN_LENGTH = 16  # 64 bits as hexadecimal digits: more than anybody tries over a network
_RANDOM = "openssl rand -hex 32"


def check_credentials(credentials: Mapping[str, Any]) -> Iterator[Finding]:
    """Check the channel's spelling, its keys and who may use it."""
    yield from unset_variables(credentials, "voice", "The credentials use")
    if CHANNEL not in credentials:
        yield _not_there(credentials)
        return
    try:
        options = voice_options(credentials)
        check_engines(options)
    except ConvaiError as error:
        yield _finding("error", str(error).rstrip("."), "correct it in the credentials file")
        return
    yield _finding("ok", f"Voice channel: {options.asr.title} listens, {options.tts.title} speaks")
    for recognizer in options.asr.each().values():
        if recognizer.model == AUTO:
            yield _chosen(recognizer)
    yield from _without_proof(options)
    yield from _weak_secrets(options)
    if "*" in options.allowed_hosts:
        what = "allowed_hosts has '*', so any site's page can reach the bot under a name that it points at this machine"
        yield _finding("warning", what, "name the hosts, for example allowed_hosts: [bot.example.com]")


def _finding(level: Level, what: str, fix: str = "") -> Finding:
    return Finding("voice", level, what, fix)


def _chosen(recognizer: AsrEngine) -> Finding:
    """Say which recognizer this machine gets."""
    try:
        return _finding("ok", f"asr.model: auto: {recogniser_for(recognizer).why.rstrip('.')}")
    except ConvaiError as error:
        return _finding("error", str(error).rstrip("."), "fetch a model, or name one as asr.model")


def _without_proof(options: VoiceOptions) -> Iterator[Finding]:
    if options.token is not None or options.jwt_key is not None:
        return
    everybody = {
        "pages of every site": "*" in options.allowed_origins,
        # What a web server on this machine hands on comes from this machine.
        "whoever a web server in front lets through": bool(options.allowed_hosts),
        "whoever reaches the port": options.allow_anyone,
    }
    what = "The channel has neither token nor jwt_key, so {} may talk to the bot"
    fix = "set token: ${VOICE_TOKEN}, a long random value, for example from: " + _RANDOM
    for who in (who for who, may in everybody.items() if may):
        yield _finding("warning", what.format(who), fix)
    if not any(everybody.values()):
        yield _finding("note", what.format("only this machine"), f"to let others in, {fix}")


def _weak_secrets(options: VoiceOptions) -> Iterator[Finding]:
    needed = _KEY_BYTES.get(options.jwt_method, 0)
    if options.jwt_key is not None and len(options.jwt_key.encode()) < needed:
        what = f"jwt_key is shorter than the {needed} bytes that {options.jwt_method} needs, so it can be guessed"
        yield _finding("warning", what, f"take a random one, for example from: openssl rand -hex {needed}")
    if options.token is not None and len(options.token) < _TOKEN_LENGTH:
        what = f"token is shorter than {_TOKEN_LENGTH} characters, so it can be guessed"
        yield _finding("warning", what, f"take a random one, for example from: {_RANDOM}")


def read_credentials(path: Path) -> dict[str, Any]:
    """Return what a credentials file says, nothing if there is no such file.

    Raises:
        ConfigurationError: it is not YAML, or no mapping.
    """
    return load_mapping(str(path), read_text(path)) if path.exists() else {}


def check_interface(interface: str, credentials: Mapping[str, Any]) -> None:
    """Refuse to listen where others reach the bot, unless they have to prove who they are or that is asked for by name.

    Raises:
        ConfigurationError: whoever reaches the address could talk to the bot.
    """
    if is_loopback(interface) or CHANNEL not in credentials:
        return
    options = voice_options(credentials)
    if options.token is None and options.jwt_key is None and not options.allow_anyone:
        raise ConfigurationError(
            f"Whoever reaches {interface} could talk to this bot; set token (or jwt_key) under {CHANNEL} in the "
            "credentials, or allow_anyone: true to let everybody in."
        )


def who_reaches(interface: str, credentials: Mapping[str, Any]) -> str:
    """Return a line for people about who may talk to the bot that listens on an interface."""
    if is_loopback(interface):
        return "only this machine (to let others in: convai serve --help)"
    options = voice_options(credentials)
    proven = options.token is not None or options.jwt_key is not None
    who = f"whoever reaches {interface}, {'with a token' if proven else 'without a token'}"
    others = ", ".join(sorted(set(credentials) - {CHANNEL}))
    return f"{who}; Rasa's own channels there ({others}) do not check it" if others else who


def voice_options(credentials: Mapping[str, Any]) -> VoiceOptions:
    """Return the options of the channel.

    Raises:
        ConfigurationError: a key or value is wrong.
    """
    return parse_options(VoiceOptions, filled(credentials[CHANNEL]), where=CHANNEL)


def usable_options(credentials: Mapping[str, Any]) -> Optional[VoiceOptions]:
    """Return the options of the channel; None if there is none, or something is wrong that check_credentials says."""
    try:
        return voice_options(credentials) if CHANNEL in credentials else None
    except ConvaiError:
        return None


def check_engines(options: VoiceOptions) -> None:
    """See that the engines and the end of a turn are there and take the keys that are given, without loading a model.

    Raises:
        ConfigurationError: no such engine, or a key or value it does not take.
        MissingExtra: an engine cannot be imported.
    """
    for group, engine in engines_of(options):
        find_engine(group, engine.engine, keys_for(engine))
    find_engine(TURN_ENDINGS, options.turn.decided_by, options.turn.ending)


def engines_of(options: VoiceOptions) -> Iterator[tuple[str, EngineOptions]]:
    """Yield every engine with the group of entry points that it is in."""
    for group, engines in ((RECOGNIZERS, options.asr.each()), (SYNTHESIZERS, options.tts.each())):
        yield from ((group, engine) for engine in engines.values())


def keys_for(engine: EngineOptions) -> dict[str, Any]:
    """Return all keyword arguments for an engine's class."""
    return {**({"model_path": engine.model} if engine.model else {}), **engine.for_engine()}


def _not_there(credentials: Mapping[str, Any]) -> Finding:
    for key in map(str, credentials):
        if "convai" in key.lower() or difflib.SequenceMatcher(None, key, CHANNEL).ratio() > 0.7:
            return _finding("error", f"There is no channel '{key}'", f"write it as '{CHANNEL}'")
    return _finding("note", "The credentials have no voice channel", "convai add --only voice")


def check_remote_engines(credentials: Mapping[str, Any]) -> Iterator[Finding]:
    """Ask every engine on another machine whether it is there, within the time that it has for an answer."""
    if (options := usable_options(credentials)) is None:
        return
    for group, engine in engines_of(options):
        if not is_remote(group, engine):
            continue
        yield from _unencrypted_key(engine)
        several = len((options.asr if group == RECOGNIZERS else options.tts).each()) > 1
        try:
            with contextlib.closing(find_engine(group, engine.engine, keys_for(engine))(**keys_for(engine))) as made:
                made.probe()
        except ConvaiError as error:
            what, _, fix = str(error).rstrip(".").partition("; ")
            yield _finding("warning" if several else "error", what, fix)
        else:
            yield _finding("ok", f"{engine.title}: the server answers")


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
        yield _finding("warning", what, "give an address that begins with https://")


def unset_variables(content: Any, area: str, who: str) -> Iterator[Finding]:
    """Rasa refuses the whole file where it names a variable that is not set; the sentence begins with who does."""
    for name in sorted(set(_VARIABLE.findall(str(content))) - set(os.environ)):
        yield Finding(area, "error", f"{who} ${{{name}}}, which is not set", f"set it: export {name}=…")


def filled(value: Any) -> Any:
    """Put environment variables in, as Rasa does."""
    if isinstance(value, Mapping):
        return {key: filled(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner) for inner in value]
    return _VARIABLE.sub(lambda found: os.environ.get(found[1], found[0]), value) if isinstance(value, str) else value
