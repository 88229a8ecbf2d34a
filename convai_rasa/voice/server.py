"""The routes of the channel: sockets and requests in, sessions and answers out. Knows nothing of Rasa."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from pathlib import Path
from typing import Any, Callable, List, Optional, Set, Tuple, Union

from sanic import Blueprint, response
from sanic.exceptions import WebsocketClosed
from sanic.request import Request
from sanic.response import HTTPResponse
from websockets.exceptions import ConnectionClosed

from convai_rasa.asr import build_prompt
from convai_rasa.errors import AudioError, ConvaiError, ProtocolError
from convai_rasa.voice import messages as m
from convai_rasa.voice import page
from convai_rasa.voice.access import check_origin, check_token
from convai_rasa.voice.bot import Bot, Content
from convai_rasa.voice.calls import GONE, Call, Calls
from convai_rasa.voice.engines import Engines
from convai_rasa.voice.notes import answer_note
from convai_rasa.voice.options import VoiceOptions
from convai_rasa.voice.phrases import BotPhrases
from convai_rasa.voice.protocols import Wire, native
from convai_rasa.voice.session import Session
from convai_rasa.voice.speaker import Emit
from convai_rasa.voice.telephone import Telephone

logger = logging.getLogger(__name__)

# Up to here a frame that is too large gets our own sentence; beyond, the websocket library closes the connection.
MAX_WEBSOCKET_MESSAGE = 8 * native.MAX_FRAME_BYTES
FIRST_MESSAGE_TIMEOUT_S = 60.0

_CLOSE_CODES = {"unauthorized": 4401, "forbidden_origin": 4403, "busy": 1013, "starting": 1013}
_STATUS = {"unauthorized": 401, "forbidden_origin": 403, "starting": 503}


class VoiceServer:
    """Serves every caller of one process.

    Args:
        options: the channel's configuration.
        engines: the models.
        bot: whom they talk to.
    """

    def __init__(self, options: VoiceOptions, engines: Engines, bot: Bot) -> None:
        self._options = options
        self._engines = engines
        self._bot = bot
        self._calls = Calls()
        self._holding: Set[asyncio.Future[None]] = set()
        self._callers = 0  # sockets, whether or not they have said anything yet
        self._phrases = BotPhrases()
        self._model_archive: Callable[[], Optional[Path]] = lambda: None
        self._bot_name: Optional[str] = None
        self._ready = False

    def add_routes(self, blueprint: Blueprint) -> None:
        """Attach the channel's routes."""
        # Sanic writes attributes on its handlers, which bound methods do not take.

        @blueprint.get("/")
        async def health(request: Request) -> HTTPResponse:
            return self.health()

        @blueprint.post("/message")
        async def message(request: Request) -> HTTPResponse:
            return await self.message(request)

        @blueprint.websocket("/stream")
        async def stream(request: Request, socket: Any) -> None:
            await self.stream(request, socket)

        Telephone(self._options.twilio, self._serve_telephone).add_routes(blueprint)
        blueprint.add_route(page.serve_page, "/talk", methods=["GET"])
        blueprint.add_route(page.serve_page_file, "/talk/<name>", methods=["GET"])

    async def load(self) -> None:
        """Wait until the models are loaded.

        Raises:
            ConvaiError: one of them cannot be.
        """
        await self._engines.wait_ready()

    def open(self, bot_name: Optional[str], model_archive: Callable[[], Optional[Path]]) -> None:
        """Let callers in.

        Args:
            bot_name: shown to people.
            model_archive: says which trained model is loaded at present; it may be exchanged while the server runs.
        """
        self._bot_name, self._model_archive, self._ready = bot_name, model_archive, True

    def health(self) -> HTTPResponse:
        """``GET /``: whether the channel is up, and whether it is warm."""
        state = {"status": "ok", "ready": self._ready, "name": self._bot_name, "sessions": self._callers}
        return response.json(state)

    async def message(self, request: Request) -> HTTPResponse:
        """``POST /message``: one voice note."""
        try:
            check_origin(request, self._options.allowed_origins)
            check_token(request, self._options.token)
            self._check_ready()
            await self._phrases.follow(self._model_archive())
            return await answer_note(request, self._engines, self._options, self._bot.answer, self._prompt_for)
        except ConvaiError as error:
            code = error.code if isinstance(error, ProtocolError) else _code(error)
            status = _STATUS.get(code, 400 if isinstance(error, AudioError) else 500)
            return response.json({"error": {"code": code, "message": str(error)}}, status=status)

    async def stream(self, request: Request, socket: Any) -> None:
        """``WS /stream``: the native protocol."""
        await self.serve(request, socket, native.NativeWire())

    async def serve(
        self, request: Request, socket: Any, wire: Wire, check_start: Optional[Callable[[m.Start], None]] = None
    ) -> None:
        """Serve one connection, whatever its wire format.

        Args:
            request: the handshake.
            socket: the connection.
            wire: translates its frames.
            check_start: refuses, with a ProtocolError, who may not talk; None: whoever lacks the channel's token.
        """
        self._callers += 1
        try:
            check_origin(request, self._options.allowed_origins)
            self._check_room()
            self._check_ready()
            start, rest = await _opening(socket, wire)
            if check_start is None:
                check_token(request, self._options.token, start.token)
            else:
                check_start(start)
            await self._converse(socket, wire, start, rest)
        except ProtocolError as error:
            await _refuse(socket, wire, error)
        except GONE:
            logger.info("A client left before it had said anything.")
        finally:
            self._callers -= 1

    async def _serve_telephone(self, request: Request, socket: Any, wire: Wire) -> None:
        await self.serve(request, socket, wire, lambda start: None)  # the wire lets no other calls through

    async def push(self, sender_id: str, content: Content) -> None:
        """Say something to a caller who did not just speak, for example when a reminder is due."""
        await self._calls.push(sender_id, content)

    async def close(self) -> None:
        """Tell every caller that the server stops, and stop the models."""
        await self._calls.close()
        for holding in list(self._holding):
            holding.cancel()
        await asyncio.gather(*self._holding, return_exceptions=True)
        self._engines.close()

    async def _converse(
        self, socket: Any, wire: Wire, start: m.Start, rest: List[Union[m.ClientMessage, bytes]]
    ) -> None:
        call = self._calls.find(start.session_id)
        resumed = call is not None
        if call is None:
            call = await self._open_call(start)
        await call.serve(socket, wire, rest, resumed)

    async def _open_call(self, start: m.Start) -> Call:
        await self._phrases.follow(self._model_archive())
        self._calls.make_room(self._options.max_sessions)
        session_id, sender_id = uuid.uuid4().hex, start.sender_id or uuid.uuid4().hex

        def session_on(emit: Emit) -> Session:
            return Session(
                session_id,
                sender_id,
                start,
                engines=self._engines,
                options=self._options,
                emit=emit,
                bot=self._bot,
                prompt_for=self._prompt_for,
                phrase_ends=self._phrases.ends,
            )

        call = Call(session_id, sender_id, start, session_on, self._options.call.resume_s)
        self._calls.add(call)
        holding = asyncio.ensure_future(self._hold(call))
        self._holding.add(holding)
        holding.add_done_callback(self._holding.discard)
        return call

    async def _hold(self, call: Call) -> None:
        logger.info("%s started session %s.", call.sender_id, call.session_id)
        try:
            await call.run()
        except ConvaiError as error:
            logger.warning("Session %s ended with an error: %s", call.session_id, error)
        finally:
            self._calls.remove(call)
            logger.info("%s ended session %s.", call.sender_id, call.session_id)

    def _prompt_for(self, question: str) -> Optional[str]:
        return build_prompt(self._phrases.chosen, question) if self._options.asr.prompt else None

    def _check_ready(self) -> None:
        if not self._ready:
            raise ProtocolError("starting", "The bot is still loading its models; try again in a few seconds.")

    def _check_room(self) -> None:
        if self._callers > self._options.max_sessions:
            raise ProtocolError(
                "busy", f"All {self._options.max_sessions} places are taken; try again when somebody has left."
            )


async def _opening(socket: Any, wire: Wire) -> Tuple[m.Start, List[Union[m.ClientMessage, bytes]]]:
    """Wait for the client to open the conversation; a client of sound alone does so with its first frame."""
    while True:
        frame = await socket.recv(timeout=FIRST_MESSAGE_TIMEOUT_S)
        if frame is None:
            raise ProtocolError("no_start", f"Nothing was sent for {FIRST_MESSAGE_TIMEOUT_S:g} seconds; connect again.")
        items = list(wire.receive(frame))  # some wires greet each other first
        if items:
            first = items[0]
            return (first, items[1:]) if isinstance(first, m.Start) else (m.Start(), items)


async def _refuse(socket: Any, wire: Wire, error: ProtocolError) -> None:
    with contextlib.suppress(ConnectionClosed, WebsocketClosed):  # who has hung up needs no explanation
        for frame in wire.send(m.Error(code=error.code, message=str(error))):
            await socket.send(frame)
        await socket.close(_CLOSE_CODES.get(error.code, 4400), error.code)


def _code(error: ConvaiError) -> str:
    """``RecognitionError`` → ``recognition_failed``; the same codes as on the socket."""
    return type(error).__name__.replace("Error", "").lower() + "_failed"
