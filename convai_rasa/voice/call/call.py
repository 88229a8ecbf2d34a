"""The conversations of one process. Each outlives its connection for a while, so that a client can come back."""

from __future__ import annotations

import asyncio
import collections
import logging
from typing import Any, Callable, Dict, Iterable, List, Optional, Union

from sanic.exceptions import SanicException, WebsocketClosed
from websockets.exceptions import ConnectionClosed

from convai_rasa.errors import ProtocolError
from convai_rasa.voice.bot import Content
from convai_rasa.voice.call.session import Session
from convai_rasa.voice.mouth import Emit
from convai_rasa.voice.patience import Tasks, heed, until_first
from convai_rasa.voice.wire import Frame, Wire, messages as m

logger = logging.getLogger(__name__)

GONE = (ConnectionClosed, WebsocketClosed)
_MOST_ENDED = 1_000  # conversations known to be over; whoever comes back later than that many others is forgotten
_MOST_KEPT = 256  # messages that wait for a lost client; what is older is of no use to anybody


class Line:
    """The connection of one conversation, which may be lost and come back; messages wait for it, sound does not."""

    def __init__(self) -> None:
        self.socket: Any = None  # at present
        self._wire: Optional[Wire] = None
        self._kept: List[m.ServerMessage] = []

    async def connect(self, socket: Any, wire: Wire, greeting: m.ServerMessage) -> None:
        """Use a socket from now on; a greeting goes first, then what was kept."""
        self.socket, self._wire = socket, wire
        kept, self._kept = self._kept, []
        for message in (greeting, *kept):
            await self.send(message)

    def disconnect(self, socket: Any) -> bool:
        """The socket is closed; False when another one has taken its place already."""
        if self.socket is not socket:
            return False
        self.socket = self._wire = None
        return True

    async def send(self, item: Union[m.ServerMessage, bytes]) -> None:
        """Send a message or sound, if somebody is there."""
        socket, wire = self.socket, self._wire  # which may be lost between two frames
        if socket is None or wire is None:
            self._keep(item)
            return
        for frame in wire.send(item):
            if not await _was_sent(socket, frame):
                self._keep(item)
                return

    def _keep(self, item: Union[m.ServerMessage, bytes]) -> None:
        if not isinstance(item, (bytes, m.AudioStart, m.AudioEnd)) and len(self._kept) < _MOST_KEPT:
            self._kept.append(item)


async def _was_sent(socket: Any, frame: Frame) -> bool:
    """Send a frame; False if the connection is gone."""
    # On a socket that breaks at this moment Sanic raises CanceledError, as if whoever sends were to stop. In a task of
    # its own it is told from that.
    sending = asyncio.ensure_future(socket.send(frame))
    sending.add_done_callback(heed)  # whoever sends may be canceled meanwhile
    await asyncio.wait({sending})
    if sending.cancelled():
        return False
    error = sending.exception()
    if error is None or isinstance(error, (ConnectionClosed, SanicException)):
        return error is None
    raise error


