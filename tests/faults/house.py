"""A restaurant with everything around it, all of it real, in a folder that anything may be done to."""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

import requests
import yaml
from action_gate import ActionGate
from programs_around import BOT, Postgres, Program, action_server, redis

from convai_rasa.launch import HOST, RunningBot, free_port

ROOT = BOT.parent
SHIM = Path(__file__).with_name("own_clock.c")
NOW = "2026-11-24T15:00"  # a Tuesday afternoon
TURN_S = 20.0


@dataclass
class House:
    """What runs.

    Attributes:
        folder: of everything.
        bot: Rasa.
        gate: the port of the action server that Rasa knows.
        actions: the real action server behind it.
        redis: where conversations are locked, if there is one.
        postgres: where they are kept, if not in a file.
        told: what Rasa's clock and name service are told, see ``own_clock.c``.
        hanging_client: a client that does not answer any more.
    """

    folder: Path
    bot: RunningBot
    gate: ActionGate
    actions: Program
    redis: Program | None = None
    postgres: Postgres | None = None
    told: Path | None = None
    hanging_client: socket.socket | None = None
    _log_read: int = field(default=0)

    @property
    def url(self) -> str:
        """Address of the voice channel."""
        return self.bot.url

    @property
    def pid(self) -> int:
        """Number of Rasa's process."""
        return self.bot.processes["rasa"]

    @property
    def project(self) -> Path:
        """The Rasa project."""
        return self.folder / "bot"

    @property
    def models(self) -> Path:
        """The models/ tree."""
        return self.folder / "models"

    @property
    def cache(self) -> Path:
        """Where the voice keeps what it has said."""
        return self.project / ".convai-cache" / "tts"

    @property
    def archive(self) -> Path:
        """The trained model."""
        return next((self.project / "models").glob("*.tar.gz"))

    def exit_status(self) -> int | None:
        """Return how Rasa's process ended; None: it has not."""
        return self.bot._servers["rasa"].poll()

    def health(self) -> dict[str, Any]:
        """Return what the channel says of itself."""
        return dict(requests.get(self.url, timeout=TURN_S).json())

    def log(self) -> str:
        """Return what was logged since the last ``forget_log``."""
        with (self.bot.logs / "rasa.log").open(encoding="utf-8", errors="replace") as log:
            log.seek(self._log_read)
            return log.read()

    def forget_log(self) -> None:
        """Look only at what is logged from now on."""
        self._log_read = (self.bot.logs / "rasa.log").stat().st_size

    def remember_log(self) -> None:
        """Look at all that was logged."""
        self._log_read = 0

    def children(self, module: str) -> list[int]:
        """Return the numbers of Rasa's child processes that run a module."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, ValueError):
                status = (entry / "status").read_text()
                parent = int(re.search(r"^PPid:\t(\d+)", status, re.M)[1])  # type: ignore[index] # always there
                state = re.search(r"^State:\t(\w)", status, re.M)[1]  # type: ignore[index] # always there
                command = (entry / "cmdline").read_bytes().split(b"\0")
                if parent == self.pid and state != "Z" and module.encode() in command:
                    found.append(int(entry.name))
        return sorted(found)

    @property
    def decoder(self) -> int:
        """Number of the process that decodes recordings."""
        return self._only_child("convai_rasa.audio.decoding.child_main")

    def flush_redis(self) -> None:
        """Let Redis forget everything."""
        assert self.redis
        with socket.create_connection((HOST, self.redis.port)) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            assert connection.recv(100).startswith(b"+OK")

    def said_by(self, sender_id: str) -> list[str]:
        """Return what a caller said, in order, as far as it is on record."""
        if self.postgres:
            return self.postgres.said_by(sender_id)
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            sql = "select data from events where sender_id = ? and type_name = 'user' order by id"
            rows = database.execute(sql, [sender_id]).fetchall()
        said = [json.loads(data)["text"] for (data,) in rows]
        return [text for text in said if text and not text.startswith("/")]

    @property
    def database(self) -> Path:
        """The SQLite file of a house without stores."""
        return self.folder / "rasa.db"

    def _only_child(self, module: str) -> int:
        give_up_at = time.monotonic() + TURN_S
        while time.monotonic() < give_up_at:
            found = self.children(module)
            if found:
                return found[-1]
            time.sleep(0.05)
        raise AssertionError(f"no process of {module}")

    @contextlib.contextmanager
    def limited(self, kind: int, value: int, pid: int | None = None) -> Iterator[None]:
        """With a smaller limit of a running process, until the end of the block."""
        whose = self.pid if pid is None else pid
        before = resource.prlimit(whose, kind)
        resource.prlimit(whose, kind, (value, before[1]))
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(whose, kind, before)

    @contextlib.contextmanager
    def clock_moved(self, seconds: int) -> Iterator[None]:
        """With Rasa's clock ahead or behind, until the end of the block."""
        with self._told(seconds, 0):
            yield

    @contextlib.contextmanager
    def no_names(self) -> Iterator[None]:
        """Without an answer of the name service to Rasa, until the end of the block."""
        with self._told(0, 1):
            yield

    @contextlib.contextmanager
    def _told(self, seconds: int, no_names: int) -> Iterator[None]:
        assert self.told
        _tell(self.told, seconds, no_names)
        try:
            yield
        finally:
            _tell(self.told, 0, 0)


