"""Runs the service: opens its ports, loads its models, and lets requests finish when it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from convai_rasa.errors import Terminated, require
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


@dataclass(frozen=True)
class Service:
    """The service on this machine, at sockets that are bound already."""

    options: SpeechOptions
    tokens: Sequence[str]  # one of which callers over HTTP have to show; none: nobody has to
    address: socket.socket  # where HTTP is spoken
    wyoming: Optional[socket.socket] = None  # None: it is spoken nowhere
    on_ready: Callable[[], None] = lambda: None  # called when requests are taken
    on_drain: Callable[[int], None] = lambda in_work: None  # called with how many requests are let finish

    def run(self) -> None:
        """Serve until SIGTERM or Ctrl-C, then let requests finish; a second signal ends it at once.

        Raises:
            Terminated: after SIGTERM.
            KeyboardInterrupt: after Ctrl-C.
            ConvaiError: a model cannot be loaded.
            MissingExtra: uvicorn, wyoming or prometheus_client is not installed.
        """
        number = asyncio.run(self._serve())
        raise Terminated if number == signal.SIGTERM else KeyboardInterrupt

    async def _serve(self) -> int:
        metrics = Metrics()
        desk = Desk(self.options, metrics)
        server = http_server(make_app(desk, self.tokens))
        told, told_again = _signals()
        serving = asyncio.ensure_future(server.serve(sockets=[self.address]))
        home = None
        if self.wyoming is not None:
            from convai_rasa.speech.wyoming_server import WyomingServer  # the extra that it needs

            home = WyomingServer(desk)
            await home.start(self.wyoming)
        loading = asyncio.ensure_future(asyncio.to_thread(LocalEngines, self.options, metrics))
        try:
            begun: list[asyncio.Future[Any]] = [loading, told, serving]
            await asyncio.wait(begun, return_when=asyncio.FIRST_COMPLETED)
            if loading.done():
                desk.open(loading.result())
                settle()
                self.on_ready()
                await asyncio.wait(begun[1:], return_when=asyncio.FIRST_COMPLETED)
            if serving.done():  # nobody has told it to end
                serving.result()
            if told.done():
                self.on_drain(desk.in_work)
                draining = asyncio.ensure_future(desk.drain(self.options.drain_s))
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
            desk.close()
            if loading.exception() is None:
                loading.result().close()
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
