from __future__ import annotations

import numpy as np
import pytest

from convai_rasa.audio import FRAME_SAMPLES, SileroVad
from convai_rasa.errors import AudioError

pytestmark = pytest.mark.needs("onnxruntime")


def test_silence_and_noise_are_not_speech() -> None:
    vad = SileroVad()
    noise = np.random.default_rng(0).standard_normal(16000).astype(np.float32) * 0.01
    for samples in (np.zeros(16000, np.float32), noise):
        probabilities = vad.probabilities(samples)
        assert probabilities.shape == (32,)
        assert probabilities.max() < 0.3


def test_frame_by_frame_is_the_same_as_all_at_once() -> None:
    samples = np.random.default_rng(1).standard_normal(FRAME_SAMPLES * 40).astype(np.float32) * 0.1
    stream = SileroVad().stream()
    one_by_one = [stream.probability(frame) for frame in samples.reshape(-1, FRAME_SAMPLES)]
    np.testing.assert_allclose(one_by_one, SileroVad().probabilities(samples), atol=1e-5)


def test_callers_do_not_disturb_each_other_and_reset_forgets() -> None:
    frames = np.random.default_rng(2).standard_normal((10, FRAME_SAMPLES)).astype(np.float32) * 0.2
    vad = SileroVad()
    alone = vad.stream()
    expected = [alone.probability(frame) for frame in frames]
    first, second = vad.stream(), vad.stream()
    mixed = []
    for frame in frames:
        mixed.append(first.probability(frame))
        second.probability(-frame)
    assert mixed == expected
    alone.reset()
    assert [alone.probability(frame) for frame in frames] == expected


def test_a_frame_of_another_length_is_refused() -> None:
    with pytest.raises(AudioError, match="512 samples"):
        SileroVad().stream().probability(np.zeros(480, np.float32))


def test_no_samples_give_no_probabilities() -> None:
    assert SileroVad().probabilities(np.zeros(0, np.float32)).shape == (0,)
