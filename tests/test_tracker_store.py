"""Conversations outlive the absence of their database, which is a real one: PostgreSQL, or a file of SQLite."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import sqlalchemy as sa
import yaml
from programs_around import Postgres
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from convai_rasa import tracker_store
from convai_rasa.tracker_store import SteadyTrackerStore

ROOT = Path(__file__).parents[1]
TYPE = "convai_rasa.tracker_store.SteadyTrackerStore"
HOST = "127.0.0.1"
START_S = 30.0
AWAY, BACK = "database is down", "database is back"
FELL_BACK = "Error happened when trying to"  # the failsafe store around ours logs it

pytestmark = pytest.mark.processes


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the time of waiting: what happens is the same."""
    monkeypatch.setattr(tracker_store, "RETRY_S", 0.1)
    monkeypatch.setattr(tracker_store, "ANSWER_S", 0.5)
    monkeypatch.setattr(tracker_store, "NEW_ANSWER_S", 1.0)
    monkeypatch.setitem(tracker_store.BOUNDS["sqlite"], "timeout", "0.1")


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's own user has to get in
        with socket.socket() as free:
            free.bind((HOST, 0))
            port = int(free.getsockname()[1])
        server = Postgres(Path(folder, "postgres"), port)
        yield server
        server.program.kill(signal.SIGQUIT)


@dataclass
class Database:
    """An empty database: what endpoints.yml would say of it, and how to see what is in it."""

    options: dict[str, Any]
    all_of: Callable[[], list[tuple[str, str]]]  # sender and JSON of each event, in order

    def store(self, **options: Any) -> FailSafeTrackerStore:
        """Return a store as Rasa makes it."""
        endpoint = EndpointConfig.from_dict({"type": TYPE, **self.options, **options})
        return FailSafeTrackerStore(TrackerStore.create(endpoint, Domain.empty()))

    def events(self, sender_id: str = "ann") -> list[dict[str, Any]]:
        return [json.loads(data) for sender, data in self.all_of() if sender == sender_id]

    def said(self, sender_id: str = "ann") -> list[str]:
        """Return what a person said, as far as it is on record."""
        return [event["text"] for event in self.events(sender_id) if event["event"] == "user"]


@pytest.fixture
def sqlite(tmp_path: Path) -> Database:
    place = tmp_path / "kept" / "rasa.db"
    place.parent.mkdir()

    def all_of() -> list[tuple[str, str]]:
        with contextlib.closing(sqlite3.connect(place)) as database:
            return database.execute("select sender_id, data from events order by id").fetchall()

    return Database({"dialect": "sqlite", "db": str(place)}, all_of)


@pytest.fixture
def postgres(server: Postgres, request: pytest.FixtureRequest) -> Database:
    name = "of" + str(abs(hash(request.node.name)))
    server.query(f"create database {name}", "postgres")

    def all_of() -> list[tuple[str, str]]:
        lines = server.query("select sender_id || ' ' || data from events order by id", name).splitlines()
        return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]

    options = {"dialect": "postgresql", "url": HOST, "port": str(server.program.port), "db": name, "username": "rasa"}
    return Database(options, all_of)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "convai_rasa")
    return caplog


async def turn(store: TrackerStore, text: str, sender_id: str = "ann", at: float | None = None) -> list[str]:
    """Do to a store what Rasa does in a turn, and return what the bot knows that the person has said."""
    tracker = await store.get_or_create_tracker(sender_id, append_action_listen=False)
    hear(tracker, text, at)
    await store.save(tracker)
    return said(tracker)


async def begun(database: Database) -> FailSafeTrackerStore:
    """Return a store with which a conversation has begun."""
    store = database.store()
    await turn(store, "a table")
    return store


async def anns(store: TrackerStore) -> DialogueStateTracker:
    tracker = await store.retrieve("ann")
    assert tracker
    return tracker


def hear(tracker: DialogueStateTracker, text: str, at: float | None = None) -> None:
    if not tracker.events:
        begin_session(tracker, at)
    tracker.update(UserUttered(text, {"name": "inform", "confidence": 0.9}, timestamp=at))
    tracker.update(BotUttered(f"You said {text}.", timestamp=at))
    tracker.update(ActionExecuted("action_listen", timestamp=at))


