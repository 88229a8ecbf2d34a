"""The end of a server: who is still waited for, and what it does when it is told to end, and told again."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from typing import Optional

from sanic import Sanic

from convai_rasa.voice.bot import Bot, Occasion
from convai_rasa.voice.call import Calls
from convai_rasa.voice.http.reception import Reception
from convai_rasa.voice.options import CallOptions
from convai_rasa.voice.patience import until_first

logger = logging.getLogger(__name__)

FINISHED_EVERY_S = 0.05
_TERMINAL = (signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGINT))  # there is no SIGHUP on Windows


class Departure:
    """Takes no new caller, and waits for those who are here, within bounds."""

    def __init__(self, calls: Calls, reception: Reception, options: CallOptions, bot: Bot) -> None:
        self._calls = calls
        self._reception = reception
        self._options = options
        self._bot = bot
        self._hurried = asyncio.Event()

    async def drain(self) -> None:
        """Return when those who are here have gone, or after ``call.drain_s``."""
        self._reception.close()
        drain_s = self._options.drain_s
        if drain_s and self._somebody_is_here:
            self._log_who_is_here(
                "Draining: %d callers and %d voice notes have %g s to come to their own end.", drain_s
            )
            await until_first(self._everybody_has_gone(), self._hurried.wait(), seconds=drain_s)

    async def say_goodbye(self) -> None:
        """Let the bot finish what it says and say goodbye, within ``call.goodbye_s``; nobody is waited for after."""
        self._reception.close()
        goodbye_s = self._options.goodbye_s
        if goodbye_s and self._somebody_is_here and not self._hurried.is_set():
            self._log_who_is_here("Stopping: %d callers and %d voice notes have %g s to be answered.", goodbye_s)
            await until_first(self._finish(), self._hurried.wait(), seconds=goodbye_s)
        self.hurry()  # whoever still waits for callers to go need not
        await self._calls.close()

    def hurry(self) -> None:
        """Wait for nobody anymore."""
        self._hurried.set()

    @property
    def _somebody_is_here(self) -> bool:
        return self._reception.was_open and bool(len(self._calls) or self._reception.notes)

    def _log_who_is_here(self, sentence: str, seconds: float) -> None:
        logger.info(sentence, self._calls.connected, self._reception.notes, seconds)

    async def _everybody_has_gone(self) -> None:
        while self._somebody_is_here:  # a lost connection may come back, and has a time of its own for that
            await asyncio.sleep(FINISHED_EVERY_S)

    async def _finish(self) -> None:
        await self._calls.finish(self._bot.words_for(Occasion.SERVER_STOPS))
        while self._reception.notes:
            await asyncio.sleep(FINISHED_EVERY_S)


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
