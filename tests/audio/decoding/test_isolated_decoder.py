"""Decoding in a process of its own: what it gives, what it survives, and what it may not do."""

from __future__ import annotations

import concurrent.futures
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Iterator

import numpy as np
import psutil
import pytest

pytest.importorskip("av")

from made_recordings import KINDS, encoded, tone, voice, wav

from convai_rasa.audio import Decoder
from convai_rasa.audio.decoding import decoding_process
from convai_rasa.audio.decoding.decode import decode_recording
from convai_rasa.audio.decoding.decoding_process import ANSWER, HEARD, REFUSED, Child
from convai_rasa.errors import AudioError

pytestmark = pytest.mark.processes
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    decoder = Decoder()
    yield decoder
    decoder.close()


def child_of(decoder: Decoder) -> int:
    decoder.decode(wav(tone()), max_seconds=2)
    return decoder._children[0].pid


@pytest.mark.parametrize(("container", "codec"), KINDS)
def test_the_same_is_heard_as_inside_this_process(decoder: Decoder, container: str, codec: str) -> None:
    data = encoded(container, codec, voice(3))
    there, here = decoder.decode(data, max_seconds=5), decode_recording(data, max_seconds=5)
    np.testing.assert_allclose(there.samples, here.samples, atol=1e-4)
    assert there.samples.dtype == np.float32
    assert there.warning is None


def test_a_warning_and_a_refusal_come_back_as_they_are(decoder: Decoder) -> None:
    assert "The last 2.0 s" in str(decoder.decode(wav(tone(), said=96_000), max_seconds=5).warning)
    with pytest.raises(AudioError, match=r"longer than 0\.5 seconds"):
        decoder.decode(wav(tone()), max_seconds=0.5)
    with pytest.raises(AudioError, match="not a recording"):
        decoder.decode(b"ffconcat version 1.0\nfile /etc/passwd\n", max_seconds=5)


def test_starting_does_not_wait() -> None:
    decoder, begun = Decoder(), time.monotonic()
    decoder.start()
    assert time.monotonic() - begun < 0.2
    decoder.close()
    with pytest.raises(AudioError, match="stopping"):
        decoder.decode(wav(tone()), max_seconds=5)


def test_many_at_once_get_their_own_answers() -> None:
    decoder = Decoder(workers=2)
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        lengths = [0.1 * number for number in range(1, 25)]
        heard = threads.map(lambda seconds: decoder.decode(wav(tone(seconds=seconds)), max_seconds=5), lengths)
        assert [len(recording.samples) for recording in heard] == [int(16_000 * seconds) for seconds in lengths]
    assert len(decoder._children) == 2
    decoder.close()


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
def test_a_crash_is_a_sentence_and_the_next_recording_is_heard(decoder: Decoder, how: signal.Signals) -> None:
    pid = child_of(decoder)
    os.kill(pid, signal.SIGSTOP)  # as if it were busy
    threading.Timer(0.2, os.kill, (pid, how)).start()
    threading.Timer(0.3, os.kill, (pid, signal.SIGCONT)).start()
    with pytest.raises(AudioError, match=r"could not be decoded safely; send it as wav, ogg"):
        decoder.decode(wav(tone()), max_seconds=5)
    assert child_of(decoder) != pid


def test_a_child_that_dies_while_nobody_needs_it_is_not_missed(decoder: Decoder) -> None:
    pid = child_of(decoder)
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    assert child_of(decoder) != pid


def test_what_takes_too_long_is_ended(decoder: Decoder) -> None:
    decoder._deadline_s = 0.5
    pid = child_of(decoder)
    os.kill(pid, signal.SIGSTOP)
    begun = time.monotonic()
    with pytest.raises(AudioError, match="takes too long"):
        decoder.decode(wav(tone(seconds=30)), max_seconds=60)
    assert time.monotonic() - begun < 2
    assert child_of(decoder) != pid


def test_what_waits_too_long_for_its_turn_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(Child, "decode", lambda *_: release.wait(10))
    decoder = Decoder(deadline_s=0.3)
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        first = thread.submit(decoder.decode, b"", max_seconds=1)
        time.sleep(0.1)
        with pytest.raises(AudioError, match="Too many recordings"):
            decoder.decode(b"", max_seconds=1)
        release.set()
        assert first.result()
    decoder.close()


