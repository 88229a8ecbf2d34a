"""Starts a bot's servers on this machine, waits until a first turn is warm, and stops them again.

The servers are ordinary ``rasa run`` and ``rasa_sdk`` processes bound to 127.0.0.1; this module only looks after them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Any, Callable, Dict, List, Optional, Type

import requests
import yaml

from convai_rasa.errors import ConfigurationError, ConvaiError

HOST = "127.0.0.1"
START_TIMEOUT_S = 300.0
STOP_TIMEOUT_S = 10.0
_LOG_LINES_SHOWN = 8


class RunningBot:
    """A bot that listens on this machine; use as a context manager.

    Args:
        bot: the Rasa project's folder, with a trained model in ``models/``.
        port: of the Rasa server; 0 takes any free one.
        actions_port: of the action server; 0 takes any free one.
        model: a trained archive, or None for the newest in ``models/``.
        credentials: another credentials file than the project's own.
        environment: variables set for both servers.
        api: switch Rasa's HTTP API on, which knows every conversation; nobody on this machine needs a password for it.
        on_wait: called about every half second while the servers start, for a progress display.

    Attributes:
        url: the voice channel's address, ending in ``/webhooks/voice/``.
        logs: folder of the servers' logs; removed after a clean end if the port was any free one.

    Raises:
        ConvaiError: a port is taken, or a server stopped while starting; the message says where to look.
    """

    def __init__(
        self,
        bot: Path,
        *,
        port: int = 5005,
        actions_port: int = 5055,
        model: Optional[Path] = None,
        credentials: Optional[Path] = None,
        environment: Optional[Dict[str, str]] = None,
        api: bool = False,
        on_wait: Callable[[], None] = lambda: None,
    ) -> None:
        self._bot = bot.resolve()
        self._port = port or free_port()
        self._actions_port = actions_port or free_port()
        self._model = model
        self._credentials = credentials
        self._environment = environment or {}
        self._api = api
        self._on_wait = on_wait
        self._stack = contextlib.ExitStack()
        self._servers: Dict[str, subprocess.Popen[bytes]] = {}
        self._keep_logs = port != 0
        self.logs = self._bot / "logs" / str(self._port)
        self.server = f"http://{HOST}:{self._port}"
        self.url = f"{self.server}/webhooks/voice/"

    @property
    def processes(self) -> Dict[str, int]:
        """Process ids of the servers: ``rasa``, and ``actions`` if the bot has its own."""
        return {name: server.pid for name, server in self._servers.items()}

    def __enter__(self) -> RunningBot:
        if not (self._bot / "config.yml").is_file():
            raise ConfigurationError(f"{self._bot} is no Rasa project: it has no config.yml.")
        if self._model is None and not any((self._bot / "models").glob("*.tar.gz")):
            raise ConfigurationError(
                f"{self._bot} has no trained model yet; make one with: cd {self._bot} && rasa train"
            )
        self.logs.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            self._stack = stack
            if (self._bot / "actions").is_dir() or (self._bot / "actions.py").is_file():
                self._start_actions()
            self._start_rasa()
            self._wait_until_warm()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._stack.close()
        if kind is None and not self._keep_logs:  # nobody could know the port, so nobody will look
            shutil.rmtree(self.logs, ignore_errors=True)

    def wait(self) -> None:
        """Return when one of the servers has stopped.

        Raises:
            ConvaiError: naming it.
        """
        while True:
            self._check_alive()
            time.sleep(0.5)

    def _start_actions(self) -> None:
        command = [sys.executable, "-m", "convai_rasa.quiet", "rasa_sdk", "--actions", "actions"]
        command += ["--port", str(self._actions_port)]
        self._start("actions", self._actions_port, command, {"SANIC_HOST": HOST})

    def _start_rasa(self) -> None:
        command = [sys.executable, "-m", "convai_rasa.quiet", "rasa", "run", "--interface", HOST]
        command += ["--port", str(self._port), *(["--enable-api"] if self._api else [])]
        command += ["--model", str(self._model.resolve()) if self._model else "models"]
        if self._credentials:
            command += ["--credentials", str(self._credentials.resolve())]
        command += ["--endpoints", str(self._write_endpoints())]
        self._start("rasa", self._port, command, {})

    def _write_endpoints(self) -> Path:
        """Copy the project's endpoints with the address of the action server started here."""
        given = self._bot / "endpoints.yml"
        endpoints = (yaml.safe_load(given.read_text(encoding="utf-8")) if given.is_file() else None) or {}
        if "actions" in self._servers:
            endpoints["action_endpoint"] = {"url": f"http://{HOST}:{self._actions_port}/webhook"}
        copy = self.logs / "endpoints.yml"
        copy.write_text(yaml.safe_dump(endpoints), encoding="utf-8")
        self._stack.callback(copy.unlink, missing_ok=True)
        return copy

    def _start(self, name: str, port: int, command: List[str], environment: Dict[str, str]) -> None:
        check_port_free(port)
        log: IO[Any] = self._stack.enter_context((self.logs / f"{name}.log").open("wb"))
        server = subprocess.Popen(
            command,
            cwd=self._bot,
            env={
                **os.environ,
                "PYTHONUNBUFFERED": "1",  # so that the end of the log is there when a server dies
                **environment,
                **self._environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is ours to pass on, in our order
        )
        self._servers[name] = server
        self._stack.callback(_stop, server)

    def _wait_until_warm(self) -> None:
        give_up_at = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < give_up_at:
            self._check_alive()
            self._on_wait()
            with contextlib.suppress(requests.RequestException):
                if requests.get(self.url, timeout=5).json().get("ready"):
                    return
            time.sleep(0.5)
        raise ConvaiError(f"The bot was not ready after {START_TIMEOUT_S:g} s; look into {self.logs / 'rasa.log'}.")

    def _check_alive(self) -> None:
        for name, server in self._servers.items():
            if server.poll() is not None:
                log = self.logs / f"{name}.log"
                last = log.read_text(errors="replace").strip().splitlines()[-_LOG_LINES_SHOWN:]
                raise ConvaiError("\n  ".join([f"The {name} server stopped; the end of {log}:", *last]))


def free_port() -> int:
    """Return a port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def check_port_free(port: int) -> None:
    """Make sure that a server can listen on a port.

    Raises:
        ConfigurationError: another program does.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: a closed one may linger
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ConfigurationError(
                f"Port {port} is taken by another program; stop it, or choose another port with --port "
                "(--actions-port for the action server)."
            ) from error


@contextlib.contextmanager
def stop_on_terminate() -> Any:
    """Treat SIGTERM like Ctrl-C, so that the servers are stopped in either case."""

    def interrupt(number: int, frame: Optional[FrameType]) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is not None:
        return
    server.terminate()
    try:
        server.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
