"""Rasa's SQL tracker store, for conversations that go on while the database does not.

Rasa's own store loses what is said while its database is away, and hears nothing that is said after the clock was set
back. ``SteadyTrackerStore`` keeps the latest conversations in memory as well. It answers from there when the database
fails, and writes what is missing once the database is back: everything, once, and in order.

Everything is done to the database in one thread. So no database, however slow, stops Rasa's event loop, and what is
written late is never written twice: a call that nobody waits for any more ends before the next one begins.

What it cannot do: what is missing in the database is lost if Rasa ends before the database is back, and other Rasa
processes do not see it until then. If one conversation is answered by two processes meanwhile, each knows only its own
half; afterwards both halves are there, one behind the other. A conversation that this process has not had lately
begins anew if its next message comes while the database is away.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import queue
import threading
import time
from collections import Counter, OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Callable, Iterable, Optional, TypeVar

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore, create_engine_kwargs
from rasa.shared.core.events import Event, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Query, Session, sessionmaker

logger = logging.getLogger(__name__)

ANSWER_S = 2.0  # a database of the same network answers within 0.01 s; a caller hears this silence once an outage
NEW_ANSWER_S = 5.0  # without an answer, a conversation that is not in memory begins anew: worth a longer silence
RETRY_S = 1.0  # between two attempts to reach a database that is away
KEPT = 1_000  # conversations
KEPT_CHARACTERS = 50_000_000  # of JSON, about 50 MB; a spoken turn with its actions takes about 5,000
KEPT_S = 3_600.0  # Rasa's default for the length of a session: an older conversation begins anew anyway
BOUNDS = {  # for the drivers: a call that nobody waits for holds up the ones behind it
    # 2 s is libpq's least. A server that vanished without a word is noticed after 5 s, instead of 15 minutes.
    "postgresql": {
        "connect_timeout": "2",
        "keepalives_idle": "5",
        "keepalives_interval": "1",
        "keepalives_count": "3",
        "tcp_user_timeout": "5000",
    },
    "sqlite": {"timeout": "1"},  # for other programs' locks
}

_KNOWN = "events_on_record"  # of a tracker: how many of its events are in the database, or in memory to be written
_T = TypeVar("_T")


class DatabaseAwayError(Exception):
    """The database cannot be used now, whatever is asked of it."""


@dataclass
class KeptConversation:
    """What is known of a conversation; its events are those since the session began, oldest first."""

    sender_id: str
    rows: list[str] = field(default_factory=list)  # each event as the JSON that is in the database
    missing: list[dict[str, Any]] = field(default_factory=list)  # those not in the database yet, as its columns
    last_id: int = 0  # of the newest event in the database that this process read or wrote; 0 if it knows none
    used_at: float = 0.0  # monotonic seconds
    size: int = 0  # characters of rows and missing


class ConversationMemory:
    """The latest conversations, bounded in number, size and age; for several threads.

    Those that are wholly in the database make room first. Only if there are none left, events are lost.
    """

    def __init__(self) -> None:
        self.lost = 0  # events that were dropped before they were written
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, KeptConversation] = OrderedDict()  # the one that was used last at the end
        self._size = 0

    def find(self, sender_id: str) -> Optional[KeptConversation]:
        """Return a conversation, or None if it is not in memory."""
        with self._lock:
            return self._kept.get(sender_id)

    def rows(self, sender_id: str) -> list[str]:
        """Return the events of a conversation, which is in memory from now on."""
        with self._lock:
            kept = self._use(sender_id)
            self._measure(kept)
            return list(kept.rows)

    def read(self, sender_id: str, rows: list[str], last_id: int) -> None:
        """Note what the database has of a session, unless more of it is known here."""
        with self._lock:
            kept = self._use(sender_id)
            if not kept.missing:
                kept.rows = rows
                kept.last_id = last_id
                self._measure(kept)

    def add(self, sender_id: str, events: list[dict[str, Any]]) -> KeptConversation:
        """Note new events, which are missing in the database."""
        with self._lock:
            kept = self._use(sender_id)
            kept.missing += events
            for event in events:
                if event["type_name"] == SessionStarted.type_name:
                    kept.rows = []
                kept.rows.append(event["data"])
            self._measure(kept)
            return kept

    def missing(self, kept: KeptConversation) -> tuple[list[dict[str, Any]], int]:
        """Return what is missing in the database, and the id behind which it belongs."""
        with self._lock:
            return list(kept.missing), kept.last_id

    def settle(self, kept: KeptConversation, count: int, last_id: Optional[int]) -> None:
        """Note that the first of the missing events are in the database now, up to this id, or lost: None."""
        with self._lock:
            del kept.missing[:count]
            if last_id is None:
                self.lost += count
            else:
                kept.last_id = last_id
            self._measure(kept)

    def unwritten(self) -> list[KeptConversation]:
        """Return the conversations of which something is missing."""
        with self._lock:
            return [kept for kept in self._kept.values() if kept.missing]

    def _use(self, sender_id: str) -> KeptConversation:
        kept = self._kept.setdefault(sender_id, KeptConversation(sender_id))
        kept.used_at = time.monotonic()
        self._kept.move_to_end(sender_id)
        return kept

    def _measure(self, kept: KeptConversation) -> None:
        size = sum(map(len, kept.rows)) + sum(len(event["data"]) for event in kept.missing)
        if self._kept.get(kept.sender_id) is kept:
            self._size += size - kept.size
        kept.size = size
        while self._kept and self._is_too_much():
            written = (other.sender_id for other in self._kept.values() if not other.missing)
            self._drop(next(written, next(iter(self._kept))))

    def _is_too_much(self) -> bool:
        oldest = next(iter(self._kept.values()))
        is_old = not oldest.missing and time.monotonic() - oldest.used_at > KEPT_S
        return is_old or len(self._kept) > KEPT or self._size > KEPT_CHARACTERS

    def _drop(self, sender_id: str) -> None:
        dropped = self._kept.pop(sender_id)
        self._size -= dropped.size
        if dropped.missing and not self.lost:
            logger.error("Too much is waiting for the database, so the longest silent conversations are being lost.")
        self.lost += len(dropped.missing)


class SteadyTrackerStore(SQLTrackerStore):
    """Rasa's ``SQLTrackerStore``, whose conversations outlive its database's absence; see the module.

    Takes the same options, ``dialect``, ``url``, ``db`` and so on, and has the same table. For PostgreSQL and for
    SQLite's files, not for its databases in memory, because each thread would have its own.
    """

    engine: Engine

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._memory = ConversationMemory()
        self._work: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: Optional[threading.Thread] = None
        self._overdue: Optional[Future[Any]] = None  # a call that nobody waits for any more
        self._away = False
        self._late = 0
        # Once more, because Rasa lets nobody say that connections are to be tried before they are used.
        url = self.engine.url
        self.engine.dispose()
        self.engine = sa.create_engine(url, pool_pre_ping=True, **create_engine_kwargs(url))
        self.sessionmaker = sessionmaker(bind=self.engine)

    @staticmethod
    def get_db_url(*args: Any, **kwargs: Any) -> URL:
        """Return the database's address, with bounds of time unless the configuration has its own."""
        url = make_url(SQLTrackerStore.get_db_url(*args, **kwargs))
        return url.set(query={**BOUNDS.get(url.drivername, {}), **url.query})

    async def keys(self) -> Iterable[str]:
        """Return the ids of all senders in the database."""
        return await self._ask(self._sender_ids, NEW_ANSWER_S)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep a tracker's new events and, if the database answers, write them."""
        await self.stream_events(tracker)
        known = getattr(tracker, _KNOWN, None)
        if known is None:  # it does not come from here, so Rasa's own rule: it begins with what is there already
            known = len(await self._rows(tracker.sender_id, all_sessions=False))
        events = [_columns(event, tracker.sender_id) for event in itertools.islice(tracker.events, known, None)]
        setattr(tracker, _KNOWN, len(tracker.events))
        if not events:
            return
        kept = self._memory.add(tracker.sender_id, events)
        if not self._away:  # else the thread writes them, when it can
            with contextlib.suppress(DatabaseAwayError):
                await self._ask(partial(self._write, kept), ANSWER_S)

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> Optional[DialogueStateTracker]:
        rows = await self._rows(sender_id, all_sessions=fetch_events_from_all_sessions)
        if not rows:
            return None
        tracker = DialogueStateTracker.from_dict(sender_id, [json.loads(row) for row in rows], self.domain.slots)
        setattr(tracker, _KNOWN, len(tracker.events))
        return tracker

    async def _rows(self, sender_id: str, *, all_sessions: bool) -> list[str]:
        """Return a conversation's events; of this session alone while the database is away."""
        kept = self._memory.find(sender_id)
        if kept is None or not self._away:
            with contextlib.suppress(DatabaseAwayError):
                wait_s = NEW_ANSWER_S if kept is None else ANSWER_S
                return await self._ask(partial(self._read, sender_id, all_sessions), wait_s)
        return self._memory.rows(sender_id)

    async def _ask(self, work: Callable[[], _T], wait_s: float) -> _T:
        """Do something in the database's thread.

        Raises:
            DatabaseAwayError: it failed or takes longer. What takes longer is still done.
        """
        if self._overdue is not None and not self._overdue.done():
            raise DatabaseAwayError
        future: Future[_T] = Future()
        self._work.put((future, work))
        with self._lock:
            if self._thread is None:
                # A daemon, and no executor, because those keep Rasa from ending as long as the database hangs.
                self._thread = threading.Thread(target=self._serve, name="tracker store", daemon=True)
                self._thread.start()
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), wait_s)
        except asyncio.TimeoutError:
            self._overdue = future
            self._begin_outage(f"no answer within {wait_s:g} s")
            raise DatabaseAwayError from None

    def _serve(self) -> None:
        try_at = 0.0
        while True:
            wait_s = max(0.0, try_at - time.monotonic()) if self._away else None
            with contextlib.suppress(queue.Empty):
                self._do(*self._work.get(timeout=wait_s))
            if self._away and time.monotonic() >= try_at:
                self._catch_up()
                try_at = time.monotonic() + RETRY_S

    def _do(self, future: Future[Any], work: Callable[[], Any]) -> None:
        try:
            future.set_result(work())
        except Exception as error:
            if _is_away(error):
                self._begin_outage(_reason(error))
            future.set_exception(DatabaseAwayError() if _is_away(error) else error)

    def _begin_outage(self, reason: str) -> None:
        with self._lock:
            if self._away:
                return
            self._away = True
            self._late = self._memory.lost = 0
        self._work.put((Future(), lambda: None))  # the thread may be waiting for work without a limit
        logger.error("The conversation database is down, so conversations continue from memory: %s", reason)

    def _catch_up(self) -> None:
        """Write what is missing, and end the outage if that was everything."""
        kept = None
        try:
            # Also where there was no database yet when Rasa started, or where it came back empty.
            self.Base.metadata.create_all(self.engine)
            for kept in self._memory.unwritten():
                self._write(kept)
        except Exception as error:
            logger.debug("The conversation database is still down: %s", _reason(error))
            if kept is not None:
                self._memory.rows(kept.sender_id)  # to the end: next time the others come first
            return
        with self._lock:
            self._away = bool(self._memory.unwritten())
            if self._away:
                return
        late, lost = self._late, self._memory.lost
        logger.warning("The conversation database is back: %d events were written late, %d were lost.", late, lost)

    def _sender_ids(self) -> list[str]:
        with self.sessionmaker() as session:
            return [sender_id for (sender_id,) in session.query(self.SQLEvent.sender_id).distinct()]

    def _read(self, sender_id: str, all_sessions: bool) -> list[str]:
        kept = self._memory.find(sender_id)
        if kept is not None:
            self._write(kept)
        with self.sessionmaker() as session:
            found = [(event.id, event.data) for event in self._event_query(session, sender_id, all_sessions)]
        rows = [data for _, data in found]
        if not all_sessions:
            self._memory.read(sender_id, rows, found[-1][0] if found else 0)
        return list(rows)

    def _write(self, kept: KeptConversation) -> None:
        events, last_id = self._memory.missing(kept)
        if not events:
            return
        try:
            with self.sessionmaker() as session:
                newer = self._event_query(session, kept.sender_id, True).filter(self.SQLEvent.id > last_id).all()
                # Another process's, or our own: a connection may break after a commit and before its answer.
                there = Counter(event.data for event in newer)
                added = []
                for event in events:
                    if there[event["data"]]:
                        there[event["data"]] -= 1
                    else:
                        added.append(self.SQLEvent(**event))
                session.add_all(added)
                session.flush()
                newest = max(event.id for event in [*newer, *added])
                session.commit()
        except Exception as error:
            if not _is_away(error):
                self._memory.settle(kept, len(events), None)  # or they would be tried for ever
            raise
        self._memory.settle(kept, len(events), newest)
        if self._away:
            self._late += len(events)

    def _event_query(self, session: Session, sender_id: str, fetch_events_from_all_sessions: bool) -> Query:
        """Return the query for a sender's events, by their order and not, as Rasa's, by the clock of their time."""
        of_sender = self.SQLEvent.sender_id == sender_id
        events = session.query(self.SQLEvent).filter(of_sender)
        if not fetch_events_from_all_sessions:
            begun = session.query(sa.func.max(self.SQLEvent.id)).filter(
                of_sender, self.SQLEvent.type_name == SessionStarted.type_name
            )
            events = events.filter(self.SQLEvent.id >= sa.func.coalesce(begun.scalar_subquery(), 0))
        return events.order_by(self.SQLEvent.id)


def _columns(event: Event, sender_id: str) -> dict[str, Any]:
    data = event.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


def _is_away(error: Exception) -> bool:
    """Whether it is the database's fault; data that it refuses is that of one conversation."""
    return isinstance(error, SQLAlchemyError) and not isinstance(error, (DataError, IntegrityError))


def _reason(error: Exception) -> str:
    # The database's own words: SQLAlchemy's would say what people said.
    return next(iter(str(getattr(error, "orig", None) or error).strip().splitlines()), type(error).__name__)
