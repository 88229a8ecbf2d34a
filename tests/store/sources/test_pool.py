from __future__ import annotations

import threading
from typing import Any

import pytest

from convai_rasa.errors import DownloadError
from convai_rasa.store.progress import OverallBar, Progress, Stopped
from convai_rasa.store.sources import retries
from convai_rasa.store.sources.pool import THREADS, run_all, run_one


def test_all_jobs_are_done_a_few_at_once() -> None:
    together = threading.Barrier(THREADS, timeout=10)  # breaks if fewer run at once
    done: list[int] = []

    def job(number: int) -> Any:
        def run(stop: threading.Event) -> None:
            together.wait()
            done.append(number)

        return run

    run_all(job(number) for number in range(3 * THREADS))
    assert sorted(done) == list(range(3 * THREADS))


def test_no_jobs_are_soon_done() -> None:
    run_all([])


def test_one_job_has_a_result() -> None:
    assert run_one(lambda stop: stop.is_set()) is False


def test_the_first_failure_stops_the_others_and_is_what_is_raised() -> None:
    started = threading.Barrier(2, timeout=10)
    left: list[str] = []

    def fails(stop: threading.Event) -> None:
        started.wait()
        raise DownloadError("no such file")

    def waits(stop: threading.Event) -> None:
        started.wait()
        if stop.wait(10):
            left.append("stopped")
            raise retries.Stopped("stopped")

    with pytest.raises(DownloadError, match="no such file"):
        run_all([waits, fails])
    assert left == ["stopped"]


def test_a_job_that_does_not_hear_is_left_behind() -> None:
    deaf = threading.Event()

    def hangs(stop: threading.Event) -> None:
        deaf.wait(30)

    def fails(stop: threading.Event) -> None:
        raise DownloadError("gone")

    with pytest.raises(DownloadError, match="gone"):
        run_all([hangs, fails])
    assert not deaf.is_set()
    deaf.set()


def test_who_waits_hears_that_the_person_at_the_keyboard_wants_it_to_end() -> None:
    heard = threading.Event()

    def waits(stop: threading.Event) -> None:
        overall.stop()
        if stop.wait(10):
            heard.set()

    with OverallBar("all", 10) as overall, pytest.raises(Stopped):
        run_all([waits], Progress(overall=overall))
    assert heard.wait(10)
