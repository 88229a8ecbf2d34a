"""Runs the service: opens its ports, loads its models, and lets requests finish when it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Sequence
from typing import Any, Optional

from convai_rasa.errors import ConfigurationError, Terminated, require
from convai_rasa.heap import settle
from convai_rasa.speech.app import make_app
from convai_rasa.speech.desk import Desk
from convai_rasa.speech.local_engines import LocalEngines
from convai_rasa.speech.options import SpeechOptions
from convai_rasa.speech.prometheus import Metrics

logger = logging.getLogger(__name__)

_KEPT_S = 75  # a connection without a request; longer than clients keep theirs, so that none is closed in their face
_CLOSING_S = 5  # for what still goes on after the drain has had its time
_MOST_CONNECTIONS = 1024  # beyond it, requests get 503 from uvicorn itself
_BACKLOG = 2048


class Service:
    """The service on this machine.

    Args:
        options: what it serves, and how much of what it is sent it takes.
        tokens: one of which callers over HTTP have to show; none: nobody has to.

    Raises:
        MissingExtra: uvicorn, wyoming or prometheus_client is not installed.
    """

    def __init__(self, options: SpeechOptions, tokens: Sequence[str] = ()) -> None:
        require("uvicorn", extra="speech")
        self._options = options
        self._tokens = tokens

    def run(
        self,
        address: socket.socket,
        wyoming: Optional[socket.socket] = None,
        on_ready: Callable[[], None] = lambda: None,
        on_drain: Callable[[int], None] = lambda in_work: None,
    ) -> None:
        """Serve until SIGTERM or Ctrl-C, then let requests finish; a second signal ends it at once.

        Args:
            address: where HTTP is spoken, bound already.
            wyoming: where Wyoming is spoken; None: nowhere.
            on_ready: called when requests are taken.
            on_drain: called with how many requests are let finish.

        Raises:
            Terminated: after SIGTERM.
            KeyboardInterrupt: after Ctrl-C.
            ConvaiError: a model cannot be loaded.
        """
        number = asyncio.run(self._serve(address, wyoming, on_ready, on_drain))
        raise Terminated if number == signal.SIGTERM else KeyboardInterrupt

    async def _serve(
        self,
        address: socket.socket,
        wyoming: Optional[socket.socket],
        on_ready: Callable[[], None],
        on_drain: Callable[[int], None],
    ) -> int:
        metrics = Metrics()
        desk = Desk(self._options, metrics)
        server = http_server(make_app(desk, self._tokens))
        told, told_again = _signals()
        serving = asyncio.ensure_future(server.serve(sockets=[address]))
        home = None
        if wyoming is not None:
            from convai_rasa.speech.wyoming_server import WyomingServer  # the extra that it needs

            home = WyomingServer(desk)
            await home.start(wyoming)
        loading = asyncio.ensure_future(asyncio.to_thread(LocalEngines, self._options, metrics))
        try:
            begun: list[asyncio.Future[Any]] = [loading, told, serving]
            await asyncio.wait(begun, return_when=asyncio.FIRST_COMPLETED)
            if loading.done():
                desk.open(loading.result())
                settle()
                on_ready()
                await asyncio.wait(begun[1:], return_when=asyncio.FIRST_COMPLETED)
            if serving.done():  # nobody has told it to end
                serving.result()
            if told.done():
                on_drain(desk.in_work)
                draining = asyncio.ensure_future(desk.drain(self._options.drain_s))
                ends: list[asyncio.Future[Any]] = [draining, told_again]
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
                draining.cancel()
        finally:
            if home is not None:
                await home.close()
            server.should_exit = True
            server.force_exit = told_again.done()
            await asyncio.gather(serving, return_exceptions=True)
            if not loading.done():  # a thread cannot be given up, only waited for
                await asyncio.wait([loading])
            if loading.exception() is None and not desk.is_open:
                loading.result().close()
            desk.close()
        return told.result()


def http_server(app: Any) -> Any:
    """Return a ``uvicorn.Server`` for an application, which leaves signals to its caller.

    Raises:
        MissingExtra: uvicorn is not installed.
    """
    uvicorn = require("uvicorn", extra="speech")
    config = uvicorn.Config(
        app,
        lifespan="off",
        ws="none",  # whose package is older beside Rasa than uvicorn expects
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEPT_S,
        timeout_graceful_shutdown=_CLOSING_S,
        limit_concurrency=_MOST_CONNECTIONS,
        backlog=_BACKLOG,
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext
    return server


def bound(host: str, port: int, *, option: str) -> socket.socket:
    """Return a socket that has an address of this machine; port 0 takes any free one, and ``option`` names it.

    Raises:
        ConfigurationError: another program has the port, or the host is no address of this machine.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise ConfigurationError(
            f"This machine has no address '{host}'; name one of its own with --interface, or leave it out."
        ) from error
    with contextlib.ExitStack() as stack:
        found = stack.enter_context(socket.socket(family, kind))
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind(address)
        except OSError as error:
            raise ConfigurationError(
                f"Port {port} of {host} cannot be used ({error.strerror}); stop the program that has it, or choose "
                f"another one with {option}."
            ) from error
        stack.pop_all()
        return found


def _signals() -> tuple[asyncio.Future[int], asyncio.Future[int]]:
    """Return what is done with the first and with the second signal to end."""
    loop = asyncio.get_running_loop()
    first: asyncio.Future[int] = loop.create_future()
    second: asyncio.Future[int] = loop.create_future()

    def tell(number: int) -> None:
        waiting = [future for future in (first, second) if not future.done()]
        if waiting:
            waiting[0].set_result(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, tell, number)
    return first, second
