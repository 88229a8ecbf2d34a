"""Recordings as the person's side."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convai_rasa.audio import wav_bytes
from convai_rasa.errors import AudioError, ConfigurationError
from convai_rasa.terminal import wav_files
from convai_rasa.terminal.talking import person
from convai_rasa.terminal.wav_files import WavFiles, pieces, utterances
from convai_rasa.tts import SharedVoice


class Bot:
    """Says half a second while it listens to the third piece, and is settled once that is played."""

    def __init__(self, side: WavFiles) -> None:
        self.side, self.asked, self.reported = side, 0, 0

    @property
    def settled(self) -> bool:
        return not self.side.player.waiting

    async def report(self) -> None:
        self.reported += 1


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    file = tmp_path / "said.wav"
    file.write_bytes(wav_bytes(np.arange(1, 1_601, dtype=np.int16), 16_000))
    return file


async def test_in_real_time_what_is_played_lines_up_with_what_is_said(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr(wav_files.asyncio, "sleep", sleep)
    monkeypatch.setattr(wav_files.time, "monotonic", lambda: now)
    side = WavFiles(recording, tmp_path / "out.wav")
    heard = []
    async for piece in side.heard(Bot(side)):  # type: ignore[arg-type]  # the part of a conversation it asks
        heard.append(np.frombuffer(piece, "<i2"))
        if len(heard) == 3:
            side.player.start("r1")
            side.player.add(np.full(8_000, 7, np.int16))
    said = np.concatenate(heard)
    assert said[:1_600].tolist() == list(range(1, 1_601))
    assert not said[1_600:].any()
    assert len(side.played) == len(said)
    assert (np.flatnonzero(side.played)[[0, -1]] == [3 * 320, 3 * 320 + 7_999]).all()
    assert now == pytest.approx(len(said) / 16_000)
    side.save()
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert (file.getframerate(), file.getnframes()) == (16_000, len(said))


async def test_a_bot_that_never_finishes_is_not_waited_for(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def sleep(seconds: float) -> None:
        pass

    monkeypatch.setattr(wav_files.asyncio, "sleep", sleep)
    monkeypatch.setattr(wav_files, "LONGEST_ANSWER_S", 1.0)
    side = WavFiles(recording)

    class Silent:
        settled = False

    with pytest.raises(wav_files.ConvaiError, match="had not finished 1 s after the last word"):
        async for _ in side.heard(Silent()):  # type: ignore[arg-type]  # the part of a conversation it asks
            pass


def test_the_last_piece_is_filled_up() -> None:
    cut = pieces(np.ones(700, np.int16))
    assert [len(piece) for piece in cut] == [640, 640, 640]
    assert np.frombuffer(b"".join(cut), "<i2").sum() == 700


def test_silence_holds_no_utterance() -> None:
    assert utterances(np.zeros(48_000, np.float32)) == []


@pytest.mark.models
def test_two_questions_are_two_utterances(voice: SharedVoice) -> None:
    from convai_rasa.audio import pcm16_to_float, resample

    question = resample(pcm16_to_float(voice.synthesize("Are you open on Monday?")), voice.sample_rate, 16_000)
    pause = np.zeros(24_000, np.float32)
    found = utterances(np.concatenate([pause, question, pause, question, pause]))
    assert len(found) == 2
    for utterance in found:
        assert 0.8 * len(question) <= len(utterance) <= len(question) + 16_000


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"output": Path("out.wav")}, ConfigurationError, "go with --wav"),
        ({"fast": True}, ConfigurationError, "go with --wav"),
        ({"recording": Path("nothing.wav")}, AudioError, "There is no file nothing.wav"),
        ({"recording": Path("x.wav"), "output": Path("/nowhere/out.wav")}, ConfigurationError, "no folder /nowhere"),
    ],
)
def test_what_does_not_go_together_gets_a_sentence(arguments: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        person(**{"recording": None, "output": None, **arguments})


def test_a_text_is_no_recording(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Hello. " * 100)
    with pytest.raises(AudioError, match="not a recording"):
        WavFiles(file)
