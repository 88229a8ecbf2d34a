"""Starts a bot's servers on this machine, waits until a first turn is warm, and stops them again.

The servers are ordinary ``rasa run`` and ``rasa_sdk`` processes bound to 127.0.0.1, Rasa elsewhere only if it is told
to; this module only looks after them.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import IO, Any, Callable, Dict, Iterator, List, Optional, Type

import requests
import yaml

from convai_rasa.errors import ConfigurationError, ConvaiError, Terminated
from convai_rasa.interrupts import handled, interrupts_held

HOST = "127.0.0.1"
START_TIMEOUT_S = 300.0
STOP_MARGIN_S = 20.0  # Sanic gives connections that are still open 15 s once the channel has let callers finish
STOP_TIMEOUT_S = 10.0 + STOP_MARGIN_S  # with the channel's default of call.goodbye_s
_ACTIONS_STOP_TIMEOUT_S = 10.0  # nobody asks it for anything once Rasa has ended
_LOG_LINES_SHOWN = 8
_QUIETLY = (sys.executable, "-m", "convai_rasa.quiet")
_NOT_LOADED = "Could not load model due to "  # rasa.core.agent


class RunningBot:
    """A bot that listens on this machine; use as a context manager.

    Args:
        bot: the Rasa project's folder, with a trained model in ``models/``.
        port, actions_port: of the Rasa server and of the action server; 0 takes any free one.
        model, credentials: others than the newest archive in ``models/`` and the project's own file.
        environment: variables set for both servers.
        api: switch Rasa's HTTP API on, which knows every conversation; nobody on this machine needs a password for it.
        interface: address that Rasa listens on; the action server stays on 127.0.0.1.
        stop_timeout_s: how long Rasa may take to end, with callers whose sentences it finishes.
        drain_s: how much longer it may take after SIGTERM, with calls that come to their own end.
        on_wait: called a few times a second while the servers start, with what they are doing, for a progress display.

    Attributes:
        url: the voice channel's address, ending in ``/webhooks/voice/``.
        logs: folder of the servers' logs; removed after a clean end if the port was any free one.

    Raises:
        ConvaiError: a named file is missing, a port is taken, or a server stopped while starting.
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
        interface: str = HOST,
        stop_timeout_s: float = STOP_TIMEOUT_S,
        drain_s: float = 0.0,
        on_wait: Callable[[str], None] = lambda doing: None,
    ) -> None:
        self._bot = bot.resolve()
        self._port = port or free_port()
        self._actions_port = actions_port or free_port()
        self._model = model
        self._credentials = credentials
        self._environment = environment or {}
        self._api = api
        self._interface = interface
        self._stop_timeout_s = stop_timeout_s
        self._drain_s = drain_s
        self._on_wait = on_wait
        self._stack = contextlib.ExitStack()
        self._servers: Dict[str, subprocess.Popen[bytes]] = {}
        self._rasa_ends_by = signal.SIGTERM
        self._at_once = False
        self._keep_logs = port != 0
        self.logs = self._bot / "logs" / str(self._port)
        self.server = f"http://{_reachable(interface)}:{self._port}"
        self.url = f"{self.server}/webhooks/voice/"

    @property
    def processes(self) -> Dict[str, int]:
        """Process ids of the servers: ``rasa``, and ``actions`` if the bot has its own."""
        return {name: server.pid for name, server in self._servers.items()}

    def __enter__(self) -> RunningBot:
        if not (self._bot / "config.yml").is_file():
            raise ConfigurationError(f"{self._bot} is not a Rasa project: it has no config.yml.")
        for kind, path in (("trained model", self._model), ("credentials file", self._credentials)):
            if path is not None and not path.exists():
                raise ConfigurationError(f"There is no {kind} {path}.")
        if self._model is None and not any((self._bot / "models").glob("*.tar.gz")):
            raise ConfigurationError(
                f"{self._bot} has no trained model yet; make one with: cd {self._bot} && rasa train"
            )
        self.logs.mkdir(parents=True, exist_ok=True)
        try:
            if (self._bot / "actions").is_dir() or (self._bot / "actions.py").is_file():
                command = [*_QUIETLY, "rasa_sdk", "--actions", "actions", "--port", str(self._actions_port)]
                where = {"SANIC_HOST": HOST}
                self._start("actions", HOST, self._actions_port, command, where, _ACTIONS_STOP_TIMEOUT_S)
            self._start_rasa()
            self._wait_until_warm()
        except BaseException:
            self._stop_all()
            raise
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], *_: object) -> None:
        # Calls come to their own end only if whoever runs servers wants this one to end; a person does not wait for it.
        self._rasa_ends_by = signal.SIGTERM if kind is not None and issubclass(kind, Terminated) else signal.SIGINT
        self._stop_all()
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

    def _start_rasa(self) -> None:
        command = [*_QUIETLY, "rasa", "run", "--interface", self._interface, "--port", str(self._port)]
        command += ["--model", str(self._model.resolve()) if self._model else "models"]
        command += ["--endpoints", str(self._write_endpoints())]
        if self._api:
            command.append("--enable-api")
        if self._credentials:
            command += ["--credentials", str(self._credentials.resolve())]
        self._start("rasa", self._interface, self._port, command, {}, self._stop_timeout_s)

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

    def _start(
        self, name: str, host: str, port: int, command: List[str], environment: Dict[str, str], stop_timeout_s: float
    ) -> None:
        check_port_free(port, host)
        log: IO[Any] = self._stack.enter_context((self.logs / f"{name}.log").open("wb"))
        with interrupts_held():
            server = subprocess.Popen(
                command,
                cwd=self._bot,
                # Unbuffered, so that the end of the log is there when a server dies.
                env={**os.environ, "PYTHONUNBUFFERED": "1", **environment, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is ours to pass on, in our order
            )
            self._servers[name] = server
            self._stack.callback(self._stop, server, stop_timeout_s)

    def _stop_all(self) -> None:
        """Stop what runs: Rasa first, because sentences that it finishes may still need an action.

        Ctrl-C would else break this off: now it kills what is left, as SIGTERM does if that was what ended the bot.
        """

        def told_again(number: int, frame: Optional[FrameType]) -> None:
            # After Ctrl-C, SIGTERM changes nothing: make sends it, beside the terminal.
            if number == signal.SIGINT or self._rasa_ends_by == signal.SIGTERM:
                self._at_once = True

        with handled(dict.fromkeys((signal.SIGINT, signal.SIGTERM), told_again)):
            self._stack.close()

    def _stop(self, server: subprocess.Popen[bytes], timeout_s: float) -> None:
        is_rasa = server is self._servers.get("rasa")
        if server.poll() is None:
            server.send_signal(self._rasa_ends_by if is_rasa else signal.SIGTERM)
        if is_rasa and self._rasa_ends_by == signal.SIGTERM:
            timeout_s += self._drain_s
        give_up_at = time.monotonic() + timeout_s
        while server.poll() is None:
            if self._at_once or time.monotonic() > give_up_at:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()
                return
            time.sleep(0.05)

    def _wait_until_warm(self) -> None:
        give_up_at = time.monotonic() + START_TIMEOUT_S
        doing = "Starting Rasa and loading the trained model"
        while time.monotonic() < give_up_at:
            self._check_alive()
            self._check_loaded()
            self._on_wait(doing)
            with contextlib.suppress(requests.RequestException):
                if requests.get(self.url, timeout=5).json().get("ready"):
                    return
                doing = "Loading speech recognition and the voice, and answering a first turn"
            time.sleep(0.2)
        raise ConvaiError(f"The bot was not ready after {START_TIMEOUT_S:g} s; see {self.logs / 'rasa.log'}.")

    def _check_alive(self) -> None:
        for name, server in self._servers.items():
            if server.poll() is not None:
                log = self.logs / f"{name}.log"
                last = log.read_text(errors="replace").strip().splitlines()[-_LOG_LINES_SHOWN:]
                raise ConvaiError("\n  ".join([f"The {name} server stopped; the end of {log}:", *last]))

    def _check_loaded(self) -> None:
        """Rasa serves on without a model that it cannot load, and says so in its log alone."""
        log = self.logs / "rasa.log"
        said = log.read_text(errors="replace").partition(_NOT_LOADED)[2]
        if said:
            why = said.partition("\n")[0].rstrip(". ").replace("\x1b[0m", "")
            raise ConfigurationError(
                f"Rasa cannot load the trained model: {why}; train it again with: cd {self._bot} && rasa train "
                f"(the whole story: {log})"
            )


def free_port() -> int:
    """Return a port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def check_port_free(port: int, host: str = HOST) -> None:
    """Make sure that a server can listen on a port; raises as ``bound``."""
    bound(host, port, option="--port (--actions-port for the action server)").close()


def bound(host: str, port: int, *, option: str) -> socket.socket:
    """Return a socket that has an address of this machine; port 0 takes any free one, and ``option`` names it.

    Raises:
        ConfigurationError: another program has the port, or the host is no address of this machine.
    """
    with contextlib.ExitStack() as stack:
        try:
            family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            found = stack.enter_context(socket.socket(family, kind))
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a closed one may linger
            found.bind(address)
        except OSError as error:
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                raise ConfigurationError(
                    f"This machine has no address '{host}'; name one of its own with --interface, or leave it out."
                ) from error
            is_taken = error.errno == errno.EADDRINUSE
            why = "is taken by another program; stop it" if is_taken else f"cannot be used ({error.strerror})"
            raise ConfigurationError(f"Port {port} of {host} {why}, or choose another one with {option}.") from error
        stack.pop_all()
    return found


def is_loopback(interface: str) -> bool:
    """Whether only this machine reaches what listens on an address."""
    try:
        return ipaddress.ip_address(interface).is_loopback
    except ValueError:
        return interface == "localhost"


@contextlib.contextmanager
def stop_on_terminate() -> Iterator[None]:
    """Treat SIGTERM like Ctrl-C, so that the servers are stopped in either case.

    Once either has come, another SIGTERM changes nothing: it must not break off the clean-up.
    """

    def interrupt(number: int, frame: Optional[FrameType]) -> None:
        signal.signal(signal.SIGTERM, lambda number, frame: None)
        raise Terminated if number == signal.SIGTERM else KeyboardInterrupt

    # What is started in the background of a shell ignores Ctrl-C, and goes on doing so.
    is_usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with handled(dict.fromkeys((signal.SIGTERM, signal.SIGINT) if is_usual else (signal.SIGTERM,), interrupt)):
        yield


def _reachable(interface: str) -> str:
    """Return the host of an address by which this machine itself reaches what listens on an interface."""
    host = {"0.0.0.0": HOST, "::": "::1"}.get(interface, interface)
    return f"[{host}]" if ":" in host else host
