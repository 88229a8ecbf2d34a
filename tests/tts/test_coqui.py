from __future__ import annotations

import json
import pathlib

import numpy as np
import pytest

from convai_rasa.asr import WhisperRecognizer
from convai_rasa.audio import SAMPLE_RATE, pcm16_to_float, resample
from convai_rasa.errors import ConfigurationError, ModelCorrupt, ModelNotFound, SynthesisError
from convai_rasa.store import resolve
from convai_rasa.tts import load_synthesizer
from convai_rasa.tts.coqui import CoquiSynthesizer

pytest.importorskip("torch")
pytest.importorskip("gruut")

CONFIG = {
    "model": "vits",
    "audio": {"sample_rate": 22050},
    "use_phonemes": True,
    "phoneme_language": "en-us",
    "add_blank": True,
    "enable_eos_bos_chars": True,
    "characters": {
        "characters_class": "TTS.tts.utils.text.characters.IPAPhonemes",
        "pad": "_", "eos": "$", "bos": "^", "blank": "_", "characters": " abc", "punctuations": "", "is_sorted": False,
    },
    "model_args": {},
}  # fmt: skip


def voice_folder(folder: pathlib.Path, **changes: object) -> pathlib.Path:
    (folder / "config.json").write_text(json.dumps({**CONFIG, **changes}))
    (folder / "model.pth").write_bytes(b"no checkpoint")
    return folder


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"sped": 1.0}, "did you mean 'speed'"),
        ({"speed": 0}, "speed: "),
        ({"device": "tpu"}, "device: "),
        ({"threads": 0}, "threads: "),
    ],
)
def test_wrong_options_are_refused_before_anything_is_loaded(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        load_synthesizer("coqui", **options)


def test_a_voice_that_is_not_there_is_named(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CONVAI_MODELS_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)  # the models of this checkout are above
    with pytest.raises(ModelNotFound, match="tts/vits-joe"):
        CoquiSynthesizer()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"model": "tortoise"}, "is a 'tortoise' model; supported are Coqui's vits, tacotron2 and glow_tts"),
        ({"model": "glow_tts"}, "is a 'glow_tts' model, which needs a vocoder: put it"),
        ({"characters": {**CONFIG["characters"], "characters_class": "my.Own"}}, "neither on Coqui's IPA phonemes nor"),
        ({"model_args": {"use_speaker_embedding": True}}, "voices of one speaker"),
        ({"use_phonemes": False}, "neither on Coqui's IPA phonemes nor on its letters"),
        ({"phoneme_language": "xx-yy"}, "no pronunciation for 'xx-yy'"),
    ],
)
def test_unsupported_voices_are_refused_in_a_sentence(tmp_path, changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        CoquiSynthesizer(voice_folder(tmp_path, **changes))


def test_damaged_voices_say_what_is_wrong(tmp_path) -> None:
    with pytest.raises(ModelCorrupt, match="is not a Coqui voice: it is an empty folder"):
        CoquiSynthesizer(tmp_path)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ModelCorrupt, match=r"lacks config\.json and model\.pth, and it is a folder with notes\.txt"):
        CoquiSynthesizer(tmp_path)
    voice_folder(tmp_path)
    with pytest.raises(ModelCorrupt, match="cannot be loaded"):
        CoquiSynthesizer(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ModelCorrupt, match="is not JSON"):
        CoquiSynthesizer(tmp_path)


@pytest.fixture(scope="module")
def voice() -> CoquiSynthesizer:
    return CoquiSynthesizer("tts/vits-joe")


def words(text: str) -> list[str]:
    return "".join(character for character in text.lower() if character.isalnum() or character == " ").split()


@pytest.mark.models
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_what_is_spoken_can_be_understood(precision: str) -> None:
    voice = CoquiSynthesizer("tts/vits-joe", precision=precision)
    recognizer = WhisperRecognizer("whisper/base", threads=1, language="en")
    for text in (
        "Your table is booked for tomorrow evening.",
        "I am sorry, we are closed on Mondays.",
        "Would you like to sit inside or outside?",
        "We have soup, fish, and vegetables today.",
    ):
        sound = resample(pcm16_to_float(voice.synthesize(text)), voice.sample_rate, SAMPLE_RATE)
        assert words(recognizer.transcribe(sound).text) == words(text)


@pytest.mark.models
def test_the_first_chunk_is_short_and_chunks_join_without_a_seam(voice: CoquiSynthesizer) -> None:
    text = "We are open every day from noon to ten in the evening, and on Sundays from eleven."
    chunks = list(voice.stream(text))
    assert len(chunks[0]) < 0.6 * voice.sample_rate
    assert len(chunks[0]) < sum(map(len, chunks)) / 4
    sound = np.concatenate(chunks).astype(float)
    jumps = np.abs(np.diff(sound))
    seams = np.cumsum([len(chunk) for chunk in chunks])[:-1] - 1
    assert jumps[seams].max() < np.percentile(jumps, 99.9)


@pytest.mark.models
def test_speed_changes_the_length() -> None:
    text = "We are open every day from noon."
    lengths = [len(CoquiSynthesizer("tts/vits-joe", speed=speed).synthesize(text)) for speed in (0.8, 1.0, 1.5)]
    assert lengths[0] > 1.1 * lengths[1] > 1.3 * lengths[2]


@pytest.mark.models
def test_nothing_is_printed_or_warned(capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder) -> None:
    CoquiSynthesizer("tts/vits-joe").synthesize("The crème brûlée costs 5€ in the 中文 café.")
    assert capfd.readouterr() == ("", "")
    assert not [warning for warning in recwarn if "convai_rasa" in warning.filename or "TTS" in warning.filename]


@pytest.mark.models
def test_a_checkpoint_of_another_shape_is_damaged(tmp_path) -> None:
    real = resolve("tts/vits-joe")
    config = json.loads((real / "config.json").read_text())
    config["model_args"]["hidden_channels"] = 96
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "model.pth").symlink_to(real / "model.pth")
    with pytest.raises(ModelCorrupt, match="cannot be loaded"):
        CoquiSynthesizer(tmp_path)


@pytest.mark.models
def test_a_closed_voice_says_so() -> None:
    voice = CoquiSynthesizer("tts/vits-joe")
    voice.close()
    with pytest.raises(SynthesisError, match="closed"):
        voice.synthesize("Hello.")
