"""``convai talk`` with a recording, to the running bot."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from convai_rasa.asr import Recognizer
from convai_rasa.audio import pcm16_to_float, wav_bytes
from convai_rasa.cli import main
from convai_rasa.launch import RunningBot
from convai_rasa.terminal.wav_files import utterances
from convai_rasa.tts import SharedVoice

pytestmark = [pytest.mark.e2e, pytest.mark.models]


@pytest.fixture
def questions(voice: SharedVoice, tmp_path: Path) -> Path:
    """Two questions, with time for the first answer to begin but not to end."""
    rate = voice.sample_rate
    first, second = voice.synthesize("What are your opening hours?"), voice.synthesize("Are you open on Sunday?")
    quiet = np.zeros(rate // 2, np.int16)
    file = tmp_path / "questions.wav"
    file.write_bytes(wav_bytes(np.concatenate([quiet, first, np.zeros(3 * rate, np.int16), second, quiet]), rate))
    return file


def played(file: Path) -> np.ndarray:
    with wave.open(str(file)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16_000, 1, 2)
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2")


@pytest.mark.parametrize("fast", [False, True])
def test_a_recording_is_answered(
    running_bot: RunningBot,
    questions: Path,
    tmp_path: Path,
    recognizer: Recognizer,
    capsys: pytest.CaptureFixture[str],
    fast: bool,
) -> None:
    out = tmp_path / "answers.wav"
    arguments = ["talk", "--url", running_bot.url, "--wav", str(questions), "--out", str(out)]
    assert main([*arguments, "--fast"] if fast else arguments) == 0
    shown = capsys.readouterr().out
    lines = [line for line in shown.splitlines() if line.startswith(("you:", "bot:"))]
    assert [line[:4] for line in lines if line.startswith("you:")] == ["you:", "you:"], shown
    assert "opening hours" in lines[0].lower()
    assert any("sunday" in line.lower() for line in lines if line.startswith("you:"))
    assert lines[-1].startswith("bot: ")
    sound = played(out)
    # One at a time: a bot that was interrupted and answers again is no single utterance, which a recognizer expects.
    answers = [recognizer.transcribe(answer, language="en").text for answer in utterances(pcm16_to_float(sound))]
    assert any("sunday" in answer.lower() for answer in answers), (answers, shown)
    with wave.open(str(questions)) as said:
        length = said.getnframes() / said.getframerate()
    assert fast or len(sound) / 16_000 >= length


def test_a_bot_that_is_not_there_gets_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = tmp_path / "said.wav"
    said.write_bytes(wav_bytes(np.zeros(16_000, np.int16), 16_000))
    assert main(["talk", "--url", "http://127.0.0.1:9/webhooks/voice/", "--wav", str(said)]) == 1
    assert "No bot answers at ws://127.0.0.1:9/webhooks/voice/stream" in capsys.readouterr().err
