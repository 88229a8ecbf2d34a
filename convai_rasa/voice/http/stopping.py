"""What the server does when it is told to end, and when it is told again."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Optional

from sanic import Sanic

from convai_rasa.voice.http.server import VoiceServer

_TERMINAL = (signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGINT))  # there is no SIGHUP on Windows


class Stopping:
    """Listens to signals in Sanic's place, which would stop the server at the first.

    SIGTERM comes from whatever runs servers: calls that are going on may come to their own end. Ctrl-C and a closed
    terminal come from a person, who does not wait for that: every caller hears goodbye now. The same signal again is
    an order to wait for nobody.

    Args:
        server: lets calls end.
        app: is stopped then.
    """

    def __init__(self, server: VoiceServer, app: Sanic) -> None:
        self._server = server
        self._app = app
        self._told: set[signal.Signals] = set()
        self._draining: Optional[asyncio.Future[None]] = None

    def listen(self) -> None:
        """Be told from now on; of a closed terminal unless whoever started the server wants it to go on (nohup)."""
        if os.name == "nt":  # its loops take no signal handlers, and Sanic has a way of its own
            return
        loop = asyncio.get_running_loop()
        for number in dict.fromkeys((signal.SIGTERM, *_TERMINAL)):
            if number in (signal.SIGTERM, signal.SIGINT) or signal.getsignal(number) is signal.SIG_DFL:
                loop.add_signal_handler(number, self.told, number)

    def told(self, number: signal.Signals) -> None:
        """A signal has come."""
        again = number in self._told
        self._told.add(number)
        if again:
            self._app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 0.0  # that Sanic gives connections that are still open
            self._server.hurry()
            self._app.stop()
        elif number in _TERMINAL:
            self._app.stop()
        elif self._draining is None and len(self._told) == 1:
            self._draining = asyncio.ensure_future(self._drain())

    async def _drain(self) -> None:
        await self._server.drain()
        self._app.stop()