@on_linux
def test_the_child_has_nothing_and_may_do_nothing(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASA_TOKEN", "very-secret")
    proc = Path(f"/proc/{child_of(decoder)}")
    limits = {line[:26].strip(): line[26:].split()[:2] for line in (proc / "limits").read_text().splitlines()}
    assert limits["Max open files"] == ["3", "3"]
    assert limits["Max file size"] == ["0", "0"]
    assert limits["Max core file size"] == ["0", "0"]
    assert limits["Max address space"] == [str(1 << 30)] * 2
    assert int(limits["Max cpu time"][0]) <= 25
    assert b"secret" not in (proc / "environ").read_bytes()
    assert os.readlink(proc / "cwd") == "/"
    assert len(list((proc / "fd").iterdir())) == 3
    assert os.getpriority(os.PRIO_PROCESS, int(proc.name)) >= 10
    assert os.getsid(int(proc.name)) == int(proc.name)


def test_the_processor_time_is_counted_for_each_recording(decoder: Decoder) -> None:
    decoder._deadline_s = 3.0
    pid = child_of(decoder)
    recording = encoded("flac", "flac", np.zeros(16_000 * 300, np.float32), rate=16_000)
    used = psutil.Process(pid).cpu_times
    while sum(used()[:2]) <= 3.5:
        decoder.decode(recording, max_seconds=400)
        assert child_of(decoder) == pid


@on_linux
@pytest.mark.parametrize("busy", [False, True])
def test_the_child_does_not_outlive_its_parent(busy: bool) -> None:
    program = (
        "import sys, time; from convai_rasa.audio import Decoder, wav_bytes; import numpy as np\n"
        "d = Decoder(); d.decode(wav_bytes(np.ones(9000, np.int16), 16000), max_seconds=5)\n"
        "print(d._children[0].pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent, parent.stdout:
        child = int(parent.stdout.readline())
        if busy:
            os.kill(child, signal.SIGSTOP)  # it cannot see that its input ends
        parent.kill()
    deadline = time.monotonic() + 5
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(child)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    "answer",
    [
        (HEARD, 0, 16_001),
        (HEARD, 0, 1 << 60),
        (HEARD, 0, 0),
        (HEARD, 1_001, 5),
        (REFUSED, 1 << 31, 0),
        (REFUSED, 10, 5),
        (7, 0, 0),
    ],
)
def test_a_child_that_lies_is_not_believed(answer: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    lie = b"\x06" + ANSWER.pack(*answer) + b"x" * 100
    program = f"import sys; sys.stdout.buffer.write({lie!r}); sys.stdout.flush(); sys.stdin.buffer.read()"
    start = subprocess.Popen
    monkeypatch.setattr(
        decoding_process.subprocess, "Popen", lambda _, **options: start([sys.executable, "-c", program], **options)
    )
    decoder = Decoder()
    with pytest.raises(AudioError, match="could not be decoded safely"):
        decoder.decode(wav(tone()), max_seconds=1)
    decoder.close()


def test_no_mutated_file_ends_anything_but_the_child(decoder: Decoder) -> None:
    chance = random.Random(14)
    refused = 0
    for container, codec in KINDS:
        whole = encoded(container, codec, voice(0.3))
        for _ in range(300):
            data = bytearray(whole)
            # half of the changes go where the lengths, rates and codecs are
            reach = len(data) if chance.random() < 0.5 else min(len(data), 400)
            for _ in range(chance.randint(1, 12)):
                at = chance.randrange(reach)
                data[at : at + chance.choice([0, 1, 1, 4])] = chance.randbytes(chance.choice([0, 1, 1, 4]))
            try:
                heard = decoder.decode(bytes(data), max_seconds=5)
            except AudioError:
                refused += 1
                continue
            assert np.isfinite(heard.samples).all()
    assert 0 < refused < 2_100
    assert len(decoder.decode(wav(tone()), max_seconds=2).samples) == 16_000
