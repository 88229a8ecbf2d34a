"""The server that is attacked, and what came back from it."""

from __future__ import annotations

import asyncio
import collections
import time
from dataclasses import dataclass, field
from typing import Counter
from urllib.parse import urlsplit

ANSWER_S = 40.0  # for one request; notes wait while people talk
OPENING_EVERY_S = 0.3  # conversations; above what the channel lets in, the canary would be refused for its neighbours


@dataclass
class Tally:
    """What was sent, and what came back.

    Attributes:
        sent: inputs by kind.
        answers: by kind and answer, for example ``("forms", "400")``.
        wrong: what may not be, in words.
        unanswered: how often nothing came back in time; after some of them nothing is sent any more.
    """

    sent: Counter[str] = field(default_factory=collections.Counter)
    answers: Counter[tuple[str, str]] = field(default_factory=collections.Counter)
    wrong: list[str] = field(default_factory=list)
    unanswered: int = 0

    @property
    def total(self) -> int:
        """All inputs."""
        return sum(self.sent.values())

    def table(self) -> str:
        """Return a line for each kind."""
        lines = []
        for kind in self.sent:
            came = sorted(((count, what) for (of, what), count in self.answers.items() if of == kind), reverse=True)
            lines.append(f"{kind:9} {self.sent[kind]:6,}  " + ", ".join(f"{what}: {count}" for count, what in came))
        return "\n".join(lines)


@dataclass
class Site:
    """The server that is attacked.

    Args:
        url: the voice channel's address.
        token: that lets in.
        jwt_key: signs tokens that let in.
        secret: Twilio's.
    """

    url: str
    token: str
    jwt_key: str
    secret: str
    tally: Tally = field(default_factory=Tally)
    _next_opening: float = 0.0

    @property
    def netloc(self) -> str:
        """Name and port."""
        return urlsplit(self.url).netloc

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection."""
        host, _, port = self.netloc.rpartition(":")
        return await asyncio.wait_for(asyncio.open_connection(host, int(port)), ANSWER_S)

    async def turn_to_open(self) -> None:
        """Wait until another conversation may begin."""
        now = time.monotonic()
        self._next_opening = max(self._next_opening, now) + OPENING_EVERY_S
        await asyncio.sleep(self._next_opening - OPENING_EVERY_S - now)
