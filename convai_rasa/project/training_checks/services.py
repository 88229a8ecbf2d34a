"""What has to be there beside Rasa: Duckling, the stores and the broker of endpoints.yml, and the other channels."""

from __future__ import annotations

import importlib
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

from convai_rasa.project.change import CHANNEL
from convai_rasa.project.findings import Finding
from convai_rasa.project.training_checks.components import Step
from convai_rasa.project.training_checks.entities import DUCKLING_DIMENSIONS
from convai_rasa.project.training_checks.loaded_bot import Bot
from convai_rasa.project.training_checks.quietly import attempt
from convai_rasa.project.training_checks.wording import nearest, of_error

_TIMEOUT_S = 3.0
_DUCKLING = "start it with: docker run -p 8000:8000 rasa/duckling"
_VARIABLE = "RASA_DUCKLING_HTTP_URL"

# Of each kind of endpoint its types; of each type the module it needs, and the port of its server if it has one.
_Type = tuple[str, int]
_STORES: Mapping[str, Mapping[str, _Type]] = {
    "tracker_store": {
        "redis": ("redis", 6379), "mongod": ("pymongo", 27017), "sql": ("sqlalchemy", 0), "dynamo": ("boto3", 0),
    },
    "lock_store": {"redis": ("redis", 6379), "in_memory": ("", 0)},
    "event_broker": {
        "pika": ("aio_pika", 5672), "kafka": ("confluent_kafka", 9092), "sql": ("sqlalchemy", 0), "file": ("", 0),
    },
    "nlg": {"callback": ("", 0), "response": ("", 0)},
    "models": {},
}  # fmt: skip
_DEFAULTS = {"tracker_store": "", "lock_store": "in_memory", "event_broker": "pika", "nlg": "callback", "models": ""}
_DIALECTS = {
    "postgresql": ("psycopg2", 5432), "mysql": ("pymysql", 3306), "mssql": ("pyodbc", 1433),
    "oracle": ("cx_Oracle", 1521),
}  # fmt: skip
_KNOWN = {*_STORES, "action_endpoint", "nlu"}


def check_duckling(bot: Bot, steps: Sequence[Step]) -> Iterator[Finding]:
    """Ask Duckling what Rasa asks it; without an answer its entities are missing from every message.

    Args:
        bot: what was read.
        steps: of its pipeline.
    """
    for step in steps:
        if not step.is_a(DucklingEntityExtractor):
            continue
        dimensions = step.keys.get("dimensions")
        for name in dimensions if isinstance(dimensions, list) else ():
            if name not in DUCKLING_DIMENSIONS:
                close = nearest(str(name), DUCKLING_DIMENSIONS)
                fix = f"did you mean '{close}'?" if close else f"the dimensions are {', '.join(DUCKLING_DIMENSIONS)}"
                yield Finding("pipeline", "error", f"Duckling has no dimension '{name}'", fix)
        url = os.environ.get(_VARIABLE) or step.keys.get("url")
        if not url:
            what = f"DucklingEntityExtractor has no 'url', and {_VARIABLE} is not set, so it finds nothing"
            yield Finding("services", "error", what, "set url: http://localhost:8000, where Duckling runs")
        elif (problem := _duckling_problem(str(url))) is not None:
            whose = f"{url} ({_VARIABLE})" if os.environ.get(_VARIABLE) else url
            yield Finding("services", "error", f"Duckling at {whose} {problem}", f"{_DUCKLING}, or correct the url")
        else:
            yield Finding("services", "ok", f"Duckling at {url} answers")


def _duckling_problem(url: str) -> Optional[str]:
    try:
        form = {"text": "two", "locale": "en_US", "dims": '["number"]'}
        answer = requests.post(concat_url(url, "/parse"), data=form, timeout=_TIMEOUT_S)
    except requests.RequestException as error:
        return (
            "does not answer"
            if isinstance(error, (requests.ConnectionError, requests.Timeout))
            else "is not a valid address"
        )
    if answer.status_code != 200:
        return f"answers HTTP {answer.status_code}"
    try:
        return None if isinstance(answer.json(), list) else "does not answer as Duckling does"
    except ValueError:
        return "does not answer as Duckling does"


