"""A connection, from its handshake until it is clear who opened it and what they want."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sanic.request import Request

from convai_rasa.errors import ProtocolError
from convai_rasa.voice import limits
from convai_rasa.voice.call import GONE
from convai_rasa.voice.engines import Door
from convai_rasa.voice.http.access import Access, Proof
from convai_rasa.voice.http.connection import Connection
from convai_rasa.voice.http.reception import Reception
from convai_rasa.voice.http.refusals import refuse
from convai_rasa.voice.patience import Tasks, within
from convai_rasa.voice.wire import Wire, messages as m

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arrival:
    """Somebody who may come in."""

    sender_id: str
    owner: str | None  # who has proven to be them; None: nobody has
    may_inspect: bool  # whether they may see the bot's inside
    connection: Connection
    wire: Wire  # translates its frames
    start: m.Start
    rest: list[m.ClientMessage | bytes]  # sent so far, after the start


class Entrance:
    """Lets those in who may talk to the bot, whose conversations ``hold`` holds, and tells the others why not."""

    def __init__(
        self, access: Access, reception: Reception, hold: Callable[[Arrival], Awaitable[None]], tasks: Tasks
    ) -> None:
        self._access = access
        self._reception = reception
        self._hold = hold
        self._tasks = tasks
        self._door = Door()

    async def serve(self, socket: Any, wire: Wire, request: Request | None = None) -> None:
        """Serve a connection; without a request that of a telephone, whose wire itself knows who may come in."""
        # Sanic cancels its handler when a client leaves; what the client had sent by then is dealt with all the same.
        connection = Connection(socket, limits.UNPROVEN_BYTES)
        await asyncio.shield(self._tasks.keep(self._talk_to(request, connection, wire)))

    async def _talk_to(self, request: Request | None, connection: Connection, wire: Wire) -> None:
        try:
            proof = None
            if request is not None:
                self._access.check_place(request)
                proof = self._access.at_the_door(request)
            self._reception.check_loaded()
            if proof is not None:
                connection.trust()
            if proof is None or self._access.everybody:
                self._door.enter(connection, lambda: self._turn_away(connection))
            start, rest = await self._opening(connection, wire)
            sender_id, owner, may_inspect = self._caller(request, start, proof)
            connection.trust()
            await self._hold(Arrival(sender_id, owner, may_inspect, connection, wire, start, rest))
        except ProtocolError as error:
            await refuse(connection, wire, error)
        except GONE:
            logger.info("A client left before it had said anything.")

    async def _opening(self, connection: Connection, wire: Wire) -> tuple[m.Start, list[m.ClientMessage | bytes]]:
        """Wait for the client to open the conversation; a client of sound alone does so with its first frame."""
        try:
            return await within(limits.OPENING_S, _first_items(connection, wire))
        except asyncio.TimeoutError as error:
            raise ProtocolError(
                "no_start",
                f"Nothing was sent for {limits.OPENING_S:g} seconds; connect again, and send 'start' at once.",
            ) from error
        finally:
            self._door.leave(connection)

    def _turn_away(self, connection: Connection) -> None:
        self._tasks.keep(connection.close(1013, "Too many connections are waiting to say who they are."))

    def _caller(self, request: Request | None, start: m.Start, proof: Proof | None) -> tuple[str, str | None, bool]:
        if request is None:  # a telephone's wire lets no other calls through
            return start.sender_id or "", start.sender_id, False
        proof = proof or self._access.prove(start.token)
        if "call" in start.metadata:
            raise ProtocolError("bad_message", "'metadata.call' is set by the telephone alone; use another key.")
        return self._access.sender(proof, start.sender_id), proof.subject, self._access.may_inspect(request)


async def _first_items(connection: Connection, wire: Wire) -> tuple[m.Start, list[m.ClientMessage | bytes]]:
    while True:
        items = list(wire.receive(await connection.recv()))  # some wires greet each other first
        if items:
            first = items[0]
            return (first, items[1:]) if isinstance(first, m.Start) else (m.Start(), items)
