"""The routes of the channel: sockets and requests in, sessions and answers out. Knows nothing of Rasa."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Coroutine, Dict, Iterator, List, Optional, Set, Tuple, Union

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from convai_rasa.asr import build_prompt
from convai_rasa.errors import ConvaiError, ProtocolError
from convai_rasa.voice import limits
from convai_rasa.voice.bot import Bot, Content
from convai_rasa.voice.call import GONE, Call, Calls, Session, Strangers
from convai_rasa.voice.ears import BotPhrases, TurnEnding
from convai_rasa.voice.engines import Door, Engines
from convai_rasa.voice.http import page
from convai_rasa.voice.http.access import ONE_CALL, Access, Proof
from convai_rasa.voice.http.connection import Connection
from convai_rasa.voice.http.head import check_handshake
from convai_rasa.voice.http.notes import answer_note, read_note
from convai_rasa.voice.http.reception import Reception, State
from convai_rasa.voice.http.refusals import error_response, refuse
from convai_rasa.voice.http.telephone import Telephone
from convai_rasa.voice.http.uploads import leave_unread
from convai_rasa.voice.mouth import Emit
from convai_rasa.voice.options import VoiceOptions
from convai_rasa.voice.patience import within
from convai_rasa.voice.wire import Wire, messages as m, native

logger = logging.getLogger(__name__)

# Up to here a frame that is too large gets our own sentence; beyond, the websocket library closes the connection.
MAX_WEBSOCKET_MESSAGE = 8 * limits.MAX_FRAME_BYTES
LAG_EVERY_S = 0.05  # a stall is seen as up to this much shorter than it was
LAG = "event loop"
FINISHED_EVERY_S = 0.05


@dataclass(frozen=True)
class _Caller:
    """Whom a connection belongs to: their name, who has proven to be it, and whether they may see the bot's inside."""

    sender_id: str
    owner: Optional[str]
    may_inspect: bool


