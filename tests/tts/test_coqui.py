from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from convai_rasa.asr import WhisperRecognizer
from convai_rasa.audio import SAMPLE_RATE, pcm16_to_float, resample
from convai_rasa.errors import ConfigurationError, ModelCorrupt, ModelNotFound, SynthesisError
from convai_rasa.store import resolve
from convai_rasa.tts import load_synthesizer
from convai_rasa.tts.coqui import CoquiSynthesizer

pytestmark = [pytest.mark.needs("onnxruntime", "gruut"), pytest.mark.slow]

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
        ({"precision": "bfloat16"}, "precision: "),
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
        ({"model": "tortoise"}, "is a 'tortoise' model; only Coqui's vits, tacotron2 and glow_tts are supported"),
        ({"model": "glow_tts"}, "is a 'glow_tts' model, which needs a vocoder: put it"),
        ({"characters": {**CONFIG["characters"], "characters_class": "my.Own"}}, "neither on Coqui's IPA phonemes nor"),
        ({"model_args": {"use_d_vector_file": True}}, "several speakers by 'use_speaker_embedding'"),
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
    with pytest.raises(ModelCorrupt, match=r"model\.pth cannot be loaded"):
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
def test_what_is_spoken_can_be_understood(voice: CoquiSynthesizer) -> None:
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
    assert not [warning for warning in recwarn if "convai_rasa" in warning.filename]


@pytest.mark.models
def test_whatever_changes_the_sound_changes_the_identity(voice: CoquiSynthesizer, tmp_path: pathlib.Path) -> None:
    same = CoquiSynthesizer("tts/vits-joe")
    assert same.capabilities.identity == voice.capabilities.identity
    np.testing.assert_array_equal(same.synthesize("Hello."), voice.synthesize("Hello."))
    assert CoquiSynthesizer("tts/vits-joe", speed=1.1).capabilities.identity != voice.capabilities.identity
    other = pathlib.Path(shutil.copytree(resolve("tts/vits-joe"), tmp_path / "other"))
    (other / "convai-model.json").unlink()  # which would call it damaged
    described = json.loads((other / "voice.json").read_text())
    (other / "voice.json").write_text(json.dumps({**described, "noise_scale": 0.1}))
    assert CoquiSynthesizer(other).capabilities.identity != voice.capabilities.identity


@pytest.mark.models
def test_a_voice_speaks_without_what_exports_it() -> None:
    """In an interpreter of its own, as this one may have imported torch for other tests."""
    code = """
        import sys
        from convai_rasa.tts import TTSSynthesizer
        TTSSynthesizer("tts/vits-joe").synthesize("Hello.")
        print(sorted({name.partition(".")[0] for name in sys.modules} & {"torch", "TTS", "transformers", "onnx"}))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.models
def test_a_closed_voice_says_so() -> None:
    voice = CoquiSynthesizer("tts/vits-joe")
    voice.close()
    with pytest.raises(SynthesisError, match="closed"):
        voice.synthesize("Hello.")