class Call:
    """One conversation with its connection; ``ready`` is what its client is told first."""

    def __init__(self, ready: m.Ready, session_on: Callable[[Emit], Session], owner: Optional[str] = None) -> None:
        self.session_id = ready.session_id
        self.sender_id = ready.sender_id
        self.owner = owner  # who has proven to be the caller; None: nobody has
        self.present = True  # the client is there, or about to be
        self.line = Line()
        self.session = session_on(self.line.send)
        self._ready = ready
        self._over = asyncio.Event()  # the client has left for good
        self._waiting_for_return: Optional[asyncio.TimerHandle] = None
        self._reading = asyncio.Lock()
        self._readers = Tasks()
        self._said_bye = False

    async def run(self) -> None:
        """Hold the conversation until the client has left for good, the bot has ended it, or it failed."""
        talking: asyncio.Future[Any] = asyncio.ensure_future(self.session.run())
        code = 1000
        try:
            done = await until_first(talking, self._over.wait(), self.session.over.wait())
            if talking in done and not talking.cancelled() and talking.exception() is not None:
                code = 1011
                logger.error("Session %s failed.", self.session_id, exc_info=talking.exception())
        finally:
            if self.line.socket is not None:
                await self.line.socket.close(code, "The conversation is over.")
            await self._readers.cancel()  # what they read would be for nobody
            self._expect_return(False)
        await self.session.end()

    def leave(self) -> None:
        """Treat a lost client as gone for good."""
        self._over.set()

    async def serve(
        self, socket: Any, wire: Wire, rest: Iterable[Union[m.ClientMessage, bytes]], resumed: bool
    ) -> None:
        """Read one connection until it ends, and all that was sent on it is dealt with: first what was read already.

        ``resumed`` is whether the conversation had begun on another connection.
        """
        ready = self._ready.copy(update={"resumed": resumed})
        reader = self._readers.keep(self._serve(socket, wire, rest, ready))
        await asyncio.wait({reader})
        if not reader.cancelled():
            reader.result()

    async def _serve(
        self, socket: Any, wire: Wire, rest: Iterable[Union[m.ClientMessage, bytes]], ready: m.Ready
    ) -> None:
        replaced = self.line.socket
        self.present = True
        self._expect_return(False)
        socket.on_end = lambda: self._lost(socket)
        try:
            if replaced is not None:
                await self.session.lost()  # before its connection was seen to be: what it had to play is sent again
            await self.line.connect(socket, wire, ready)
            if replaced is not None:
                await replaced.close(4409, "The conversation continues on another connection.")
            async with self._reading:  # what came over an earlier connection comes first
                if ready.resumed:
                    await self.session.found()
                await self._read(socket, wire, rest)
        except GONE:
            logger.info("%s left session %s.", self.sender_id, self.session_id)
        finally:
            self._lost(socket)
            if self.line.socket is None:
                await self.session.lost()

    def _lost(self, socket: Any) -> None:
        """The client is gone, perhaps for a moment; what it sent before may still be dealt with."""
        if self.line.disconnect(socket):
            self.present = False
            self.session.hold_back()
            if self._said_bye:
                self._over.set()
            else:
                self._expect_return(True)

    def _expect_return(self, expected: bool) -> None:
        if self._waiting_for_return is not None:
            self._waiting_for_return.cancel()
            self._waiting_for_return = None
        if expected:
            loop = asyncio.get_running_loop()
            self._waiting_for_return = loop.call_later(self._ready.resume_s, self._over.set)

    async def _read(self, socket: Any, wire: Wire, rest: Iterable[Union[m.ClientMessage, bytes]]) -> None:
        for item in rest:
            await self._take(item)
        while not self._said_bye:
            frame = await socket.recv()
            try:
                for item in wire.receive(frame):
                    await self._take(item)
            except ProtocolError as error:
                await self.line.send(m.Error(code=error.code, message=str(error)))
            await asyncio.sleep(0)  # a client that sends without a pause must not keep others waiting

    async def _take(self, item: Union[m.ClientMessage, bytes]) -> None:
        if isinstance(item, m.Bye):
            self._said_bye = True
            if not self.present:  # it was read after its connection had ended
                self._over.set()
        elif isinstance(item, bytes):
            await self.session.hear(item)
        else:
            await self.session.receive(item)


class Calls:
    """All conversations, by session and by caller."""

    def __init__(self) -> None:
        self._by_session: Dict[str, Call] = {}
        self._by_sender: Dict[str, Call] = {}
        self._ended: collections.deque[str] = collections.deque(maxlen=_MOST_ENDED)

    def __len__(self) -> int:
        return len(self._by_session)

    def add(self, call: Call) -> None:
        """A conversation begins."""
        self._by_session[call.session_id] = self._by_sender[call.sender_id] = call

    def remove(self, call: Call) -> None:
        """A conversation is over."""
        self._by_session.pop(call.session_id, None)
        self._ended.append(call.session_id)
        if self._by_sender.get(call.sender_id) is call:
            del self._by_sender[call.sender_id]

    @property
    def connected(self) -> int:
        """How many clients are there at the moment."""
        return sum(call.present for call in self._by_session.values())

    def make_room(self, places: int) -> None:
        """Let the client that was lost first go, if all places are taken."""
        lost = [call for call in self._by_session.values() if not call.present]
        if len(self) >= places and lost:
            lost[0].leave()

    def find(self, session_id: Optional[str], owner: Optional[str]) -> Optional[Call]:
        """Return the conversation of that name, if it is not over and its caller has proven to be the same."""
        call = self._by_session.get(session_id) if session_id else None
        return call if call is not None and call.owner == owner else None

    def began_elsewhere(self, session_id: Optional[str]) -> bool:
        """Whether a client comes back with a conversation that was never held here."""
        return session_id is not None and session_id not in self._by_session and session_id not in self._ended

    async def push(self, sender_id: str, content: Content) -> None:
        """Say something to a caller who did not just speak, for example when a reminder is due."""
        call = self._by_sender.get(sender_id)
        if call is None:
            logger.warning("Nobody is connected as %s: a message of the bot was not delivered.", sender_id)
            return
        await call.session.say(content)

    async def finish(self, farewell: str) -> None:
        """Let every bot say what it has begun to say, and goodbye; no turn is begun any more."""
        present = [call for call in self._by_session.values() if call.line.socket is not None]
        await asyncio.gather(*(call.session.finish(farewell) for call in present))

    async def close(self) -> None:
        """Tell every client that the server stops."""
        sockets = [call.line.socket for call in self._by_session.values() if call.line.socket is not None]
        await asyncio.gather(*(socket.close(1001, "The server is stopping.") for socket in sockets))
