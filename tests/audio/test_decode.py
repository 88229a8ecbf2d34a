from __future__ import annotations

import io
import os
import wave

import numpy as np
import pytest

from convai_rasa.audio import decode_audio, float_to_pcm16, wav_bytes
from convai_rasa.errors import AudioError

av = pytest.importorskip("av")


def tone(rate: int = 16000, seconds: float = 1.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(int(rate * seconds)) / rate)).astype(np.float32)


def encoded(container: str, codec: str, rate: int = 48000, seconds: float = 1.0) -> bytes:
    """Encode a tone with the same library a browser's recorder uses, FFmpeg."""
    buffer = io.BytesIO()
    with av.open(buffer, mode="w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        stream.layout = "mono"
        pcm = float_to_pcm16(tone(rate, seconds))
        fifo_frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        fifo_frame.rate = rate
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=rate, frame_size=stream.frame_size)
        for frame in [*resampler.resample(fifo_frame), *resampler.resample(None)]:
            for packet in stream.encode(frame):
                output.mux(packet)
        for packet in stream.encode(None):
            output.mux(packet)
    return buffer.getvalue()


def test_wav_bytes_hold_the_samples() -> None:
    pcm = float_to_pcm16(tone())
    with wave.open(io.BytesIO(wav_bytes(pcm, 22050))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (22050, 1, 2)
        np.testing.assert_array_equal(np.frombuffer(file.readframes(file.getnframes()), np.int16), pcm)


def test_a_wav_file_comes_back_as_it_was() -> None:
    samples = decode_audio(wav_bytes(float_to_pcm16(tone()), 16000), max_seconds=10)
    assert samples.dtype == np.float32
    np.testing.assert_allclose(samples, tone(), atol=1e-4)


@pytest.mark.parametrize(
    ("container", "codec"),
    [("ogg", "libopus"), ("webm", "libopus"), ("mp3", "libmp3lame"), ("flac", "flac"), ("adts", "aac")],
)
def test_what_browsers_and_phones_send_is_understood(container: str, codec: str) -> None:
    samples = decode_audio(encoded(container, codec), max_seconds=10)
    assert 15000 < len(samples) < 18500
    spectrum = np.abs(np.fft.rfft(samples))
    assert abs(np.argmax(spectrum) * 16000 / len(samples) - 440) < 3


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"Hello, I am a text file and no sound at all.\n" * 50, "not a recording"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "not a recording"),
        (wav_bytes(np.zeros(0, np.int16), 16000), "not a recording|no sound"),
        (os.urandom(3000), "not a recording|no sound|no audio"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not a recording|no sound|no audio"),
    ],
    ids=["empty", "text", "half a header", "no samples", "random", "picture"],
)
def test_anything_else_is_refused_in_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(AudioError, match=sentence):
        decode_audio(data, max_seconds=10)


def test_the_limit_holds_while_decoding() -> None:
    ten_minutes_of_silence = encoded_silence(600)
    assert len(ten_minutes_of_silence) < 200_000
    with pytest.raises(AudioError, match="longer than 5 seconds"):
        decode_audio(ten_minutes_of_silence, max_seconds=5)


def encoded_silence(seconds: int) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, mode="w", format="flac") as output:
        stream = output.add_stream("flac", rate=16000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16000 * seconds), np.int16), format="s16", layout="mono")
        frame.rate = 16000
        resampler = av.AudioResampler(format="s16", layout="mono", rate=16000, frame_size=stream.frame_size or 4096)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            for packet in stream.encode(part):
                output.mux(packet)
        for packet in stream.encode(None):
            output.mux(packet)
    return buffer.getvalue()
