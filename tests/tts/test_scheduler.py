from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable, Iterator

import pytest

from convai_rasa.errors import SynthesisError
from convai_rasa.tts.scheduler import Scheduler, Urgency

PATIENCE_S = 30.0


class Bench:
    """A scheduler, and jobs that wait for a word and then write down their name."""

    def __init__(self, stall_timeout_s: float) -> None:
        self.scheduler = Scheduler(stall_timeout_s)
        self.scheduler.start()
        self.done: list[str] = []
        self._callers = ThreadPoolExecutor(20)
        self._begun: dict[str, threading.Event] = {}
        self._words: dict[str, threading.Event] = {}

    def ask(self, name: str, urgency: Urgency = "more") -> Future[Any]:
        """Ask for a job, and return when it waits or has begun."""
        self._begun[name], self._words[name] = threading.Event(), threading.Event()
        asked = len(self._waiting_and_in_work())
        future = self._callers.submit(self.scheduler.do, lambda: self._work(name), urgency)
        until(lambda: len(self._waiting_and_in_work()) > asked or future.done())
        return future

    def begins(self, name: str) -> None:
        assert self._begun[name].wait(PATIENCE_S)

    def has_begun(self, name: str) -> bool:
        return self._begun[name].is_set()

    def say_the_word(self, *names: str) -> None:
        for name in names or list(self._words):
            self._words[name].set()

    def end(self) -> None:
        self.say_the_word()
        self.scheduler.close()
        self._callers.shutdown()

    def _work(self, name: str) -> str:
        self._begun[name].set()
        assert self._words[name].wait(PATIENCE_S)
        self.done.append(name)
        return name

    def _waiting_and_in_work(self) -> list[Any]:
        lanes = self.scheduler._live, self.scheduler._idle
        with self.scheduler._changed:
            return [job for lane in lanes for job in (*lane.waiting, lane.in_work) if job is not None]


def until(condition: Callable[[], bool]) -> None:
    give_up = threading.Event()
    for _ in range(int(PATIENCE_S / 0.005)):
        if condition():
            return
        give_up.wait(0.005)
    raise AssertionError("it did not happen")


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(PATIENCE_S)
    yield bench
    bench.end()


@pytest.fixture
def impatient() -> Iterator[Bench]:
    bench = Bench(0.05)
    yield bench
    bench.end()


def test_who_asked_first_is_first(bench: Bench) -> None:
    futures = [bench.ask(name) for name in "abcd"]
    bench.say_the_word()
    assert [future.result(PATIENCE_S) for future in futures] == bench.done == list("abcd")


def test_who_waits_in_silence_overtakes_others(bench: Bench) -> None:
    futures = [bench.ask(name) for name in "abc"]
    bench.begins("a")
    futures += [bench.ask(name, "first") for name in "xy"]
    bench.say_the_word()
    assert [future.result(PATIENCE_S) for future in futures] == list("abcxy")
    assert bench.done == list("axybc")


def test_what_nobody_waits_for_begins_when_nobody_else_asks(bench: Bench) -> None:
    live = bench.ask("live")
    idle = bench.ask("idle", "idle")
    bench.begins("live")
    assert not bench.has_begun("idle")
    bench.say_the_word("live")
    assert live.result(PATIENCE_S)
    bench.begins("idle")
    bench.say_the_word()
    assert idle.result(PATIENCE_S)


@pytest.mark.skipif(sys.platform != "linux", reason="where a thread has a priority of its own")
@pytest.mark.parametrize(("urgency", "more"), [("first", 0), ("more", 0), ("idle", 10)])
def test_what_nobody_waits_for_has_a_low_priority(bench: Bench, urgency: Urgency, more: int) -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    assert bench.scheduler.do(niceness, urgency) == niceness() + more


def test_nobody_waits_for_what_nobody_waits_for(bench: Bench) -> None:
    idle = bench.ask("idle", "idle")
    bench.begins("idle")
    live = bench.ask("live")
    bench.say_the_word("live")
    assert live.result(PATIENCE_S)
    assert not idle.done()


def test_an_error_is_for_who_asked(bench: Bench) -> None:
    for error in (ValueError("a text"), TimeoutError("a network"), SystemExit(3)):
        with pytest.raises(type(error), match=str(error)):
            bench.scheduler.do(lambda error=error: raises(error), "more")
    assert bench.scheduler.do(lambda: "fine", "more") == "fine"


def raises(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize("urgency", ["first", "idle"])
def test_a_job_that_hangs_is_left_behind_and_others_go_on(impatient: Bench, urgency: Urgency) -> None:
    hanging, next_one = impatient.ask("hanging", urgency), impatient.ask("next", urgency)
    impatient.say_the_word("next")  # beforehand, for it hangs as soon on a busy machine
    with pytest.raises(SynthesisError, match=r"silent for 0\.05 seconds; send the text again"):
        hanging.result(PATIENCE_S)
    assert next_one.result(PATIENCE_S) == "next"
    assert len(impatient.scheduler._hanging) == 1
    impatient.say_the_word("hanging")  # it comes back: what it made is for nobody
    until(lambda: not impatient.scheduler._hanging)
    assert impatient.scheduler.do(lambda: "fine", urgency) == "fine"


def test_an_engine_that_hangs_again_and_again_is_asked_no_more_until_it_comes_back(impatient: Bench) -> None:
    for name in ("one", "two", "three"):
        with pytest.raises(SynthesisError, match="silent"):
            impatient.ask(name).result(PATIENCE_S)
    with pytest.raises(SynthesisError, match=r"^The voice hangs in 3 texts; restart the server\.$"):
        impatient.scheduler.do(lambda: "fine", "first")
    impatient.say_the_word("two")
    until(lambda: len(impatient.scheduler._hanging) == 2)
    assert impatient.scheduler.do(lambda: "fine", "first") == "fine"


def test_closing_fails_what_waits_and_ends_the_threads(bench: Bench) -> None:
    futures = [bench.ask("in work"), bench.ask("waiting"), bench.ask("idle", "idle")]
    closing = threading.Thread(target=bench.scheduler.close)
    closing.start()
    for future in futures:
        with pytest.raises(SynthesisError, match="closed"):
            future.result(PATIENCE_S)
    with pytest.raises(SynthesisError, match="closed"):
        bench.scheduler.do(lambda: "late", "more")
    bench.say_the_word()
    closing.join(PATIENCE_S)
    assert bench.scheduler.close()
    assert not bench.done[1:]


def test_a_scheduler_that_hangs_says_so_when_it_is_closed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convai_rasa.tts.scheduler.CLOSE_TIMEOUT_S", 0.05)
    bench.ask("hanging")
    bench.begins("hanging")
    assert not bench.scheduler.close()