def check_endpoints(bot: Bot, endpoints: Mapping[str, Any]) -> Iterator[Finding]:
    """See that what endpoints.yml names can be used: types, packages, servers.

    Args:
        bot: what was read.
        endpoints: what the file says, environment variables in their places.
    """
    for key, value in endpoints.items():
        if key not in _KNOWN:
            close = nearest(str(key), _KNOWN)
            if close:
                what = f"endpoints.yml: Rasa does not know '{key}' and ignores it"
                yield _endpoint("warning", what, f"did you mean '{close}'?")
        elif key in _STORES and isinstance(value, dict):
            yield from _check_store(bot, str(key), value)


def _check_store(bot: Bot, key: str, given: Mapping[str, Any]) -> Iterator[Finding]:
    written = str(given.get("type") or _DEFAULTS[key])
    name = written.lower()
    types = _STORES[key]
    if "." in written:
        _, error, _ = attempt(lambda: class_from_module_path(written))
        if error is not None:
            what = f"endpoints.yml: the {key} '{written}' cannot be imported: {of_error(error, bot.folder)}"
            yield _endpoint("error", what, "correct the type, or install its package")
        return
    if name and name not in types:
        close = nearest(name, types)
        fix = f"did you mean '{close}'?" if close else f"the types are {', '.join(types)}, or a class with its module"
        yield _endpoint("error", f"endpoints.yml: there is no {key} of the type '{written}'", fix)
        return
    module, port = types.get(name, ("", 0))
    if name == "sql":
        dialect = str(given.get("dialect", "sqlite")).partition("+")
        module, port = (dialect[2], 0) if dialect[2] else _DIALECTS.get(dialect[0], ("", 0))
        port = _DIALECTS.get(dialect[0], ("", 0))[1]
    if module and importlib.util.find_spec(module) is None:
        fix = (
            "pip install psycopg2-binary" if module == "psycopg2" else f"pip install {module.replace('_', '-').lower()}"
        )
        yield _endpoint("error", f"endpoints.yml: the {key} needs the package '{module}', which is not installed", fix)
        return
    if key == "nlg" and name == "response":
        return
    yield from _check_server(key, given, port)


def _check_server(key: str, given: Mapping[str, Any], port: int) -> Iterator[Finding]:
    url = given.get("url")
    first = url[0] if isinstance(url, list) and url else url
    if not first:
        if port:
            first = "localhost"
        else:
            return
    try:
        # A bare address would be taken for a path.
        parts = urlsplit(str(first) if "://" in str(first) else f"//{first}")
        host, number = (
            parts.hostname,
            int(given.get("port") or parts.port or port or (443 if parts.scheme == "https" else 80)),
        )
    except ValueError:
        yield _endpoint(
            "error", f"endpoints.yml: {key} has the url {first!r}, which is not a valid address", "correct it"
        )
        return
    try:
        with socket.create_connection((host or "localhost", number), timeout=_TIMEOUT_S):
            yield Finding("services", "ok", f"{key} at {host}:{number} answers")
    except OSError:
        yield _endpoint(
            "error",
            f"endpoints.yml: nothing answers at {host}:{number}, where the {key} should be",
            "start it, or correct the url",
        )


def check_channels(bot: Bot, credentials: Mapping[str, Any]) -> Iterator[Finding]:
    """See that Rasa finds the other channels and that they have the keys they need.

    Args:
        bot: what was read.
        credentials: what the file says, environment variables in their places.
    """
    for name, keys in credentials.items():
        if str(name).startswith("convai") or name == CHANNEL:
            continue  # check_voice looks at ours
        written = str(name)
        if "." not in written and written not in BUILTIN_CHANNELS:
            close = nearest(written, BUILTIN_CHANNELS)
            if close == "rasa" or written in ("rasa", "rasa_x"):
                continue
            fix = (
                f"did you mean '{close}'?"
                if close
                else "name one of your own with its module, such as channels.my.Channel"
            )
            yield Finding("channels", "error", f"Rasa has no channel '{written}'", fix)
            continue
        kind, error, _ = attempt(partial(_channel_class, written))
        if error is not None or kind is None:
            assert error is not None
            what = f"The channel {written} cannot be imported: {of_error(error, bot.folder)}"
            yield Finding("channels", "error", what, "correct the spelling, or its module")
            continue
        _, error, _ = attempt(partial(kind.from_credentials, keys))
        if error is not None:
            yield Finding(
                "channels", "error", f"The channel {written}: {of_error(error, bot.folder)}", "correct its keys"
            )


def _channel_class(name: str) -> Any:
    return BUILTIN_CHANNELS.get(name) or class_from_module_path(name)


def _endpoint(level: Any, what: str, fix: str) -> Finding:
    return Finding("services", level, what, fix)
