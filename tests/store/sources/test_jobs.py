from __future__ import annotations

import threading
from typing import Any

import pytest

from convai_rasa.errors import DownloadError
from convai_rasa.store.progress import OverallBar, Progress, Stopped
from convai_rasa.store.sources.jobs import PROGRESS_BYTES, THREADS, Abandoned, Transient, persist, run_all

pytestmark = pytest.mark.slow


def test_all_jobs_are_done_a_few_at_once() -> None:
    together = threading.Barrier(THREADS, timeout=10)  # breaks if fewer run at once
    done: list[int] = []

    def job(number: int) -> Any:
        def run() -> None:
            together.wait()
            done.append(number)

        return run

    run_all((job(number) for number in range(3 * THREADS)), threading.Event())
    assert sorted(done) == list(range(3 * THREADS))


def test_no_jobs_are_soon_done() -> None:
    run_all([], threading.Event())


def test_nothing_is_begun_that_nobody_needs() -> None:
    stop = threading.Event()
    stop.set()
    begun: list[int] = []
    with pytest.raises(Abandoned):
        run_all([lambda: begun.append(1)], stop)
    assert begun == []


def test_the_first_failure_stops_the_others_and_is_what_is_raised() -> None:
    started = threading.Barrier(2, timeout=10)
    stop = threading.Event()
    left: list[str] = []

    def fails() -> None:
        started.wait()
        raise DownloadError("no such file")

    def waits() -> None:
        started.wait()
        if stop.wait(10):
            left.append("stopped")
            raise Abandoned("stopped")

    with pytest.raises(DownloadError, match="no such file"):
        run_all([waits, fails], stop)
    assert left == ["stopped"]


def test_a_job_that_does_not_hear_is_left_behind() -> None:
    deaf = threading.Event()

    def hangs() -> None:
        deaf.wait(30)

    def fails() -> None:
        raise DownloadError("gone")

    with pytest.raises(DownloadError, match="gone"):
        run_all([hangs, fails], threading.Event())
    assert not deaf.is_set()
    deaf.set()


def test_who_waits_hears_that_the_person_at_the_keyboard_wants_it_to_end() -> None:
    heard, stop = threading.Event(), threading.Event()

    def waits() -> None:
        overall.stopped = True
        if stop.wait(10):
            heard.set()

    with OverallBar("all", 10) as overall, pytest.raises(Stopped):
        run_all([waits], stop, Progress(overall=overall))
    assert heard.wait(10)


def test_waits_grow_with_chance_in_them_and_end() -> None:
    waited: list[float] = []

    class Clock(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0)
            return False

    def fails() -> None:
        raise Transient("busy", "wait", tries=9)

    with pytest.raises(DownloadError, match=r"^busy, after 9 tries; wait$"):
        persist(fails, Clock())
    assert len(waited) == 8
    for number, seconds in enumerate(waited):
        assert min(30, 2**number) / 2 <= seconds <= min(30, 2**number)


def test_whoever_gets_further_may_go_on_trying() -> None:
    clock = type("Clock", (threading.Event,), {"wait": lambda self, timeout=None: False})()
    reached = [number * PROGRESS_BYTES for number in range(100)]
    tried: list[int] = []

    def fails() -> None:
        tried.append(1)
        raise Transient("cut", "go on")

    with pytest.raises(DownloadError, match=r"^cut, after 5 tries; go on$"):
        persist(fails, clock, reached=lambda: reached[min(len(tried), len(reached)) - 1])
    assert len(tried) == len(reached) + 4
