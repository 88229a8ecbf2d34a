from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from typing import Callable, Iterator

import numpy as np
import psutil
import pytest
from voice_processes import LETTER, gone_within, kill, kill_and_see_it_back

from convai_rasa.errors import ConfigurationError, ModelNotFound, SynthesisError
from convai_rasa.tts import SynthesisWorker, load_synthesizer
from convai_rasa.tts import supervisor as supervisor_module
from convai_rasa.tts import worker as worker_module

pytestmark = pytest.mark.processes


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


@pytest.mark.parametrize("text", ["nonsense", "refused", "garbage"])
def test_a_text_that_fails_does_not_harm_the_next(moody: Callable[..., SynthesisWorker], text: str) -> None:
    one = moody()
    for urgency in ("first", "idle"):
        with pytest.raises(SynthesisError, match=r"The voice failed .*Error: "):
            list(one.stream(f"please {text} now", urgency=urgency))
        assert len(one.synthesize("ok")) == 2 * LETTER
    assert one.restarts == 0


@pytest.mark.parametrize("urgency", ["first", "more", "idle"])
def test_a_voice_killed_in_mid_sentence_goes_on_at_the_sample_it_came_to(
    worker: Callable[..., SynthesisWorker], tiny_voice: str, urgency: str
) -> None:
    one = worker(seconds_per_word=0.02)
    text = "what is said on both sides of a sudden death is joined without a seam"
    chunks = one.stream(text, urgency=urgency)
    begun = [next(chunks) for _ in range(7)]
    kill(one)
    sound = np.concatenate([*begun, *chunks])
    np.testing.assert_array_equal(sound, load_synthesizer(tiny_voice).synthesize(text))
    assert one.restarts == 1


def test_a_voice_that_sounds_different_each_time_begins_the_text_again(moody: Callable[..., SynthesisWorker]) -> None:
    one = moody(moods=True, seconds_per_word=0.02)
    text = "the beginning of this is heard twice because nothing else would fit"
    chunks = one.stream(text)
    begun = [next(chunks) for _ in range(7)]
    kill(one)
    sound = np.concatenate([*begun, *chunks])
    again = one.synthesize(text)  # by the second process
    assert len(sound) >= len(again) + 7 * LETTER
    np.testing.assert_array_equal(sound[-len(again) :], again)


def test_a_text_that_kills_two_processes_is_given_up(worker: Callable[..., SynthesisWorker]) -> None:
    one = worker()
    chunks = one.stream("a b c crash")
    next(chunks)
    with pytest.raises(SynthesisError, match=r"process ended .signal SIGABRT"):
        list(chunks)
    assert len(one.synthesize("ok")) == 2 * LETTER
    assert one.restarts == 2


def test_nobody_in_mid_sentence_waits_long_for_the_next_process(
    worker: Callable[..., SynthesisWorker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_RESUME_WITHIN_S", 0.3)
    one = worker(seconds_per_word=0.05, load_s=1.0)
    chunks = one.stream("a " * 100)
    next(chunks)
    kill(one)
    with pytest.raises(SynthesisError, match=r"not loaded again within 0\.3 seconds"):
        list(chunks)
    assert len(one.synthesize("ok")) == 2 * LETTER


def test_nobody_in_mid_sentence_waits_for_a_long_rest(
    worker: Callable[..., SynthesisWorker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "_FIRST_REST_S", 60.0)
    one = worker(seconds_per_word=0.05)
    one.wait_ready()
    for _ in range(2):
        kill_and_see_it_back(one)
    chunks = one.stream("a " * 100)
    next(chunks)
    kill(one)
    asked = time.monotonic()
    with pytest.raises(SynthesisError, match=r"started again in \d+ s"):
        list(chunks)
    assert time.monotonic() - asked < 5


def test_what_the_voice_can_do_is_known_while_its_process_loads_again(worker: Callable[..., SynthesisWorker]) -> None:
    one = worker(load_s=1.0)
    assert not one.was_loaded()
    known = one.capabilities, one.sample_rate
    assert one.was_loaded()
    before = kill(one)
    while one.pid == before:
        time.sleep(0.01)
    assert (one.capabilities, one.sample_rate) == known
    assert one.was_loaded()
    assert not one.ready()  # so nobody has waited


def test_after_a_death_everybody_who_was_spoken_to_hears_the_rest(
    worker: Callable[..., SynthesisWorker], tiny_voice: str
) -> None:
    one = worker(seconds_per_word=0.05)
    one.wait_ready()
    text = "a " * 20
    heard: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: heard.append(one.synthesize(text))) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    kill(one)
    for thread in threads:
        thread.join(30)
    assert len(heard) == 4
    for sound in heard:
        np.testing.assert_array_equal(sound, load_synthesizer(tiny_voice).synthesize(text))
    assert one.restarts == 1


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_what_stops_a_service_are_for_the_parent(
    worker: Callable[..., SynthesisWorker], number: signal.Signals
) -> None:
    one = worker(seconds_per_word=0.05)
    chunks = one.stream("a " * 20)
    next(chunks)
    pid = one.pid
    os.kill(pid or 0, number)
    assert len(list(chunks)) == 19
    assert (one.pid, one.restarts) == (pid, 0)
    one.close()
    assert gone_within(pid or 0, 2)


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
def test_the_real_voice_killed_in_mid_sentence_says_all_of_it() -> None:
    text = "This sentence is cut in two by a sudden death, and nobody can hear where. " * 3
    one = SynthesisWorker("coqui", "tts/vits-joe")
    try:
        before = one.synthesize(text)
        chunks = one.stream(text)
        begun = [next(chunks)]
        kill(one)
        after = np.concatenate([*begun, *chunks])
        assert one.restarts == 1
        np.testing.assert_array_equal(after, before)
    finally:
        one.close()
