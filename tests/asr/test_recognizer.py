from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from convai_rasa.asr import Transcript, WhisperRecognizer, load_recognizer
from convai_rasa.asr.recognizer import check_samples
from convai_rasa.errors import AudioError, ConfigurationError, ModelCorrupt, ModelNotFound


@pytest.mark.parametrize(
    ("engine", "options", "sentence"),
    [
        ("wisper", {}, "did you mean 'whisper'"),
        ("zzz", {}, r"installed are: .*whisper"),
        ("whisper", {"thread": 2}, "unknown key 'thread' .did you mean 'threads'"),
        ("whisper", {"device": "gpu"}, "device: "),
        ("whisper", {"beam_size": 0}, "beam_size: "),
        ("whisper", {"vad_threshold": 2}, "vad_threshold: "),
    ],
)
def test_wrong_names_and_values_are_refused_before_anything_is_loaded(
    engine: str, options: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        load_recognizer(engine, **options)


def test_a_model_that_is_not_there_is_named(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CONVAI_MODELS_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)  # the models of this checkout are above
    with pytest.raises(ModelNotFound, match="whisper/base"):
        load_recognizer(model="whisper/base")


def test_a_folder_without_its_files_says_what_is_missing(tmp_path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelCorrupt, match=r"lacks model\.bin, tokenizer\.json and vocabulary\.json or voc"):
        WhisperRecognizer(tmp_path)


def test_a_damaged_model_file_is_reported_as_damaged(tmp_path) -> None:
    pytest.importorskip("faster_whisper")
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "model.bin").write_bytes(b"not a model" * 100)
    with pytest.raises(ModelCorrupt, match=r"cannot be loaded .*; copy it again from where it came"):
        WhisperRecognizer(tmp_path)


@pytest.mark.parametrize(
    ("samples", "sentence"),
    [
        (np.zeros(10, np.int16), "not int16"),
        ([0.0, 0.1], "not list"),
        (np.zeros((2, 10), np.float32), r"not \(2, 10\)"),
        (np.array([0.1, np.nan], np.float32), "NaN or infinity"),
        (np.array([0.1, np.inf], np.float32), "NaN or infinity"),
        (np.array([12000.0], np.float32), "divide 16-bit values by 32768"),
    ],
)
def test_wrong_samples_are_refused_in_a_sentence(samples: object, sentence: str) -> None:
    with pytest.raises(AudioError, match=sentence):
        check_samples(samples)  # type: ignore[arg-type] # the point of the test


def test_a_transcript_cannot_be_changed() -> None:
    transcript = Transcript("hello", 0.9, "en", 1.0, 0.1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        transcript.text = "bye"  # type: ignore[misc] # the point of the test
