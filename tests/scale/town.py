"""Several Rasas behind HAProxy, with stores and engines that they share; all of it real.

Two engines speak and hear over OpenAI's API, so that a Rasa is light, and one of them may die.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import pytest
import yaml
from house import NOW, make_project
from openai_server import OpenAiServer, openai_server
from programs_around import BOT, Postgres, Program, action_server, redis

from convai_rasa.launch import HOST, RunningBot, free_port

ROOT = BOT.parent
HAPROXY = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
ENGINES = ("speech-1", "speech-2")
RASAS = ("rasa-1", "rasa-2")


@dataclass
class Town:
    """What runs.

    Attributes:
        url: of the voice channel, through HAProxy.
        rasas: by their names.
        engines: by their names.
        redis: where conversations are locked.
        postgres: where they are kept.
    """

    url: str
    rasas: dict[str, RunningBot]
    engines: dict[str, OpenAiServer]
    redis: Program
    postgres: Postgres

    def signal(self, rasa: str, number: int) -> None:
        """Send a signal to one of the Rasas."""
        os.kill(self.rasas[rasa].processes["rasa"], number)

    def exit_status(self, rasa: str) -> int | None:
        """Return how one of the Rasas ended; None: it has not."""
        return self.rasas[rasa]._servers["rasa"].poll()

    def log(self, rasa: str) -> str:
        """Return what one of the Rasas has logged."""
        return (self.rasas[rasa].logs / "rasa.log").read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def running_town(callers: int, **call: Any) -> Iterator[Town]:
    """Start everything.

    Args:
        callers: that have a place with each Rasa.
        **call: options of the channel, under ``call``.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="town-")))
        folder.chmod(0o755)
        make_project(folder)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CONVAI_MODELS_DIR", str(folder / "models"))
            engines = {
                name: stack.enter_context(openai_server(asr="whisper/tiny.en", tts="tts/vits-joe")) for name in ENGINES
            }
        lock_store = redis(folder, free_port())
        stack.callback(lock_store.kill)
        lock_store.start()
        database = Postgres(folder / "postgres", free_port())
        stack.callback(database.program.kill)
        variables = {"RESTAURANT_DB": str(folder / "bookings.db"), "RESTAURANT_NOW": NOW}
        actions = action_server(folder, free_port(), variables)
        stack.callback(actions.kill)
        actions.start()
        _write_endpoints(folder, actions.port, lock_store.port, database.program.port)
        _write_credentials(folder, engines, callers, call)
        rasas = {
            name: RunningBot(
                folder / "bot",
                port=0,
                environment={**variables, "CONVAI_MODELS_DIR": str(folder / "models"), "CONVAI_REPLICA": name},
            )
            for name in RASAS
        }
        with ThreadPoolExecutor() as starting:
            list(starting.map(stack.enter_context, rasas.values()))
        url = stack.enter_context(_haproxy(rasas))
        yield Town(url, rasas, engines, lock_store, database)


def _write_endpoints(folder: Path, actions: int, redis_port: int, postgres_port: int) -> None:
    places = {
        "ACTION_ENDPOINT_URL": f"http://{HOST}:{actions}/webhook",
        **{"REDIS_HOST": HOST, "REDIS_PORT": str(redis_port), "REDIS_PASSWORD": ""},
        **{"POSTGRES_HOST": HOST, "POSTGRES_PORT": str(postgres_port)},
        **{"POSTGRES_DB": "rasa", "POSTGRES_USER": "rasa", "POSTGRES_PASSWORD": ""},
    }
    shipped = (ROOT / "docker" / "endpoints.yml").read_text(encoding="utf-8")
    (folder / "bot" / "endpoints.yml").write_text(Template(shipped).safe_substitute(places), encoding="utf-8")


def _write_credentials(folder: Path, engines: dict[str, OpenAiServer], callers: int, call: dict[str, Any]) -> None:
    each = [
        {"name": name, "engine": "openai", "base_url": engine.base_url, "api_key": "", "timeout_s": 8}
        for name, engine in engines.items()
    ]
    channel = {
        "asr": {"engines": each, "language": "en"},
        "tts": {"engines": [{**one, "sample_rate": 22_050} for one in each]},
        "call": {"lead_s": 30, **call},
        "max_sessions": callers,
    }
    credentials = yaml.safe_dump({"convai_rasa.voice.VoiceInput": channel})
    (folder / "bot" / "credentials.yml").write_text(credentials, encoding="utf-8")


@contextlib.contextmanager
def _haproxy(rasas: dict[str, RunningBot]) -> Iterator[str]:
    """Run HAProxy with the configuration that the project ships; gives the address of the channel behind it."""
    assert HAPROXY
    port = free_port()
    addresses = {name.upper().replace("-", "_"): rasa.server.partition("//")[2] for name, rasa in rasas.items()}
    environment = {**os.environ, **addresses, "VOICE_LISTEN": f"{HOST}:{port}"}
    command = [HAPROXY, "-db", "-f", str(ROOT / "deploy" / "haproxy.cfg")]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield f"http://{HOST}:{port}/webhooks/voice/"
        finally:
            process.terminate()
            process.wait(10)
