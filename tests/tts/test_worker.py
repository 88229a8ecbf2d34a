from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from typing import Any, Callable, Iterator

import numpy as np
import psutil
import pytest

from convai_rasa.errors import ConfigurationError, ModelNotFound, SynthesisError
from convai_rasa.tts import SynthesisWorker, load_synthesizer
from convai_rasa.tts import worker as worker_module

pytestmark = pytest.mark.processes

LETTER = 400  # samples a letter, as the tiny voice speaks


@pytest.fixture
def worker(tiny_voice: str) -> Any:
    """Return a function that makes workers, all of them closed in the end."""
    made: list[SynthesisWorker] = []

    def make(**options: Any) -> SynthesisWorker:
        made.append(SynthesisWorker(tiny_voice, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def gone_within(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def kill(one: SynthesisWorker) -> int:
    """End the voice's process as the machine would when it lacks memory; returns its process id."""
    pid = one.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def threads_of_voices() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("voice ")]


def test_it_speaks_as_the_engine_itself(worker: Callable[..., SynthesisWorker], tiny_voice: str) -> None:
    one = worker()
    text = "hello there"
    np.testing.assert_array_equal(one.synthesize(text), load_synthesizer(tiny_voice).synthesize(text))
    assert one.sample_rate == 8000
    assert one.capabilities == load_synthesizer(tiny_voice).capabilities
    assert one.ready()


def test_start_does_not_wait(worker: Callable[..., SynthesisWorker]) -> None:
    one = worker(load_s=1.0)
    one.start()
    one.start()
    assert not one.ready()
    with pytest.raises(SynthesisError, match=r"not loaded within 0\.01 seconds"):
        one.wait_ready(0.01)
    one.wait_ready(30)
    assert one.ready()


def test_what_the_engine_cannot_load_is_said_in_its_own_words(worker: Callable[..., SynthesisWorker]) -> None:
    wrong = worker(model="wrong")
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=r"^There is no tiny model 'wrong'; use 'tiny'\.$"):
            wrong.wait_ready(30)
    with pytest.raises(ConfigurationError, match="no tiny model"):
        wrong.synthesize("hello")
    assert wrong.restarts == 0
    with pytest.raises(SynthesisError, match=r"could not be loaded .*the file is broken"):
        worker(model="broken").wait_ready(30)
    with pytest.raises(ConfigurationError, match="did you mean 'load_s'"):
        worker(load_z=1).wait_ready(30)


def test_an_unknown_engine_or_a_missing_model_is_our_own_error(tmp_path, monkeypatch) -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'coqui'"):
        SynthesisWorker("coki").wait_ready(30)
    monkeypatch.setenv("CONVAI_MODELS_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)  # the models of this checkout are above
    with pytest.raises(ModelNotFound, match="tts/vits-joe"):
        SynthesisWorker("coqui", "tts/vits-joe").wait_ready(60)


def test_a_text_that_fails_does_not_harm_the_next(worker: Callable[..., SynthesisWorker]) -> None:
    one = worker()
    with pytest.raises(SynthesisError, match="this word cannot be spoken"):
        one.synthesize("please fail now")
    assert len(one.synthesize("ok")) == 2 * LETTER
    assert one.restarts == 0


@pytest.mark.parametrize("how", ["crash", "kill"])
def test_after_a_sudden_death_one_sentence_is_lost(worker: Callable[..., SynthesisWorker], how: str) -> None:
    one = worker(seconds_per_word=0.05)
    chunks = one.stream("a b c crash" if how == "crash" else "a " * 200)
    next(chunks)
    pid = one.pid
    assert pid is not None
    if how == "kill":
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(SynthesisError, match=r"process ended .signal SIG(ABRT|KILL)"):
        list(chunks)
    assert len(one.synthesize("ok")) == 2 * LETTER
    assert one.restarts == 1
    assert one.pid != pid


def test_a_dead_voice_comes_back_without_being_asked(
    worker: Callable[..., SynthesisWorker], caplog: pytest.LogCaptureFixture
) -> None:
    one = worker()
    one.wait_ready()
    before = kill(one)
    wait_until(lambda: one.pid != before and one.ready())
    assert one.restarts == 1
    (said,) = [record.getMessage() for record in caplog.records]
    assert said == "The voice process ended (signal SIGKILL); starting a new one."


def test_a_voice_that_keeps_dying_rests_longer_each_time(
    worker: Callable[..., SynthesisWorker], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_FIRST_REST_S", 0.5)
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
    assert [worker_module._rest_s(lives) for lives in range(1, 10)] == [0, 0, 2, 4, 8, 16, 32, 60, 60]


def test_a_long_life_makes_up_for_short_ones(
    worker: Callable[..., SynthesisWorker], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_SHORT_LIFE_S", 0.0)
    one = worker()
    one.wait_ready()
    for _ in range(4):
        before = kill(one)
        wait_until(lambda before=before: one.pid != before and one.ready())
    assert not [record for record in caplog.records if "in a row" in record.getMessage()]


def test_a_voice_that_is_gone_for_a_while_is_tried_again(
    worker: Callable[..., SynthesisWorker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_FIRST_REST_S", 0.1)
    one = worker()
    one.wait_ready()
    one._call["model"] = "broken"
    kill(one)
    wait_until(lambda: one.restarts >= 2)
    one._call["model"] = "tiny"
    wait_until(one.ready)
    assert len(one.synthesize("ok")) == 2 * LETTER


def test_a_machine_that_can_start_no_process_is_tried_again(
    worker: Callable[..., SynthesisWorker], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_FIRST_REST_S", 0.2)
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
    one = worker()
    one.wait_ready()
    for death in range(1, deaths + 1):
        before = kill(one)
        if death < 3:
            wait_until(lambda before=before: one.pid != before and one.ready())
    wait_until(lambda: len(caplog.records) == deaths)  # after the third it rests
    assert threads_of_voices()
    last = one.pid
    started = time.monotonic()
    one.close()
    assert time.monotonic() - started < 1.5
    assert threads_of_voices() == []
    assert gone_within(last or 0, 1)
    assert one.pid == last


def test_a_death_tells_everybody_who_waits(worker: Callable[..., SynthesisWorker]) -> None:
    one = worker(seconds_per_word=0.1)
    one.wait_ready()
    failed: list[BaseException] = []

    def speak() -> None:
        try:
            one.synthesize("a " * 100)
        except SynthesisError as error:
            failed.append(error)

    threads = [threading.Thread(target=speak) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    os.kill(one.pid or 0, signal.SIGKILL)
    for thread in threads:
        thread.join(10)
    assert len(failed) == 4


def test_an_engine_that_hangs_is_ended(worker: Callable[..., SynthesisWorker]) -> None:
    one = worker(stall_timeout_s=0.5)
    one.wait_ready()
    with pytest.raises(SynthesisError, match=r"silent for 0\.5 seconds"):
        one.synthesize("hang")
    assert len(one.synthesize("ok")) == 2 * LETTER


def finishing_order(one: SynthesisWorker, first: Iterator[np.ndarray], text: str) -> list[str]:
    """Speak a text while another thread listens to the rest of the first; return who was done when."""
    done: list[str] = []

    def listen() -> None:
        for _ in first:
            pass
        done.append("first")

    thread = threading.Thread(target=listen)
    thread.start()
    one.synthesize(text)
    done.append(text)
    thread.join(60)
    return done


def test_giving_up_early_frees_the_voice(worker: Callable[..., SynthesisWorker]) -> None:
    one = worker(seconds_per_word=0.05)
    given_up = one.stream("a " * 1000)  # 50 seconds of work
    next(given_up)
    given_up.close()
    other = one.stream("a " * 40)
    next(other)
    assert finishing_order(one, other, "ok") == ["ok", "first"]
    assert next(given_up, None) is None


def test_a_short_text_does_not_wait_for_a_long_one(worker: Callable[..., SynthesisWorker]) -> None:
    one = worker(seconds_per_word=0.05)
    long = one.stream("a " * 60)
    next(long)
    assert finishing_order(one, long, "a b c") == ["a b c", "first"]


def test_close_ends_the_process_and_later_requests(worker: Callable[..., SynthesisWorker]) -> None:
    one = worker(seconds_per_word=0.05)
    one.wait_ready()
    waiting = one.stream("a " * 100)
    next(waiting)
    one.close()
    assert gone_within(one.pid or 0, 5)
    with pytest.raises(SynthesisError, match="process ended"):
        list(waiting)
    with pytest.raises(SynthesisError, match="closed"):
        one.synthesize("ok")
    one.close()


def test_ctrl_c_is_for_the_parent(worker: Callable[..., SynthesisWorker]) -> None:
    one = worker()
    assert one.synthesize("interrupts")[0] == 1
    os.kill(one.pid or 0, signal.SIGINT)
    assert len(one.synthesize("ok")) == 2 * LETTER
    assert one.restarts == 0


@pytest.mark.parametrize("how", ["killed", "exits"])
def test_it_dies_with_its_parent_and_never_runs_the_parents_main(tmp_path, tiny_voice: str, how: str) -> None:
    """A console script like ``rasa run`` has no guard that keeps a spawned child from running it again."""
    script = tmp_path / "heavy.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import os, pathlib, sys, time
            with open({str(tmp_path / "runs")!r}, "a") as runs:
                runs.write("run\\n")
            sys.path[:0] = {sys.path!r}
            from convai_rasa.tts import SynthesisWorker
            worker = SynthesisWorker("tiny")
            worker.wait_ready(30)
            print(worker.pid, flush=True)
            if {how == "killed"}:
                if os.fork() == 0:  # keeps the pipe open, as a forked server process would
                    time.sleep(8)
                    os._exit(0)
                time.sleep(60)
            """
        )
    )
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.stdout.close()
    if how == "killed":
        parent.kill()
    parent.wait(10)
    assert gone_within(child, 5)
    assert (tmp_path / "runs").read_text() == "run\n"


@pytest.mark.models
def test_the_voice_process_loads_no_more_than_it_needs() -> None:
    one = SynthesisWorker("coqui", "tts/vits-joe")
    try:
        one.wait_ready()
        loaded = "\n".join(region.path for region in psutil.Process(one.pid).memory_maps())
        assert "torch" in loaded
        assert "tensorflow" not in loaded
        assert "llvmlite" not in loaded  # of librosa, which only training needs
    finally:
        one.close()


@pytest.mark.models
def test_the_real_voice_survives_a_kill() -> None:
    one = SynthesisWorker("coqui", "tts/vits-joe")
    try:
        before = one.synthesize("Your table is booked.")
        chunks = one.stream("This sentence will be cut short by a sudden death, I am afraid. " * 5)
        next(chunks)
        os.kill(one.pid or 0, signal.SIGKILL)
        with pytest.raises(SynthesisError, match="SIGKILL"):
            list(chunks)
        np.testing.assert_array_equal(one.synthesize("Your table is booked."), before)
    finally:
        one.close()