class VoiceServer:
    """Serves every caller of one process.

    Args:
        options: the channel's configuration.
        engines: the models.
        bot: whom they talk to.
        ending: decides when their turns are over.
    """

    def __init__(self, options: VoiceOptions, engines: Engines, bot: Bot, ending: TurnEnding) -> None:
        self._options = options
        self._engines = engines
        self._bot = bot
        self._ending = ending
        self._access = Access(options)
        self._door = Door()
        self._calls = Calls()
        self._reception = Reception(options, engines.load, lambda: self._calls.connected)
        self._strangers = Strangers(bot.forget)
        self._tasks: Set[asyncio.Future[None]] = set()  # connections being read, and conversations being held
        self._phrases = BotPhrases()
        self._model_archive: Callable[[], Optional[Path]] = lambda: None
        self._bot_name: Optional[str] = None
        self._says_goodbye = False
        self._hurried = asyncio.Event()

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
            await self.stream(request, socket)

        @blueprint.middleware("request")
        async def only_handshakes(request: Request) -> None:
            if request.route is not None and request.route.ctx.websocket:
                check_handshake(request)

        telephone = Telephone(self._options.twilio, self._serve_telephone, no_room=self._reception.no_room_for_calls)
        telephone.add_routes(blueprint)
        blueprint.add_route(page.serve_page, "/talk", methods=["GET"])
        blueprint.add_route(page.serve_page_file, "/talk/<name:path>", methods=["GET"])

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
        self._bot_name, self._model_archive = bot_name, model_archive
        self._reception.open()
        self._keep(self._feel_the_lag())

    def health(self) -> HTTPResponse:
        """``GET /``: whether the channel is up, whether it is warm, and how long work waits."""
        at_present = self._reception.state
        state: Dict[str, Any] = {
            "status": "stopping" if at_present is State.DRAINING else "ok",
            "ready": at_present in (State.READY, State.FULL),
            "state": at_present.value,
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
        note = await read_note(request, self._options)
        sender = self._access.sender(proof, note.sender)
        await self._phrases.follow(self._model_archive(), self._engines.language)
        sound_only = "audio/wav" in request.headers.get("accept", "")
        with self._perhaps_a_stranger(sender, note.sender or proof.subject):
            return await answer_note(
                note, sender, self._engines, self._options, self._bot, self._prompt_for, sound_only=sound_only
            )

    async def stream(self, request: Request, socket: Any) -> None:
        """``WS /stream``: the native protocol."""
        await self._serve(request, socket, native.NativeWire(), self._prove)

    async def _serve_telephone(self, request: Request, socket: Any, wire: Wire) -> None:
        await self._serve(None, socket, wire, _proven_by_wire)

    async def _serve(
        self,
        request: Optional[Request],
        socket: Any,
        wire: Wire,
        prove: Callable[[m.Start, Optional[Proof]], Tuple[str, Optional[str]]],
    ) -> None:
        """Serve one connection, whatever its wire format.

        Sanic cancels its handler when a client leaves; what the client had sent by then is dealt with all the same.

        Args:
            request: the handshake; None where the wire itself knows who may come in.
            socket: the connection.
            wire: translates its frames.
            prove: returns the sender_id and who has proven to be it, or raises ProtocolError.
        """
        connection = Connection(socket, limits.UNPROVEN_BYTES)
        await asyncio.shield(self._keep(self._talk_to(request, connection, wire, prove)))

    async def _talk_to(
        self,
        request: Optional[Request],
        connection: Connection,
        wire: Wire,
        prove: Callable[[m.Start, Optional[Proof]], Tuple[str, Optional[str]]],
    ) -> None:
        try:
            proof = self._at_the_door(request)
            if proof is not None:
                connection.trust()
            if proof is None or self._access.everybody:
                self._door.enter(connection, lambda: self._turn_away(connection))
            start, rest = await self._opening(connection, wire)
            caller = _Caller(*prove(start, proof), request is not None and self._access.may_inspect(request))
            connection.trust()
            await self._converse(connection, wire, start, rest, caller)
        except ProtocolError as error:
            await refuse(connection, wire, error)
        except GONE:
            logger.info("A client left before it had said anything.")

    def _at_the_door(self, request: Optional[Request]) -> Optional[Proof]:
        proof = None
        if request is not None:
            self._access.check_place(request)
            proof = self._access.at_the_door(request)
        self._reception.check_loaded()
        return proof

    async def _opening(self, connection: Connection, wire: Wire) -> Tuple[m.Start, List[Union[m.ClientMessage, bytes]]]:
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
        self._keep(connection.close(1013, "Too many connections are waiting to say who they are."))

    def _prove(self, start: m.Start, proof: Optional[Proof]) -> Tuple[str, Optional[str]]:
        proof = proof or self._access.prove(start.token)
        if "call" in start.metadata:
            raise ProtocolError("bad_message", "'metadata.call' is set by the telephone alone; use another key.")
        return self._access.sender(proof, start.sender_id), proof.subject

    async def push(self, sender_id: str, content: Content) -> None:
        """Say something to a caller who did not just speak, for example when a reminder is due."""
        await self._calls.push(sender_id, content)

    async def drain(self) -> None:
        """Take no new caller, and return when those who are here have gone, or after ``call.drain_s``."""
        self._reception.close()
        drain_s = self._options.call.drain_s
        if drain_s and self._somebody_is_here:
            self._log_who_is_here(
                "Draining: %d callers and %d voice notes have %g s to come to their own end.", drain_s
            )
            await self._unless_hurried(drain_s, self._everybody_has_gone())

    async def close(self) -> None:
        """Take no new caller, let the bot finish what it says to the others, say goodbye, and stop the models."""
        self._reception.close()
        self._says_goodbye = True
        goodbye_s = self._options.call.goodbye_s
        if goodbye_s and self._somebody_is_here and not self._hurried.is_set():
            self._log_who_is_here("Stopping: %d callers and %d voice notes have %g s to be answered.", goodbye_s)
            await self._unless_hurried(goodbye_s, self._finish())
        self.hurry()  # whoever still waits for callers to go need not
        await self._calls.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._engines.close()

    def hurry(self) -> None:
        """Wait for nobody anymore."""
        self._hurried.set()

    @property
    def _somebody_is_here(self) -> bool:
        return self._reception.was_open and bool(len(self._calls) or self._reception.notes)

    def _log_who_is_here(self, sentence: str, seconds: float) -> None:
        logger.info(sentence, self._calls.connected, self._reception.notes, seconds)

    async def _unless_hurried(self, seconds: float, work: Coroutine[Any, Any, None]) -> None:
        working, hurried = map(asyncio.ensure_future, (work, self._hurried.wait()))
        try:
            await asyncio.wait({working, hurried}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (working, hurried):
                each.cancel()
            await asyncio.gather(working, hurried, return_exceptions=True)

    async def _everybody_has_gone(self) -> None:
        while self._somebody_is_here:  # a lost connection may come back, and has a time of its own for that
            await asyncio.sleep(FINISHED_EVERY_S)

    async def _finish(self) -> None:
        await self._calls.finish(self._bot.goodbye())
        while self._reception.notes:
            await asyncio.sleep(FINISHED_EVERY_S)

    async def _converse(
        self,
        connection: Connection,
        wire: Wire,
        start: m.Start,
        rest: List[Union[m.ClientMessage, bytes]],
        caller: _Caller,
    ) -> None:
        call = None if self._says_goodbye else self._calls.find(start.session_id, caller.owner)
        resumed = call is not None
        if call is None:
            call = await self._open_call(start, caller)
        await call.serve(connection, wire, rest, resumed)

    async def _open_call(self, start: m.Start, caller: _Caller) -> Call:
        self._reception.check_open()
        await self._phrases.follow(self._model_archive(), self._engines.language)
        self._reception.check_pace()
        # What began on another server, or before this one was started, can only be gone on with where it is on record.
        goes_on = self._calls.began_elsewhere(start.session_id) and await self._bot.goes_on(caller.sender_id)
        self._reception.check_room(goes_on=goes_on)
        self._reception.let_in()
        self._calls.make_room(self._options.max_sessions)
        session_id = uuid.uuid4().hex

        def session_on(emit: Emit) -> Session:
            return Session(
                session_id,
                caller.sender_id,
                start,
                engines=self._engines,
                options=self._options,
                emit=emit,
                bot=self._bot,
                ending=self._ending,
                prompt_for=self._prompt_for,
                phrase_ends=self._phrases.ends,
                may_inspect=caller.may_inspect,
                goes_on=goes_on,
            )

        resume_s, about = self._options.call.resume_s, self._about(caller)
        call = Call(session_id, caller.sender_id, start, session_on, resume_s, caller.owner, about, goes_on)
        self._calls.add(call)
        self._keep(self._hold(call))
        return call

    def _about(self, caller: _Caller) -> Dict[str, Any]:
        """What `ready` says of the bot."""
        suggestions = self._options.suggestions
        return {
            "languages": self._engines.languages,
            "suggestions": self._phrases.suggestions if suggestions is None else suggestions,
            "inspect": caller.may_inspect,
            "page": page.fingerprint(),
            "replica": self._options.replica,
        }

    @contextlib.contextmanager
    def _perhaps_a_stranger(self, sender_id: str, name: Optional[str]) -> Iterator[None]:
        """Hold a conversation of a caller who gave a name, or proved one, or did neither."""
        if name and not name.startswith(ONE_CALL):
            self._strangers.came_back(sender_id)
            yield
            return
        try:
            yield
        finally:
            self._strangers.left(sender_id)

    async def _hold(self, call: Call) -> None:
        logger.info("%s started session %s.", call.sender_id, call.session_id)
        try:
            with self._perhaps_a_stranger(call.sender_id, call.start.sender_id or call.owner):
                await call.run()
        except ConvaiError as error:
            logger.warning("Session %s ended with an error: %s", call.session_id, error)
        finally:
            self._calls.remove(call)
            logger.info("%s ended session %s.", call.sender_id, call.session_id)

    async def _feel_the_lag(self) -> None:
        """Measure how late the event loop is: Rasa answers on it."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self._engines.load.note(LAG, loop.time() - due)

    def _keep(self, work: Any) -> asyncio.Future[Any]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _prompt_for(self, question: str) -> Optional[str]:
        return build_prompt(self._phrases.chosen, question) if self._options.asr.prompt else None


def _proven_by_wire(start: m.Start, proof: Optional[Proof]) -> Tuple[str, Optional[str]]:
    """Believe a telephone's wire, which lets no other calls through."""
    return start.sender_id or "", start.sender_id


async def _first_items(connection: Connection, wire: Wire) -> Tuple[m.Start, List[Union[m.ClientMessage, bytes]]]:
    while True:
        items = list(wire.receive(await connection.recv()))  # some wires greet each other first
        if items:
            first = items[0]
            return (first, items[1:]) if isinstance(first, m.Start) else (m.Start(), items)
