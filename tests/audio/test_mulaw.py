from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from convai_rasa.audio import mulaw

EVERY_CODE = bytes(range(256))
EVERY_SAMPLE = np.arange(-32768, 32768, dtype="<i2")


def there_and_back(samples: np.ndarray) -> np.ndarray:
    return np.frombuffer(mulaw.decode(mulaw.encode(samples.tobytes())), "<i2").astype(int)


def test_every_code_survives_but_negative_zero() -> None:
    assert mulaw.encode(mulaw.decode(EVERY_CODE)) == EVERY_CODE.replace(b"\x7f", b"\xff")


def test_a_code_is_the_expansion_of_the_standard() -> None:
    """G.711, table 2b: the largest, the smallest step and the sign, in 16-bit units (×4 of its 14 bits)."""
    largest, zero, smallest = np.frombuffer(mulaw.decode(b"\x80\xff\xfe"), "<i2").tolist()
    assert (largest, zero, smallest) == (8031 * 4, 0, 2 * 4)
    assert np.frombuffer(mulaw.decode(b"\x00"), "<i2")[0] == -largest


def test_every_sample_comes_back_within_a_sixteenth() -> None:
    heard = there_and_back(EVERY_SAMPLE)
    wanted = np.clip(EVERY_SAMPLE.astype(int), -8031 * 4, 8031 * 4)
    assert (np.abs(heard - wanted) <= np.abs(wanted) / 16 + 8).all()


def test_louder_never_becomes_quieter() -> None:
    assert (np.diff(there_and_back(EVERY_SAMPLE)) >= 0).all()


@given(st.binary(max_size=2_000))
def test_any_bytes_are_sound_of_twice_the_length(data: bytes) -> None:
    assert len(mulaw.decode(data)) == 2 * len(data)


@given(st.lists(st.integers(-32768, 32767), max_size=400))
def test_a_second_time_loses_nothing_more(samples: list[int]) -> None:
    once = there_and_back(np.array(samples, "<i2"))
    assert (there_and_back(once.astype("<i2")) == once).all()


def test_silence_is_silent() -> None:
    assert mulaw.decode(mulaw.SILENCE) == b"\x00\x00"
