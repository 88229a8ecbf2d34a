"""Connections and conversations: a caller who has come in gets a call, an old one or a new one."""

from __future__ import annotations

import contextlib
import functools
import logging
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path

from convai_rasa.asr import build_prompt
from convai_rasa.errors import ConvaiError
from convai_rasa.voice.call import Call, Calls, Host, Session
from convai_rasa.voice.ears import BotPhrases
from convai_rasa.voice.http import page
from convai_rasa.voice.http.access import ONE_CALL
from convai_rasa.voice.http.entrance import Arrival
from convai_rasa.voice.http.reception import Reception
from convai_rasa.voice.patience import Tasks
from convai_rasa.voice.wire import messages as m

logger = logging.getLogger(__name__)

KEPT_STRANGERS = 100  # conversations, to be looked at afterwards; each takes 5 to 50 KB of Rasa's memory


class Switchboard:
    """Holds the conversations of everybody who has come in."""

    def __init__(self, host: Host, calls: Calls, reception: Reception, tasks: Tasks) -> None:
        self._host = host
        self._strangers = Strangers(host.bot.forget)
        self._calls = calls
        self._reception = reception
        self._tasks = tasks
        self._phrases = BotPhrases()
        self.model_archive: Callable[[], Path | None] = lambda: None  # of the model that is loaded at present
        self.takes_back = True  # a client that was lost may still come back

    async def converse(self, arrival: Arrival) -> None:
        """Hold the conversation of one connection to its end; raises ``Busy`` where there is no room for a new one."""
        known = self._calls.find(arrival.start.session_id, arrival.owner) if self.takes_back else None
        call = known or await self._open_call(arrival)
        await call.serve(arrival.connection, arrival.wire, arrival.rest, known is not None)

    async def follow(self) -> None:
        """Know the words of the model that is loaded at present."""
        await self._phrases.follow(self.model_archive(), self._host.engines.language)

    def prompt_for(self, question: str) -> str | None:
        """Return the words that are likely to answer the bot's question."""
        return build_prompt(self._phrases.chosen, question) if self._host.options.asr.prompt else None

    @contextlib.contextmanager
    def perhaps_a_stranger(self, sender_id: str, name: str | None) -> Iterator[None]:
        """Hold a conversation of a caller who gave a name, or proved one, or did neither."""
        if name and not name.startswith(ONE_CALL):
            self._strangers.came_back(sender_id)
            yield
            return
        try:
            yield
        finally:
            self._strangers.left(sender_id)

    async def _open_call(self, arrival: Arrival) -> Call:
        start, sender_id = arrival.start, arrival.sender_id
        self._reception.check_open()
        await self.follow()
        self._reception.check_pace()
        # What began on another server, or before this one was started, can only be gone on with where it is on record.
        goes_on = self._calls.began_elsewhere(start.session_id) and await self._host.bot.goes_on(sender_id)
        self._reception.check_room(goes_on=goes_on)
        self._reception.let_in()
        self._calls.make_room(self._host.options.max_sessions)
        options = self._host.options
        ready = m.Ready(
            session_id=uuid.uuid4().hex,
            sender_id=sender_id,
            sample_rate=start.output_sample_rate,
            resume_s=options.call.resume_s,
            languages=self._host.engines.languages,
            suggestions=self._phrases.suggestions if options.suggestions is None else options.suggestions,
            inspect=arrival.may_inspect,
            page=page.fingerprint(),
            replica=options.replica,
        )
        session_on = functools.partial(
            Session,
            ready,
            start,
            self._host,
            prompt_for=self.prompt_for,
            phrase_ends=self._phrases.ends,
            goes_on=goes_on,
        )
        call = Call(ready, session_on, arrival.owner)
        self._calls.add(call)
        self._tasks.keep(self._hold(call, start.sender_id or arrival.owner))
        return call

    async def _hold(self, call: Call, name: str | None) -> None:
        logger.info("%s started session %s.", call.sender_id, call.session_id)
        try:
            with self.perhaps_a_stranger(call.sender_id, name):
                await call.run()
        except ConvaiError as error:
            logger.warning("Session %s ended with an error: %s", call.session_id, error)
        finally:
            self._calls.remove(call)
            logger.info("%s ended session %s.", call.sender_id, call.session_id)


class Strangers:
    """Lets the bot forget the conversations of callers who gave no name, the oldest first.

    Whoever gives no name gets one that is never given again, so their conversations would be kept for nobody. A client
    that comes back under the name it was given then has one like any other, and its conversation is kept. The latest
    are not forgotten yet.
    """

    def __init__(self, forget: Callable[[str], None], kept: int = KEPT_STRANGERS) -> None:
        self._forget = forget
        self._kept = kept
        self._left: OrderedDict[str, None] = OrderedDict()

    def left(self, sender_id: str) -> None:
        """A stranger's conversation is over."""
        self._left[sender_id] = None
        while len(self._left) > self._kept:
            self._forget(self._left.popitem(last=False)[0])

    def came_back(self, sender_id: str) -> None:
        """Somebody begins a conversation under a name of their own, which may be one that was given to them."""
        self._left.pop(sender_id, None)
