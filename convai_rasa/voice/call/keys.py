"""Telephone keys, pressed one by one, put together."""

from __future__ import annotations

import asyncio
import re
from typing import Awaitable, Callable, Optional

from convai_rasa.voice.limits import MAX_DIGITS

END_KEY = "#"


class DigitCollector:
    """Waits until no further key is pressed for ``wait_ms``, and then delivers them."""

    def __init__(self, wait_ms: float, deliver: Callable[[str], Awaitable[None]]) -> None:
        self._wait_s = wait_ms / 1000
        self._deliver = deliver
        self._pressed = ""
        self._waiting: Optional[asyncio.Task[None]] = None

    async def press(self, keys: str) -> None:
        """Take one or more keys; ``#`` ends the input at once and is not part of it, unless it is all there is.

        So does the ``MAX_DIGITS``-th key. Of several ``#`` in a row all but the first say nothing.
        """
        self.cancel()
        *complete, rest = re.sub(f"{END_KEY}+", END_KEY, keys).split(END_KEY)
        for part in complete:
            pressed, self._pressed = self._pressed + part, ""
            await self._deliver(pressed or END_KEY)
        self._pressed += rest
        while len(self._pressed) >= MAX_DIGITS:
            pressed, self._pressed = self._pressed[:MAX_DIGITS], self._pressed[MAX_DIGITS:]
            await self._deliver(pressed)
        if self._pressed:
            self._waiting = asyncio.ensure_future(self._wait())

    def cancel(self) -> None:
        """Do not wait any longer; what was pressed is kept for the next key."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    async def _wait(self) -> None:
        await asyncio.sleep(self._wait_s)
        self._waiting = None
        pressed, self._pressed = self._pressed, ""
        await self._deliver(pressed)
