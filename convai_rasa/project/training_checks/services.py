"""What has to be there beside Rasa: Duckling, the stores and the broker of endpoints.yml, and the other channels."""

from __future__ import annotations

import importlib.util
import os
import socket
from functools import partial
from typing import Any, Iterator, Mapping, Optional, Sequence
from urllib.parse import urlsplit

import requests
from rasa.core.channels import BUILTIN_CHANNELS
from rasa.nlu.extractors.duckling_entity_extractor import DucklingEntityExtractor
from rasa.shared.utils.common import class_from_module_path
from rasa.utils.endpoints import concat_url

from convai_rasa.project.findings import Finding, Level
from convai_rasa.project.training_checks.components import Step
from convai_rasa.project.training_checks.loaded_bot import Bot
from convai_rasa.project.training_checks.quietly import attempt
from convai_rasa.project.training_checks.wording import RASA, meant, nearest, of_error

_TIMEOUT_S = 3.0
_DUCKLING = "start it with: docker run -p 8000:8000 rasa/duckling"
_VARIABLE = "RASA_DUCKLING_HTTP_URL"


def check_duckling(steps: Sequence[Step]) -> Iterator[Finding]:
    """Ask Duckling what Rasa asks it; without an answer its entities are missing from every message."""
    dimensions = RASA["duckling_dimensions"]
    for step in (step for step in steps if step.is_a(DucklingEntityExtractor)):
        written = step.keys.get("dimensions")
        for name in written if isinstance(written, list) else ():
            if name not in dimensions:
                fix = meant(str(name), dimensions, f"the dimensions are {', '.join(dimensions)}")
                yield step.found(f"Duckling has no dimension '{name}'", fix)
        url = os.environ.get(_VARIABLE) or step.keys.get("url")
        if not url:
            what = f"DucklingEntityExtractor has no 'url', and {_VARIABLE} is not set, so it finds nothing"
            yield _finding("error", what, "set url: http://localhost:8000, where Duckling runs")
        elif problem := _duckling_problem(str(url)):
            whose = f"{url} ({_VARIABLE})" if os.environ.get(_VARIABLE) else url
            yield _finding("error", f"Duckling at {whose} {problem}", f"{_DUCKLING}, or correct the url")
        else:
            yield _finding("ok", f"Duckling at {url} answers")


def _duckling_problem(url: str) -> Optional[str]:
    form = {"text": "two", "locale": "en_US", "dims": '["number"]'}
    try:
        answer = requests.post(concat_url(url, "/parse"), data=form, timeout=_TIMEOUT_S)
    except (requests.ConnectionError, requests.Timeout):
        return "does not answer"
    except requests.RequestException:
        return "is not a valid address"
    if answer.status_code != 200:
        return f"answers HTTP {answer.status_code}"
    try:
        return None if isinstance(answer.json(), list) else "does not answer as Duckling does"
    except ValueError:
        return "does not answer as Duckling does"


def check_endpoints(bot: Bot, endpoints: Mapping[str, Any]) -> Iterator[Finding]:
    """See that what endpoints.yml names can be used: types, packages, servers; variables are in their places."""
    known = {*RASA["endpoints"], "action_endpoint", "nlu"}
    for key, value in endpoints.items():
        if key in RASA["endpoints"] and isinstance(value, dict):
            yield from _check_store(bot, str(key), value)
        elif key not in known and (close := nearest(str(key), known)):
            what = f"endpoints.yml: Rasa does not know '{key}' and ignores it"
            yield _finding("warning", what, f"did you mean '{close}'?")


def _check_store(bot: Bot, key: str, given: Mapping[str, Any]) -> Iterator[Finding]:
    types = RASA["endpoints"][key]
    written = str(given.get("type") or next(iter(types)))
    name = written.lower()
    if "." in written:
        _, error, _ = attempt(lambda: class_from_module_path(written))
        if error is not None:
            what = f"endpoints.yml: the {key} '{written}' cannot be imported: {of_error(error, bot.folder)}"
            yield _finding("error", what, "correct the type, or install its package")
        return
    if name not in types:
        types = [one for one in types if one]
        fix = meant(name, types, f"the types are {', '.join(types)}, or a class with its module")
        yield _finding("error", f"endpoints.yml: there is no {key} of the type '{written}'", fix)
        return
    needs, port = types[name].get("needs"), types[name].get("port", 0)
    if name == "sql":
        dialect, _, driver = str(given.get("dialect", "sqlite")).partition("+")
        server = RASA["dialects"].get(dialect, {})
        needs, port = driver or server.get("needs"), server.get("port", 0)
    if needs and importlib.util.find_spec(needs) is None:
        package = "psycopg2-binary" if needs == "psycopg2" else needs.replace("_", "-").lower()
        what = f"endpoints.yml: the {key} needs the package '{needs}', which is not installed"
        yield _finding("error", what, f"pip install {package}")
    elif (key, name) != ("nlg", "response"):
        yield from _check_server(key, given, port)


def _check_server(key: str, given: Mapping[str, Any], port: int) -> Iterator[Finding]:
    url = given.get("url")
    first = url[0] if isinstance(url, list) and url else url
    if not first and not port:
        return
    first = str(first or "localhost")
    try:
        parts = urlsplit(first if "://" in first else f"//{first}")  # a bare address would be taken for a path
        usual = port or (443 if parts.scheme == "https" else 80)
        host, number = parts.hostname, int(given.get("port") or parts.port or usual)
    except ValueError:
        what = f"endpoints.yml: {key} has the url {first!r}, which is not a valid address"
        yield _finding("error", what, "correct it")
        return
    try:
        with socket.create_connection((host or "localhost", number), timeout=_TIMEOUT_S):
            yield _finding("ok", f"{key} at {host}:{number} answers")
    except OSError:
        what = f"endpoints.yml: nothing answers at {host}:{number}, where the {key} should be"
        yield _finding("error", what, "start it, or correct the url")


def check_channels(bot: Bot, credentials: Mapping[str, Any]) -> Iterator[Finding]:
    """See that Rasa finds the other channels, and that they have the keys they need, environment variables in place."""
    for name, keys in credentials.items():
        written = str(name)
        if written.startswith("convai"):
            continue  # ``check_credentials`` looks at ours
        if "." not in written and written not in BUILTIN_CHANNELS:
            close = nearest(written, BUILTIN_CHANNELS)
            if close != "rasa":  # such as rasa_x
                fix = meant(
                    written, BUILTIN_CHANNELS, "name one of your own with its module, such as channels.my.Channel"
                )
                yield Finding("channels", "error", f"Rasa has no channel '{written}'", fix)
            continue
        kind, error, _ = attempt(partial(_channel_class, written))
        if kind is None:
            assert error is not None
            what = f"The channel {written} cannot be imported: {of_error(error, bot.folder)}"
            yield Finding("channels", "error", what, "correct the spelling, or its module")
            continue
        _, error, _ = attempt(partial(kind.from_credentials, keys))
        if error is not None:
            what = f"The channel {written}: {of_error(error, bot.folder)}"
            yield Finding("channels", "error", what, "correct its keys")


def _channel_class(name: str) -> Any:
    return BUILTIN_CHANNELS.get(name) or class_from_module_path(name)


def _finding(level: Level, what: str, fix: str = "") -> Finding:
    return Finding("services", level, what, fix)