def begin_session(tracker: DialogueStateTracker, at: float | None = None) -> None:
    tracker.update(ActionExecuted("action_session_start", timestamp=at))
    tracker.update(SessionStarted(timestamp=at))
    tracker.update(ActionExecuted("action_listen", timestamp=at))


def said(tracker: DialogueStateTracker) -> list[str]:
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


async def until(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + START_S
    while not condition():
        assert time.monotonic() < give_up_at
        await asyncio.sleep(0.02)


def told(log: pytest.LogCaptureFixture, words: str) -> list[str]:
    return [record.getMessage() for record in log.records if words in record.getMessage()]


@contextlib.asynccontextmanager
async def outage(away: contextlib.AbstractContextManager[None], log: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """With the database away, and until everything is written; what an outage has to be like is checked."""
    with away:
        yield
        assert len(told(log, AWAY)) == 1
        assert not told(log, BACK)
    await until(lambda: bool(told(log, BACK)))
    assert len(told(log, AWAY)) == len(told(log, BACK)) == 1
    assert not told(log, FELL_BACK)


def check_record(database: Database, *texts: str, sender_id: str = "ann") -> None:
    """Check that one session is on record: everything, once, and in order."""
    wanted = ["action", "session_started", "action", *["user", "bot", "action"] * len(texts)]
    assert [event["event"] for event in database.events(sender_id)] == wanted
    assert database.said(sender_id) == list(texts)


@contextlib.contextmanager
def locked(database: Database) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(database.options["db"], isolation_level=None)) as other:
        other.execute("begin exclusive")
        yield
        other.execute("rollback")


@contextlib.contextmanager
def unmounted(database: Database) -> Iterator[None]:
    folder = Path(database.options["db"]).parent
    elsewhere = folder.rename(folder.with_name("elsewhere"))
    yield
    elsewhere.rename(folder)


Fault = Callable[[], contextlib.AbstractContextManager[None]]
FAULTS = ["postgres gone", "postgres frozen", "postgres read-only", "sqlite locked", "sqlite unmounted"]


@pytest.fixture(params=FAULTS)
def failing(request: pytest.FixtureRequest) -> tuple[Database, Fault]:
    """A database, and what takes it away."""
    kind, _, fault = request.param.partition(" ")
    database: Database = request.getfixturevalue(kind)
    if kind == "sqlite":
        ways: dict[str, Fault] = {"locked": lambda: locked(database), "unmounted": lambda: unmounted(database)}
    else:
        server: Postgres = request.getfixturevalue("server")
        ways = {
            "gone": server.gone,
            "frozen": server.program.frozen,
            "read-only": lambda: server.read_only(database.options["db"]),
        }
    return database, ways[fault]


async def test_rasa_makes_it_from_endpoints_yml(database: Database) -> None:
    store = database.store()
    assert type(store._tracker_store) is SteadyTrackerStore
    assert await turn(store, "hello") == ["hello"]
    assert await turn(store, "a table") == ["hello", "a table"]
    assert await turn(database.store(), "for two") == ["hello", "a table", "for two"]
    assert await store.keys() == ["ann"]
    assert await store.exists("ann")
    assert not await store.exists("bob")
    check_record(database, "hello", "a table", "for two")


async def test_its_table_is_that_of_rasas_own_store(database: Database) -> None:
    ours, theirs = database.store(), database.store(type="SQL")
    await turn(ours, "hello", "ann", at=5.0)
    await turn(theirs, "hello", "bob", at=5.0)
    table = SQLTrackerStore.SQLEvent.__table__
    columns = [column for name, column in table.columns.items() if name not in ("id", "sender_id")]
    with theirs._tracker_store.engine.connect() as connection:
        of_both = [
            connection.execute(sa.select(columns).where(table.c.sender_id == who).order_by(table.c.id)).all()
            for who in ("ann", "bob")
        ]
    assert of_both[0] == of_both[1]
    assert await turn(ours, "a table", "bob") == await turn(theirs, "a table", "ann") == ["hello", "a table"]


async def test_a_database_that_was_restarted_costs_nothing(
    server: Postgres, postgres: Database, log: pytest.LogCaptureFixture
) -> None:
    store = await begun(postgres)
    with server.gone():
        pass
    assert await turn(store, "for two") == ["a table", "for two"]
    check_record(postgres, "a table", "for two")
    assert not log.records


async def test_conversations_go_on_while_the_database_is_away(
    failing: tuple[Database, Fault], log: pytest.LogCaptureFixture
) -> None:
    database, fault = failing
    store = await begun(database)
    await turn(store, "hello", "bob")
    async with outage(fault(), log):
        assert await turn(store, "tomorrow") == ["a table", "tomorrow"]
        assert await turn(store, "for two") == ["a table", "tomorrow", "for two"]
        assert await turn(store, "good-bye", "bob") == ["hello", "good-bye"]
        assert await turn(store, "good morning", "eve") == ["good morning"]
        assert await turn(store, "a cake", "eve") == ["good morning", "a cake"]
    check_record(database, "a table", "tomorrow", "for two")
    check_record(database, "hello", "good-bye", sender_id="bob")  # who says nothing more
    check_record(database, "good morning", "a cake", sender_id="eve")
    assert "18 events were written late, 0 were lost" in told(log, BACK)[0]
    assert await turn(store, "at eight") == ["a table", "tomorrow", "for two", "at eight"]
    assert await turn(database.store(), "thanks") == ["a table", "tomorrow", "for two", "at eight", "thanks"]
    check_record(database, "a table", "tomorrow", "for two", "at eight", "thanks")


async def test_a_turn_that_began_before_the_outage_is_not_lost(
    failing: tuple[Database, Fault], log: pytest.LogCaptureFixture
) -> None:
    database, fault = failing
    store = await begun(database)
    tracker = await anns(store)
    async with outage(fault(), log):
        hear(tracker, "for two")
        await store.save(tracker)
        hear(tracker, "at eight")
        await store.save(tracker)
    check_record(database, "a table", "for two", "at eight")


async def test_an_outage_that_was_none_ends(sqlite: Database, log: pytest.LogCaptureFixture) -> None:
    """Rasa itself stood still, as when the machine sleeps: the database's thread is done, and waits for work."""
    store = await begun(sqlite)
    await asyncio.sleep(0.2)
    store._tracker_store._begin_outage("no answer")  # as the event loop finds when it goes on
    await turn(store, "for two")
    await until(lambda: bool(told(log, BACK)))
    check_record(sqlite, "a table", "for two")


async def test_a_database_that_hangs_stops_nobody_and_only_the_first_waits(
    server: Postgres, postgres: Database, log: pytest.LogCaptureFixture
) -> None:
    store = await begun(postgres)
    await turn(store, "hello", "bob")
    gaps = []

    async def tick() -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            gaps.append(time.monotonic() - before)

    ticking = asyncio.ensure_future(tick())
    async with outage(server.program.frozen(), log):
        assert await timed(turn(store, "for two")) < 1.0  # of ANSWER_S, 0.5 here
        assert await timed(turn(store, "at eight")) < 0.1
        assert await timed(turn(store, "a cake", "bob")) < 0.1
        assert await timed(turn(store, "hello", "eve")) < 0.1  # a call that is overdue is not waited for again
    ticking.cancel()
    assert max(gaps) < 0.3
    check_record(postgres, "a table", "for two", "at eight")


async def timed(doing: Awaitable[Any]) -> float:
    begun_at = time.monotonic()
    await doing
    return time.monotonic() - begun_at


def test_rasa_can_end_while_the_database_hangs(postgres: Database) -> None:
    postgres.store()  # makes the table
    code = f"""if True:
        import asyncio
        from convai_rasa import tracker_store
        tracker_store.NEW_ANSWER_S = 0.2
        options = {postgres.options!r}
        store = tracker_store.SteadyTrackerStore(host=options.pop("url"), **options)
        print(asyncio.run(store.retrieve("ann")))
    """
    with table_locked(postgres):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "None\n"


@contextlib.contextmanager
def table_locked(database: Database) -> Iterator[None]:
    options = database.options
    address = f"postgresql://rasa@{HOST}:{options['port']}/{options['db']}"
    with contextlib.closing(psycopg2.connect(address)) as other:
        other.cursor().execute("lock table events in access exclusive mode")
        yield
        other.rollback()


async def test_a_write_that_nobody_waits_for_any_more_is_not_done_twice(
    postgres: Database, log: pytest.LogCaptureFixture
) -> None:
    store = postgres.store()
    tracker = await store.get_or_create_tracker("ann", append_action_listen=False)
    hear(tracker, "a table")
    async with outage(table_locked(postgres), log):
        await store.save(tracker)
        await turn(store, "for two")
        await turn(store, "at eight")
    check_record(postgres, "a table", "for two", "at eight")


async def test_a_write_whose_answer_never_came_is_not_done_twice(
    database: Database, log: pytest.LogCaptureFixture
) -> None:
    store = await begun(database)

    def break_off(session: sa.orm.Session) -> None:
        sa.event.remove(sa.orm.Session, "after_commit", break_off)
        raise sa.exc.OperationalError("commit", {}, OSError("the connection broke"))

    sa.event.listen(sa.orm.Session, "after_commit", break_off)
    await turn(store, "for two")
    assert len(told(log, AWAY)) == 1
    assert database.said() == ["a table", "for two"]
    await turn(store, "at eight")
    await until(lambda: bool(told(log, BACK)))
    check_record(database, "a table", "for two", "at eight")


async def test_a_turn_that_was_cancelled_while_it_was_saved_is_on_record(postgres: Database) -> None:
    store = postgres.store()
    tracker = await store.get_or_create_tracker("ann", append_action_listen=False)
    hear(tracker, "a table")
    with table_locked(postgres):
        saving = asyncio.ensure_future(store.save(tracker))
        await asyncio.sleep(0.1)
        saving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await saving
    await until(lambda: postgres.said() == ["a table"])
    assert await turn(store, "for two") == ["a table", "for two"]
    check_record(postgres, "a table", "for two")


@pytest.mark.parametrize("jumps", [[-3_600.0], [86_400.0, 0.0], [-3_600.0, 86_400.0, -86_400.0]])
async def test_a_clock_that_was_set_loses_nothing(database: Database, jumps: list[float]) -> None:
    store = database.store()
    now = 1_700_000_000.0
    await turn(store, "hello", at=now)
    await turn(store, "a table", at=now)
    texts = ["hello", "a table"]
    for jump in jumps:
        for text in ("for two", "at eight"):
            texts.append(f"{text} at {jump:+}")
            assert await turn(store, texts[-1], at=now + jump) == texts
    assert await turn(database.store(), "thanks") == [*texts, "thanks"]
    check_record(database, *texts, "thanks")


async def test_a_session_that_began_while_the_clock_was_behind_is_the_newest(database: Database) -> None:
    store = database.store()
    await turn(store, "a table", at=5_000.0)
    tracker = await anns(store)
    begin_session(tracker, at=1_000.0)
    hear(tracker, "hello", at=1_000.0)
    await store.save(tracker)
    hear(tracker, "a cake", at=1_000.0)
    await store.save(tracker)  # the same tracker again, with two sessions in it
    assert await turn(store, "thanks", at=1_000.0) == ["hello", "a cake", "thanks"]
    assert database.said() == ["a table", "hello", "a cake", "thanks"]
    whole = await store.retrieve_full_tracker("ann")
    assert whole
    assert said(whole) == database.said()


async def test_a_session_that_begins_during_an_outage_is_the_newest(
    failing: tuple[Database, Fault], log: pytest.LogCaptureFixture
) -> None:
    database, fault = failing
    store = await begun(database)
    async with outage(fault(), log):
        tracker = await anns(store)
        begin_session(tracker)
        hear(tracker, "hello")
        await store.save(tracker)
        assert await turn(store, "a cake") == ["hello", "a cake"]
    assert await turn(store, "thanks") == ["hello", "a cake", "thanks"]
    assert database.said() == ["a table", "hello", "a cake", "thanks"]


async def test_two_rasas_share_a_database(database: Database) -> None:
    first, second = database.store(), database.store()
    assert await turn(first, "a table") == ["a table"]
    assert await turn(second, "for two") == ["a table", "for two"]
    assert await turn(first, "at eight") == ["a table", "for two", "at eight"]
    check_record(database, "a table", "for two", "at eight")


async def test_what_another_rasa_wrote_during_a_turn_is_neither_lost_nor_takes_the_place_of_it(
    database: Database,
) -> None:
    first, second = database.store(), database.store()
    await turn(first, "a table")
    tracker = await anns(first)
    await turn(second, "for two")
    assert await turn(first, "tomorrow") == ["a table", "for two", "tomorrow"]
    hear(tracker, "at eight")
    await first.save(tracker)
    check_record(database, "a table", "for two", "tomorrow", "at eight")


async def test_a_rasa_that_alone_lost_the_database_writes_behind_the_others(
    server: Postgres, postgres: Database, log: pytest.LogCaptureFixture
) -> None:
    other = postgres.store()
    name = postgres.options["db"]
    server.query(f"create role {name} login; grant all on events, events_id_seq to {name}", name)
    cut_off = postgres.store(username=name)
    await turn(cut_off, "a table")
    async with outage(server.closed_to(name), log):
        assert await turn(cut_off, "for two") == ["a table", "for two"]
        assert await turn(other, "at eight") == ["a table", "at eight"]
    check_record(postgres, "a table", "at eight", "for two")
    assert await turn(cut_off, "thanks") == ["a table", "at eight", "for two", "thanks"]


async def test_a_conversation_that_is_not_in_memory_begins_anew_and_goes_behind_what_there_was(
    server: Postgres, postgres: Database, log: pytest.LogCaptureFixture
) -> None:
    await turn(postgres.store(), "a table")
    store = postgres.store()
    async with outage(server.gone(), log):
        assert await turn(store, "for two") == ["for two"]
        assert await turn(store, "at eight") == ["for two", "at eight"]
    assert await turn(store, "thanks") == ["for two", "at eight", "thanks"]
    assert postgres.said() == ["a table", "for two", "at eight", "thanks"]


async def test_a_database_that_comes_back_empty_gets_its_table_back(
    postgres: Database, server: Postgres, log: pytest.LogCaptureFixture
) -> None:
    store = await begun(postgres)
    tracker = await anns(store)
    server.query("drop table events", postgres.options["db"])
    hear(tracker, "for two")
    await store.save(tracker)
    await until(lambda: bool(told(log, BACK)))
    assert postgres.said() == ["for two"]


async def test_a_tracker_that_was_made_elsewhere_begins_with_what_is_on_record(database: Database) -> None:
    store = await begun(database)
    for other in (store, database.store(), store):  # the second does not know the conversation yet
        session = database.events()[1:]  # from session_started on
        made = DialogueStateTracker.from_dict("ann", session, [])  # as Rasa's HTTP API makes it
        if len(session) < 8:
            hear(made, "for two")
        await other.save(made)
    check_record(database, "a table", "for two")


async def test_conversations_that_are_written_make_room_first(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tracker_store, "KEPT", 3)
    store = sqlite.store()
    for name in ("one", "two", "three"):
        await turn(store, "hello", name)
    async with outage(locked(sqlite), log):
        await turn(store, "a table", "one")
        await turn(store, "a cake", "four")
        assert await turn(store, "a table", "five") == ["a table"]
    for name, texts in {"one": ["hello", "a table"], "two": ["hello"], "four": ["a cake"], "five": ["a table"]}.items():
        assert sqlite.said(name) == texts
    assert "0 were lost" in told(log, BACK)[0]


@pytest.mark.parametrize(("bound", "value"), [("KEPT", 2), ("KEPT_CHARACTERS", 4_000)])
async def test_memory_is_bounded_and_it_says_what_is_lost(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture, bound: str, value: int
) -> None:
    monkeypatch.setattr(tracker_store, bound, value)
    store = sqlite.store()
    names = [f"caller-{number}" for number in range(8)]
    async with outage(locked(sqlite), log):
        for name in names:
            assert await turn(store, "a table", name) == ["a table"]
    kept = [name for name in names if sqlite.said(name)]
    assert 0 < len(kept) < len(names)
    assert kept == names[-len(kept) :]
    assert len(told(log, "conversations are being lost")) == 1
    lost = 6 * (len(names) - len(kept))
    assert f"{6 * len(kept)} events were written late, {lost} were lost" in told(log, BACK)[0]


async def test_conversations_are_forgotten_after_a_while(sqlite: Database) -> None:
    store = sqlite.store()
    memory = store._tracker_store._memory
    await turn(store, "hello", "ann")
    memory.find("ann").used_at -= tracker_store.KEPT_S
    await turn(store, "hello", "bob")
    assert memory.find("ann") is None
    assert memory.find("bob")


@pytest.mark.parametrize("sender_id", ["a" * 300, "a\0b"])
async def test_a_conversation_that_postgresql_refuses_is_no_outage(
    postgres: Database, log: pytest.LogCaptureFixture, sender_id: str
) -> None:
    store = postgres.store()
    await turn(store, "hello", sender_id)
    assert told(log, FELL_BACK)  # as with Rasa's own store
    assert not told(log, AWAY)
    assert await turn(store, "a table") == ["a table"]
    check_record(postgres, "a table")


async def test_a_conversation_that_postgresql_refuses_does_not_keep_the_others_waiting(
    server: Postgres, postgres: Database, log: pytest.LogCaptureFixture
) -> None:
    store = postgres.store()
    async with outage(server.gone(), log):
        for name in ("a" * 300, "ann", "b" * 300):
            await turn(store, "hello", name)
    check_record(postgres, "hello")
    assert "6 events were written late, 12 were lost" in told(log, BACK)[0]


async def test_the_log_says_what_is_wrong_and_not_what_people_say(
    sqlite: Database, log: pytest.LogCaptureFixture
) -> None:
    log.set_level(logging.DEBUG, "convai_rasa")
    store = sqlite.store()
    async with outage(locked(sqlite), log):
        await turn(store, "my number is 4711")
        await asyncio.sleep(0.3)
    assert told(log, AWAY)[0].endswith("database is locked")
    assert not told(log, "4711")


class Broker(EventBroker):
    def __init__(self) -> None:
        self.texts: list[str] = []

    def publish(self, event: dict[str, Any]) -> None:
        if event["event"] == "user":
            self.texts.append(event["text"])


async def test_a_broker_gets_each_event_once(sqlite: Database, log: pytest.LogCaptureFixture) -> None:
    broker = Broker()
    store = SteadyTrackerStore(Domain.empty(), event_broker=broker, **sqlite.options)
    await turn(store, "a table")
    async with outage(locked(sqlite), log):
        await turn(store, "for two")
        await turn(store, "at eight")
    await turn(store, "thanks")
    assert broker.texts == ["a table", "for two", "at eight", "thanks"]


def test_calls_are_bounded_in_time_unless_the_configuration_says_how() -> None:
    url = SteadyTrackerStore.get_db_url("postgresql", "db.example", query={"connect_timeout": "30"})
    assert url.query["connect_timeout"] == "30"
    assert url.query["tcp_user_timeout"] == "5000"
    whole = SteadyTrackerStore.get_db_url(host="postgresql://rasa@db.example/rasa")
    assert whole.query["connect_timeout"] == "2"
    assert whole.host == "db.example"


def test_the_composition_and_the_documentation_use_it(tmp_path: Path) -> None:
    shipped = yaml.safe_load((ROOT / "docker" / "endpoints.yml").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "components" / "tracker_store.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```text\n(tracker_store:.*?)```", page, re.DOTALL)
    for given in (shipped, yaml.safe_load(shown)):
        options = given["tracker_store"]
        assert options["dialect"] == "postgresql"
        assert options.keys() == {"type", "dialect", "url", "port", "db", "username", "password"}
        file = {"type": options["type"], "dialect": "sqlite", "db": str(tmp_path / "rasa.db")}
        assert type(TrackerStore.create(EndpointConfig.from_dict(file))) is SteadyTrackerStore
