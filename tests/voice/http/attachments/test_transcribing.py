"""Recordings as words: limits with a made-up recogniser, the words with a real one."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import threading
from pathlib import Path
from typing import Any, List

import av
import numpy as np
import pytest

from convai_rasa.asr import Transcript
from convai_rasa.audio import wav_bytes
from convai_rasa.errors import AudioError, ConfigurationError
from convai_rasa.tts import SharedVoice
from convai_rasa.voice import transcribe_attachment
from convai_rasa.voice.http.attachments import transcribing

BEEP = wav_bytes((np.sin(np.arange(16_000) / 8) * 9000).astype(np.int16), 16_000)


class Seconds:
    """Hears how long it is."""

    def transcribe(self, samples: np.ndarray, **options: Any) -> Transcript:
        return Transcript(f"{len(samples) / 16_000:.1f} s", 1.0, str(options["language"]), len(samples) / 16_000, 0.0)


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> List[Any]:
    """What was loaded, each time."""
    names: List[Any] = []

    def load(engine: str, model: str) -> Seconds:
        names.append((engine, model, threading.current_thread().name))
        return Seconds()

    monkeypatch.setattr(transcribing, "load_recognizer", load)
    monkeypatch.setattr(transcribing, "_recognizers", {})
    return names


async def test_bytes_and_files_are_heard(loaded: List[Any], tmp_path: Path) -> None:
    file = tmp_path / "note.bin"
    file.write_bytes(BEEP)
    assert (await transcribe_attachment(BEEP)).text == "1.0 s"
    assert (await transcribe_attachment(file, language="de")).language == "de"


async def test_a_recogniser_is_loaded_once_and_not_on_the_event_loop(loaded: List[Any]) -> None:
    await asyncio.gather(*(transcribe_attachment(BEEP) for _ in range(5)))
    await transcribe_attachment(BEEP, model="whisper/tiny.en")
    assert [name[:2] for name in loaded] == [("whisper", "whisper/base"), ("whisper", "whisper/tiny.en")]
    assert all(name[2].startswith("convai-attachments") for name in loaded)


async def test_what_is_too_large_or_too_long_gets_a_sentence(loaded: List[Any], tmp_path: Path) -> None:
    file = tmp_path / "note.wav"
    file.write_bytes(BEEP)
    for source in (BEEP, file):
        with pytest.raises(AudioError, match=r"0\.0 MB, more than the 0\.01 MB allowed"):
            await transcribe_attachment(source, max_mb=0.01)
    with pytest.raises(AudioError, match=r"longer than 0\.5 seconds"):
        await transcribe_attachment(BEEP, max_s=0.5)


async def test_what_is_no_recording_gets_a_sentence(loaded: List[Any], tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="not a recording"):
        await transcribe_attachment(b"<html>Sorry</html>" * 100)
    with pytest.raises(AudioError, match="There is no file"):
        await transcribe_attachment(tmp_path / "nothing.ogg")
    assert loaded == []


@pytest.mark.processes
async def test_a_file_that_would_end_the_process_gets_a_sentence_and_the_next_one_is_heard(loaded: List[Any]) -> None:
    no_bits = BEEP[:34] + b"\0\0" + BEEP[36:]  # FFmpeg finds no decoder for samples of no bits
    with pytest.raises(AudioError, match="no audio track that can be decoded"):
        await transcribe_attachment(no_bits)
    os.kill(transcribing._decoder()._children[0].pid, signal.SIGKILL)
    await asyncio.sleep(0.2)
    assert (await transcribe_attachment(BEEP)).text == "1.0 s"


@pytest.mark.processes
async def test_a_playlist_gets_a_sentence_and_not_the_file_that_it_names(loaded: List[Any], tmp_path: Path) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes(BEEP)
    with pytest.raises(AudioError, match="not a recording"):
        await transcribe_attachment(f"ffconcat version 1.0\nfile '{secret}'\n".encode())


async def test_a_damaged_file_is_heard_and_the_log_says_what_is_missing(
    loaded: List[Any], caplog: pytest.LogCaptureFixture
) -> None:
    assert (await transcribe_attachment(BEEP[:-16_000])).text == "0.5 s"
    assert "The last 0.5 s of the recording are missing" in caplog.text


async def test_a_text_is_an_address_and_never_a_file(loaded: List[Any], tmp_path: Path) -> None:
    file = tmp_path / "note.wav"
    file.write_bytes(BEEP)
    with pytest.raises(AudioError, match=r"pathlib\.Path"):
        await transcribe_attachment(str(file))


async def test_an_engine_that_is_not_there_gets_a_sentence() -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'whisper'"):
        await transcribe_attachment(BEEP, engine="wisper")


def ogg_opus(pcm: np.ndarray, rate: int) -> bytes:
    """What Telegram and WhatsApp send."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=48_000)
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = rate
        for part in (*av.AudioResampler("s16", "mono", 48_000, 960).resample(frame), None):
            container.mux(stream.encode(part))
    return buffer.getvalue()


@pytest.mark.models
async def test_a_voice_message_becomes_words(voice: SharedVoice) -> None:
    note = ogg_opus(voice.synthesize("What are your opening hours?"), voice.sample_rate)
    transcript = await transcribe_attachment(note)
    assert "opening hours" in transcript.text.lower()
    assert transcript.confidence > 0.3


@pytest.mark.models
async def test_silence_has_no_words() -> None:
    assert (await transcribe_attachment(wav_bytes(np.zeros(32_000, np.int16), 16_000))).text == ""
