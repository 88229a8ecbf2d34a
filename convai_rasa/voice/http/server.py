"""The routes of the channel: sockets and requests in, sessions and answers out. Knows nothing of Rasa."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from convai_rasa.errors import ConvaiError
from convai_rasa.voice import limits
from convai_rasa.voice.call import Calls, Host
from convai_rasa.voice.http import page
from convai_rasa.voice.http.access import Access, Proof
from convai_rasa.voice.http.entrance import Entrance
from convai_rasa.voice.http.notes import answer_note, read_note
from convai_rasa.voice.http.reception import Reception
from convai_rasa.voice.http.refusals import error_response
from convai_rasa.voice.http.request_head import check_handshake
from convai_rasa.voice.http.stopping import Departure
from convai_rasa.voice.http.switchboard import Switchboard
from convai_rasa.voice.http.telephone import Telephone
from convai_rasa.voice.http.uploads import leave_unread
from convai_rasa.voice.patience import Tasks
from convai_rasa.voice.wire import native

# Up to here a frame that is too large gets our own sentence; beyond, the websocket library closes the connection.
MAX_WEBSOCKET_MESSAGE = 8 * limits.MAX_FRAME_BYTES
LAG_EVERY_S = 0.05  # a stall is seen as up to this much shorter than it was
LAG = "event loop"


class VoiceServer:
    """Serves every caller of one process."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._engines = host.engines
        self._tasks = Tasks()
        self._access = Access(host.options)
        self._calls = Calls()
        self.push = self._calls.push
        self._reception = Reception(host.options, host.engines.load, lambda: self._calls.connected)
        self._switchboard = Switchboard(host, self._calls, self._reception, self._tasks)
        self._entrance = Entrance(self._access, self._reception, self._switchboard.converse, self._tasks)
        self._bot_name: str | None = None
        # How callers leave when the server ends.
        self.departure = Departure(self._calls, self._reception, host)

    def add_routes(self, blueprint: Blueprint) -> None:
        """Attach the channel's routes."""
        # Sanic writes attributes on its handlers, which bound methods do not take.

        @blueprint.get("/")
        async def health(request: Request) -> HTTPResponse:
            return page.lead_there(request) or self.health()

        @blueprint.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            return self._reception.readiness()

        @blueprint.post("/message", stream=True)
        async def message(request: Request) -> HTTPResponse:
            return await self.message(request)

        @blueprint.websocket("/stream")
        async def stream(request: Request, socket: Any) -> None:
            await self._entrance.serve(socket, native.NativeWire(), request)

        @blueprint.middleware("request")
        async def only_handshakes(request: Request) -> None:
            if request.route is not None and request.route.ctx.websocket:
                check_handshake(request)

        no_room = self._reception.no_room_for_calls
        Telephone(self._host.options.twilio, self._entrance.serve, no_room=no_room).add_routes(blueprint)
        blueprint.add_route(page.serve_page, "/talk", methods=["GET"])
        blueprint.add_route(page.serve_page_file, "/talk/<name:path>", methods=["GET"])

    def open(self, bot_name: str | None, model_archive: Callable[[], Path | None]) -> None:
        """Let callers in, who are shown the name; the archive is of the trained model that is loaded at present."""
        self._bot_name = bot_name
        self._switchboard.model_archive = model_archive
        self._reception.open()
        self._tasks.keep(self._feel_the_lag())

    def health(self) -> HTTPResponse:
        """``GET /``: whether the channel is up, whether it is warm, and how long work waits."""
        at_present = self._reception.state
        state: dict[str, Any] = {
            "status": "stopping" if at_present == "draining" else "ok",
            "ready": at_present in ("ready", "full"),
            "state": at_present,
            "name": self._bot_name,
            "sessions": self._calls.connected,
            "wait_ms": round(1000 * self._engines.load.wait_s),
            "longest_stall_ms": round(1000 * self._engines.load.longest_s(LAG)),
        }
        engines = self._engines.states()
        if engines:
            state["engines"] = engines
        return response.json(state)

    async def message(self, request: Request) -> HTTPResponse:
        """``POST /message``: one voice note. Nothing of it is read before it is clear that it may be sent."""
        try:
            self._access.check_place(request)
            proof = self._access.at_the_door(request) or self._access.prove(None)
            self._reception.check_loaded()
            self._reception.check_open()
            with self._reception.note():
                return await self._answer_note(request, proof)
        except ConvaiError as error:
            return error_response(error)
        finally:
            await leave_unread(request)

    async def _answer_note(self, request: Request, proof: Proof) -> HTTPResponse:
        recorded, name = await read_note(request, self._host.options)
        sender = self._access.sender(proof, name)
        await self._switchboard.follow()
        sound_only = "audio/wav" in request.headers.get("accept", "")
        prompt_for = self._switchboard.prompt_for
        with self._switchboard.perhaps_a_stranger(sender, name or proof.subject):
            return await answer_note(recorded, sender, self._host, prompt_for, sound_only=sound_only)

    async def close(self) -> None:
        """Take no new caller, let the bot finish what it says to the others, say goodbye, and stop the models."""
        self._switchboard.takes_back = False
        await self.departure.say_goodbye()
        await self._tasks.cancel()
        self._engines.close()

    async def _feel_the_lag(self) -> None:
        """Measure how late the event loop is: Rasa answers on it."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self._engines.load.note(LAG, loop.time() - due)