class _ShellsBot(RunningBot):
    """A bot that a shell starts."""

    def __init__(self, shell: str, bot: Path, **options: Any) -> None:
        super().__init__(bot, **options)
        self._shell = shell

    def _start(self, name: str, host: str, port: int, command: list[str], *rest: Any) -> None:
        through = ["sh", "-c", self._shell, "sh"] if self._shell else []
        super()._start(name, host, port, [*through, *command], *rest)


@contextlib.contextmanager
def running_house(*, stores: bool, shell: str = "") -> Iterator[House]:
    """Start a house.

    Args:
        stores: with Redis and PostgreSQL; else with an SQLite file.
        shell: how a shell starts Rasa, ``"$@"`` its command; empty: no shell does.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="house-")))
        folder.chmod(0o755)
        make_project(folder)
        told = folder / "told"
        _tell(told, 0, 0)
        variables = {
            "RESTAURANT_DB": str(folder / "bookings.db"),
            "RESTAURANT_NOW": NOW,
            "CONVAI_MODELS_DIR": str(folder / "models"),
        }
        real = action_server(folder, free_port(), variables)
        stack.callback(real.kill)
        places = {"ACTION_ENDPOINT_URL": f"http://localhost:{(gate_port := free_port())}/webhook"}
        lock_store = database = None
        if stores:
            lock_store = redis(folder, free_port())
            stack.callback(lock_store.kill)
            lock_store.start()
            database = Postgres(folder / "postgres", free_port())
            stack.callback(database.program.kill, signal.SIGQUIT)
            places |= {"REDIS_HOST": HOST, "REDIS_PORT": str(lock_store.port), "REDIS_PASSWORD": ""}
            places |= {"POSTGRES_HOST": HOST, "POSTGRES_PORT": str(database.program.port)}
            places |= {"POSTGRES_DB": "rasa", "POSTGRES_USER": "rasa", "POSTGRES_PASSWORD": ""}
        shipped = (ROOT / "docker" / "endpoints.yml").read_text(encoding="utf-8")
        endpoints = yaml.safe_load(Template(shipped).safe_substitute(places))
        if not stores:
            del endpoints["lock_store"]
            endpoints["tracker_store"] |= {"dialect": "sqlite", "db": str(folder / "rasa.db")}
            for key in ("url", "port", "username", "password"):
                del endpoints["tracker_store"][key]
        (folder / "bot" / "endpoints.yml").write_text(yaml.safe_dump(endpoints), encoding="utf-8")
        real.start()
        gate = stack.enter_context(ActionGate(gate_port, real.port))
        rasa = {**variables, "CONVAI_TEST_FAULTS": str(told), "LD_PRELOAD": str(_built(folder))}
        bot = stack.enter_context(_ShellsBot(shell, folder / "bot", port=0, environment=rasa, api=True))
        yield House(folder, bot, gate, real, lock_store, database, told)


def make_project(folder: Path) -> None:
    """Make a Rasa project like the restaurant's in ``folder/bot``, with models of its own in ``folder/models``."""
    project = folder / "bot"
    (project / "models").mkdir(parents=True)
    for name in ("config.yml", "domain.yml", "restaurant.yml", "phrases.py"):
        shutil.copy(BOT / name, project)
    shutil.copytree(BOT / "understanding", project / "understanding")  # components that config.yml names
    archive = max((BOT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    shutil.copy(archive, project / "models")
    for kind in ("nlu", "spacy", "tts", "whisper"):
        shutil.copytree(ROOT / "models" / kind, folder / "models" / kind, ignore=shutil.ignore_patterns("base"))
    credentials = {
        "convai_rasa.voice.VoiceInput": {
            "asr": {"model": "whisper/tiny.en", "language": "en"},
            "tts": {"model": "tts/vits-joe"},
            # A turn is over once its sound is sent: with a long lead_s no test waits until it is played.
            "call": {"drain_s": 8, "goodbye_s": 6, "answer_s": 6, "lead_s": 30},
        }
    }
    (project / "credentials.yml").write_text(yaml.safe_dump(credentials), encoding="utf-8")


def _tell(told: Path, seconds: int, no_names: int) -> None:
    with told.open("r+b" if told.exists() else "wb") as file:  # it is mapped: the same file, never a shorter one
        file.write(struct.pack("=qq", seconds, no_names))


def _built(folder: Path) -> Path:
    library = folder / "own_clock.so"
    if not library.exists():
        compiler = os.environ.get("CC", "cc")
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(SHIM), "-ldl"], check=True)
    return library


@contextlib.contextmanager
def hanging_client(house: House) -> Iterator[socket.socket]:
    """A client that has begun a conversation, and neither reads nor writes any more: not even the answer to a ping."""
    port = int(house.bot.server.rpartition(":")[2])
    start = b'{"type": "start"}'
    handshake = (
        f"GET /webhooks/voice/stream HTTP/1.1\r\nHost: {HOST}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    with socket.create_connection((HOST, port)) as connection:
        connection.sendall(handshake.encode())
        assert b"101" in connection.recv(4_096)
        connection.sendall(bytes([0x81, 0x80 | len(start), 0, 0, 0, 0]) + start)  # a text frame, masked with zeros
        yield connection
