from __future__ import annotations

import numpy as np
import pytest

from convai_rasa.audio import Sound, decode_audio
from convai_rasa.speech.encoding import FORMATS, PCM_RATE, Encoder

RATE = 22_050


def pieces(seconds: float) -> list[Sound]:
    samples = (9_000 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * RATE)) / RATE)).astype(np.int16)
    return [Sound(piece, RATE) for piece in np.array_split(samples, 6)]


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "pcm"])
def test_what_is_encoded_piece_by_piece_is_a_file_with_that_sound(form: str) -> None:
    pytest.importorskip("av")
    encoder = Encoder(form)
    parts = [*map(encoder.push, pieces(2.0)), encoder.finish()]
    assert sum(map(len, parts[:3])) > sum(map(len, parts)) / 4  # it is sent while it is made
    heard = decode_audio(b"".join(parts), max_seconds=10)
    assert len(heard) / 16_000 == pytest.approx(2.0, abs=0.1)
    middle = heard[8_000:24_000]
    assert np.abs(np.fft.rfft(middle)).argmax() == pytest.approx(440, abs=1)
    assert np.abs(middle).max() == pytest.approx(9_000 / 32_768, rel=0.1)


def test_plain_samples_have_the_rate_of_the_api() -> None:
    encoder = Encoder("pcm")
    pcm = b"".join([*map(encoder.push, pieces(2.0)), encoder.finish()])
    assert len(pcm) == 2 * 2 * PCM_RATE
    assert f"rate={PCM_RATE}" in FORMATS["pcm"].media_type


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_to_say_is_a_file_of_nothing(form: str) -> None:
    pytest.importorskip("av")
    encoder = Encoder(form)
    assert len(encoder.finish()) < 10_000
