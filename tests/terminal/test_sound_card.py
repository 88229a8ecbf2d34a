"""``convai talk`` as a program, with a sound card whose microphone is a recording and whose loudspeaker is a file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import List

import numpy as np
import pytest

from convai_rasa.asr import Recognizer
from convai_rasa.audio import float_to_pcm16, pcm16_to_float, resample
from convai_rasa.launch import RunningBot
from convai_rasa.tts import SharedVoice

pytestmark = [pytest.mark.e2e, pytest.mark.models, pytest.mark.processes]

CARD = '''
import threading, time
import numpy as np

class PortAudioError(Exception):
    pass

def query_devices(device=None, kind=None):
    return {"default_samplerate": 48000.0}

def check_input_settings(*given, **named):
    pass

check_output_settings = check_input_settings

class Stream:
    """Hands over 20 ms every 20 ms from a thread of its own, as PortAudio does."""

    def __init__(self, samplerate, blocksize, callback, **options):
        assert samplerate == 16000 and options["channels"] == 1 and options["dtype"] == "int16"
        self.block, self.callback = blocksize, callback
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.going = True

    def run(self):
        said, begun = np.fromfile("said.pcm", "<i2"), time.monotonic()
        with open("played.pcm", "wb", buffering=0) as loudspeaker:
            for number in range(10**9):
                heard = said[number * self.block : (number + 1) * self.block]
                heard = np.pad(heard, (0, self.block - len(heard))).reshape(-1, 1)
                played = np.zeros((self.block, 1), np.int16)
                self.callback(heard, played, self.block, None, None)
                loudspeaker.write(played.tobytes())
                if not self.going:
                    return
                time.sleep(max(0.0, begun + (number + 1) * 0.02 - time.monotonic()))

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *error):
        self.going = False
        self.thread.join()
'''


def played(folder: Path) -> np.ndarray:
    return np.fromfile(folder / "played.pcm", "<i2") if (folder / "played.pcm").exists() else np.zeros(0, np.int16)


def wait_for_quiet(folder: Path, since_s: float, seconds: float = 60.0) -> None:
    """Wait until the bot has spoken after a moment of the conversation, and then been silent for 1.5 s."""
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        sound = played(folder)[int(since_s * 16_000) :]
        if np.any(sound) and not np.any(sound[-24_000:]):
            return
        time.sleep(0.1)
    pytest.fail(f"the bot was not heard after {since_s:.1f} s, or spoke on and on")


def test_a_conversation_with_an_interruption(
    running_bot: RunningBot, voice: SharedVoice, recognizer: Recognizer, tmp_path: Path
) -> None:
    def spoken(text: str) -> np.ndarray:
        return float_to_pcm16(resample(pcm16_to_float(voice.synthesize(text)), voice.sample_rate, 16_000))

    def quiet(seconds: float) -> np.ndarray:
        return np.zeros(int(seconds * 16_000), np.int16)

    # The greeting takes about three seconds; the first answer is still being said when the second question comes.
    said: List[np.ndarray] = [quiet(6), spoken("What are your opening hours?"), quiet(4)]
    second_s = sum(map(len, said)) / 16_000
    said.append(spoken("What kinds of dessert do you have today?"))
    end_s = sum(map(len, said)) / 16_000
    (tmp_path / "sounddevice.py").write_text(CARD)
    np.concatenate(said).astype("<i2").tofile(tmp_path / "said.pcm")

    talk = subprocess.Popen(
        [sys.executable, "-m", "convai_rasa.cli", "talk", "--url", running_bot.url],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for_quiet(tmp_path, end_s)
        talk.send_signal(signal.SIGINT)
        shown, errors = talk.communicate(timeout=30)
    finally:
        talk.kill()
        talk.wait()
    assert (talk.returncode, errors) == (130, "Stopped.\n")
    lines = [line for line in shown.splitlines() if line.startswith(("you:", "bot:"))]
    assert lines[0].startswith("bot: Welcome to"), shown
    asked = [line.lower() for line in lines if line.startswith("you:")]
    assert "opening hours" in asked[0], shown
    assert "dessert" in asked[1], shown

    sound = played(tmp_path)

    def heard(start_s: float, stop_s: float | None = None) -> str:
        stop = None if stop_s is None else int(stop_s * 16_000)
        return recognizer.transcribe(pcm16_to_float(sound[int(start_s * 16_000) : stop]), language="en").text.lower()

    assert "help you" in heard(0.0, 6.0)
    assert "open" in heard(6.0, second_s + 0.5)
    assert not np.any(sound[int((second_s + 1.0) * 16_000) : int(end_s * 16_000)]), "the bot did not fall silent"
    assert "cake" in heard(end_s)
