"""The end of a server: who is still waited for, and what it does when it is told to end, and told again."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Optional

from sanic import Sanic

from convai_rasa.voice.bot import Occasion
from convai_rasa.voice.call import Calls, Host
from convai_rasa.voice.http.reception import Reception
from convai_rasa.voice.patience import until, until_first

logger = logging.getLogger(__name__)

_TERMINAL = (signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGINT))  # there is no SIGHUP on Windows


class Departure:
    """Takes no new caller, and waits for those who are here, within bounds."""

    def __init__(self, calls: Calls, reception: Reception, host: Host) -> None:
        self._calls = calls
        self._reception = reception
        self._options = host.options.call
        self._bot = host.bot
        self._hurried = asyncio.Event()

    async def drain(self) -> None:
        """Return when those who are here have gone, or after ``call.drain_s``."""
        self._reception.close()
        sentence = "Draining: %d callers and %d voice notes have %g s to come to their own end."
        await self._allow(self._options.drain_s, sentence, self._everybody_has_gone)

    async def say_goodbye(self) -> None:
        """Let the bot finish what it says and say goodbye, within ``call.goodbye_s``; nobody is waited for after."""
        self._reception.close()
        sentence = "Stopping: %d callers and %d voice notes have %g s to be answered."
        await self._allow(self._options.goodbye_s, sentence, self._finish)
        self.hurry()  # whoever still waits for callers to go need not
        await self._calls.close()

    def hurry(self) -> None:
        """Wait for nobody anymore."""
        self._hurried.set()

    @property
    def _somebody_is_here(self) -> bool:
        return self._reception.was_open and bool(len(self._calls) or self._reception.notes)

    async def _allow(self, seconds: float, sentence: str, work: Callable[[], Awaitable[None]]) -> None:
        if seconds and self._somebody_is_here and not self._hurried.is_set():
            logger.info(sentence, self._calls.connected, self._reception.notes, seconds)
            await until_first(work(), self._hurried.wait(), seconds=seconds)

    async def _everybody_has_gone(self) -> None:
        await until(lambda: not self._somebody_is_here)  # a lost connection may come back, for a time of its own

    async def _finish(self) -> None:
        await self._calls.finish(self._bot.words_for(Occasion.SERVER_STOPS))
        await until(lambda: not self._reception.notes)


class Stopping:
    """Listens to signals in Sanic's place, which would stop the server at the first.

    SIGTERM comes from whatever runs servers: calls that are going on may come to their own end. Ctrl-C and a closed
    terminal come from a person, who does not wait for that: every caller hears goodbye now. The same signal again is
    an order to wait for nobody.
    """

    def __init__(self, departure: Departure, app: Sanic) -> None:
        self._departure = departure
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
            self._departure.hurry()
            self._app.stop()
        elif number in _TERMINAL:
            self._app.stop()
        elif self._draining is None and len(self._told) == 1:
            self._draining = asyncio.ensure_future(self._drain())

    async def _drain(self) -> None:
        await self._departure.drain()
        self._app.stop()
