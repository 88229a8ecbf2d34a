from __future__ import annotations

import subprocess
import threading
import time
from typing import Any, Callable

import pytest
from voice_processes import LETTER, gone_within, kill, kill_and_see_it_back, wait_until

from convai_rasa.errors import SynthesisError
from convai_rasa.tts import SynthesisWorker
from convai_rasa.tts import supervisor as supervisor_module
from convai_rasa.tts.synthesizer import join_chunks
from convai_rasa.tts.worker_process import WorkerProcess

pytestmark = pytest.mark.processes


def threads_of_voices() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("voice ")]


def test_a_dead_voice_comes_back_without_being_asked(
    worker: Callable[..., SynthesisWorker], caplog: pytest.LogCaptureFixture
) -> None:
    one = worker()
    one.wait_ready()
    kill_and_see_it_back(one)
    assert one.restarts == 1
    (said,) = [record.getMessage() for record in caplog.records]
    assert said == "The voice process ended (signal SIGKILL); starting a new one."


def test_a_voice_that_keeps_dying_rests_longer_each_time(
    worker: Callable[..., SynthesisWorker], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "_FIRST_REST_S", 0.5)
    one = worker()
    one.wait_ready()
    for deaths in range(1, 5):
        before = kill(one)
        if deaths == 3:  # whoever has something to say now is told, and does not wait in silence
            wait_until(lambda: len(caplog.records) == 3)
            with pytest.raises(SynthesisError, match=r"started again in \d s, try again then"):
                one.synthesize("ok")
        wait_until(lambda before=before: one.pid != before and one.ready())
    assert one.restarts == 4
    said = [record.getMessage() for record in caplog.records]
    assert [line.partition("; ")[2] for line in said] == [
        "starting a new one.",
        "starting a new one.",
        "starting a new one in 0.5 s.",
        "starting a new one in 1 s.",
    ]
    assert "3 times in a row within a minute" in said[2]


def test_rests_double_up_to_a_minute() -> None:
    assert [supervisor_module._rest_s(lives) for lives in range(1, 10)] == [0, 0, 2, 4, 8, 16, 32, 60, 60]


def test_a_long_life_makes_up_for_short_ones(
    worker: Callable[..., SynthesisWorker], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "_SHORT_LIFE_S", 0.0)
    one = worker()
    one.wait_ready()
    for _ in range(4):
        kill_and_see_it_back(one)
    assert not [record for record in caplog.records if "in a row" in record.getMessage()]


def test_a_voice_that_is_gone_for_a_while_is_tried_again(
    worker: Callable[..., SynthesisWorker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "_FIRST_REST_S", 0.1)
    one = worker()
    one.wait_ready()
    one._supervisor._call["model"] = "broken"
    kill(one)
    wait_until(lambda: one.restarts >= 2)
    one._supervisor._call["model"] = "tiny"
    wait_until(one.ready)
    assert len(one.synthesize("ok")) == 2 * LETTER


def test_a_machine_that_can_start_no_process_is_tried_again(
    worker: Callable[..., SynthesisWorker], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "_FIRST_REST_S", 0.2)
    one = worker()
    one.wait_ready()
    with monkeypatch.context() as full:
        full.setattr(subprocess, "Popen", out_of_memory)
        kill(one)
        wait_until(lambda: "Cannot allocate memory" in caplog.text)
    wait_until(one.ready)


def out_of_memory(*command: Any, **options: Any) -> None:
    raise OSError(12, "Cannot allocate memory")


@pytest.mark.parametrize("deaths", [0, 1, 3])
def test_nothing_is_left_of_a_closed_voice(
    worker: Callable[..., SynthesisWorker], caplog: pytest.LogCaptureFixture, deaths: int
) -> None:
    others = threads_of_voices()  # the project's own voice may speak in this process, too
    one = worker()
    one.wait_ready()
    for death in range(1, deaths + 1):
        kill_and_see_it_back(one) if death < 3 else kill(one)
    wait_until(lambda: len(caplog.records) == deaths)  # after the third it rests
    assert len(threads_of_voices()) > len(others)
    last = one.pid
    started = time.monotonic()
    one.close()
    assert time.monotonic() - started < 1.5
    assert threads_of_voices() == others
    assert gone_within(last or 0, 1)
    assert one.pid == last


def test_what_nobody_waits_for_is_asked_of_a_voice_when_its_rest_is_over(
    worker: Callable[..., SynthesisWorker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "_FIRST_REST_S", 1.0)
    one = worker()
    one.wait_ready()
    for _ in range(2):
        kill_and_see_it_back(one)
    before = kill(one)
    wait_until(lambda: not one.ready())
    assert len(join_chunks(one.stream("ok", urgency="idle"))) == 2 * LETTER
    assert one.pid != before


def test_closing_ends_the_waiting_for_a_voice_that_rests(
    worker: Callable[..., SynthesisWorker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "_FIRST_REST_S", 60.0)
    one = worker()
    one.wait_ready()
    for _ in range(2):
        kill_and_see_it_back(one)
    kill(one)
    wait_until(lambda: not one.ready())
    threading.Timer(0.3, one.close).start()
    with pytest.raises(SynthesisError, match="closed"):
        list(one.stream("ok", urgency="idle"))


def test_a_voice_that_died_before_it_was_loaded_and_then_cannot_be_is_not_waited_for(
    worker: Callable[..., SynthesisWorker],
) -> None:
    one = worker(load_s=1.0)
    one.start()
    one._supervisor._call["model"] = "broken"
    threading.Timer(0.3, kill, [one]).start()
    with pytest.raises(SynthesisError, match="the file is broken"):
        list(one.stream("ok", urgency="idle"))


def test_a_process_whose_sound_cannot_be_received_is_replaced(
    worker: Callable[..., SynthesisWorker], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = worker()
    one.wait_ready()
    fails = [MemoryError("no memory")]

    def receive(process: WorkerProcess, kind: str, *values: Any) -> None:
        if kind == "chunk" and fails:
            raise fails.pop()
        dispatch(process, kind, *values)

    dispatch = WorkerProcess._dispatch
    monkeypatch.setattr(WorkerProcess, "_dispatch", receive)
    assert len(one.synthesize("ok")) == 2 * LETTER
    assert one.restarts == 1
    assert "what it sent could not be read: MemoryError('no memory')" in caplog.text
