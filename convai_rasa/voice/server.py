"""The routes of the channel: sockets and requests in, sessions and answers out. Knows nothing of Rasa."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from pathlib import Path
from typing import Any, Callable, Dict, Optional, Tuple, Union

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
from convai_rasa.voice.bot import Answer, Content, UserTurn
from convai_rasa.voice.engines import Engines
from convai_rasa.voice.notes import answer_note
from convai_rasa.voice.options import VoiceOptions
from convai_rasa.voice.phrases import BotPhrases
from convai_rasa.voice.protocols import native
from convai_rasa.voice.session import Session

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
        answer: gives a turn to the bot.
    """

    def __init__(self, options: VoiceOptions, engines: Engines, answer: Answer) -> None:
        self._options = options
        self._engines = engines
        self._answer = answer
        self._sessions: Dict[str, Tuple[Session, Any]] = {}  # by sender
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
            return await answer_note(request, self._engines, self._options, self._answer, self._prompt_for)
        except ConvaiError as error:
            code = error.code if isinstance(error, ProtocolError) else _code(error)
            status = _STATUS.get(code, 400 if isinstance(error, AudioError) else 500)
            return response.json({"error": {"code": code, "message": str(error)}}, status=status)

    async def stream(self, request: Request, socket: Any) -> None:
        """``WS /stream``: the native protocol."""
        self._callers += 1
        try:
            await self._serve_caller(request, socket)
        finally:
            self._callers -= 1

    async def _serve_caller(self, request: Request, socket: Any) -> None:
        try:
            check_origin(request, self._options.allowed_origins)
            self._check_room()
            self._check_ready()
            first = await _first_message(socket)
            start = first if isinstance(first, m.Start) else m.Start()
            check_token(request, self._options.token, start.token)
        except ProtocolError as error:
            await _refuse(socket, error)
            return
        except (ConnectionClosed, WebsocketClosed, asyncio.CancelledError):
            return
        await self._converse(socket, start, None if isinstance(first, m.Start) else first)

    async def push(self, sender_id: str, content: Content) -> None:
        """Say something to a caller who did not just speak, for example when a reminder is due."""
        entry = self._sessions.get(sender_id)
        if entry is None:
            logger.warning("Nobody is connected as %s: a message of the bot was not delivered.", sender_id)
            return
        await entry[0].say(content)

    async def close(self) -> None:
        """Tell every caller that the server stops, and stop the models."""
        for _, socket in list(self._sessions.values()):
            await socket.close(1001, "The server is stopping.")
        self._engines.close()

    async def _converse(self, socket: Any, start: m.Start, first: Union[m.ClientMessage, bytes, None]) -> None:
        session_id, sender_id = uuid.uuid4().hex, start.sender_id or uuid.uuid4().hex

        async def emit(message: Union[m.ServerMessage, bytes]) -> None:
            await socket.send(message if isinstance(message, bytes) else native.encode(message))

        async def converse(turn: UserTurn) -> None:
            await self._answer(sender_id, turn, lambda _, content: session.say(content))

        async def take(item: Union[m.ClientMessage, bytes]) -> None:
            await (session.hear(item) if isinstance(item, bytes) else session.receive(item))

        async def listen() -> None:
            await emit(m.Ready(session_id=session_id, sender_id=sender_id, sample_rate=start.output_sample_rate))
            if first is not None:
                await take(first)
            while True:
                frame = await socket.recv()
                try:
                    await take(native.decode_client(frame))
                except ProtocolError as error:
                    await emit(m.Error(code=error.code, message=str(error)))

        session = Session(
            session_id,
            start,
            engines=self._engines,
            options=self._options,
            emit=emit,
            converse=converse,
            prompt_for=self._prompt_for,
        )
        await self._phrases.follow(self._model_archive())
        self._sessions[sender_id] = (session, socket)
        logger.info("%s started session %s.", sender_id, session_id)
        try:
            await session.run(listen())
        except (ConnectionClosed, WebsocketClosed, asyncio.CancelledError):
            # Sanic cancels a pending recv() when the client closes, so all three mean: the caller is gone.
            logger.info("%s ended session %s.", sender_id, session_id)
        finally:
            if self._sessions.get(sender_id, (None, None))[0] is session:
                del self._sessions[sender_id]

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


async def _first_message(socket: Any) -> Union[m.ClientMessage, bytes]:
    """Wait for the client to open the conversation; a client of sound alone does so with its first frame."""
    frame = await socket.recv(timeout=FIRST_MESSAGE_TIMEOUT_S)
    if frame is None:
        raise ProtocolError("no_start", f"Nothing was sent for {FIRST_MESSAGE_TIMEOUT_S:g} seconds; connect again.")
    return native.decode_client(frame)


async def _refuse(socket: Any, error: ProtocolError) -> None:
    with contextlib.suppress(ConnectionClosed, WebsocketClosed):  # who has hung up needs no explanation
        await socket.send(native.encode(m.Error(code=error.code, message=str(error))))
        await socket.close(_CLOSE_CODES.get(error.code, 4400), error.code)


def _code(error: ConvaiError) -> str:
    """``RecognitionError`` → ``recognition_failed``; the same codes as on the socket."""
    return type(error).__name__.replace("Error", "").lower() + "_failed"
