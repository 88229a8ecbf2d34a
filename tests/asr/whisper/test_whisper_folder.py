"""What is refused as a Whisper model, and that a user's own is taken by its path."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tiny import TinyModels

from convai_rasa.asr import WhisperRecognizer, load_recognizer
from convai_rasa.errors import ConfigurationError, ModelCorrupt, ModelNotFound

pytestmark = [pytest.mark.processes, pytest.mark.needs("faster_whisper", "transformers")]

NOISE = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 145217532\n"


@pytest.fixture
def own(tiny_models: TinyModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's own model in the models/ tree of the project they are in."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(tiny_models("whisper"), tmp_path / "models" / "whisper" / "custom"))


@pytest.mark.parametrize(
    "named", ["models/whisper/custom", "models/whisper/custom/", "whisper/custom", "whisper/custom/", "{}", "{}/"]
)
def test_a_model_is_taken_by_its_path(own: Path, named: str) -> None:
    recognizer = WhisperRecognizer(model_path=named.format(own), vad_threshold=0, min_log_probability=-100)
    assert recognizer.path == own
    assert len(recognizer.capabilities.languages) == 100
    assert recognizer.transcribe(NOISE).duration_s == 1.0
    assert load_recognizer("whisper", named.format(own), threads=1).capabilities == recognizer.capabilities


@pytest.mark.parametrize(("kind", "languages", "mels"), [("whisper-english", 1, 80), ("whisper-128-mels", 100, 128)])
def test_every_kind_of_whisper_is_heard_with(tiny_models: TinyModels, kind: str, languages: int, mels: int) -> None:
    recognizer = WhisperRecognizer(tiny_models(kind), vad_threshold=0, min_log_probability=-100)
    assert len(recognizer.capabilities.languages) == languages
    assert recognizer._decoder._whisper.model.n_mels == mels
    assert recognizer.transcribe(NOISE, language="en").language == "en"


def test_a_conversion_may_have_left_the_extractors_settings_behind(tiny_models: TinyModels, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_models("whisper-128-mels"), tmp_path / "own")
    (folder / "preprocessor_config.json").unlink()
    recognizer = WhisperRecognizer(folder, vad_threshold=0, min_log_probability=-100)
    whole = WhisperRecognizer(tiny_models("whisper-128-mels"), vad_threshold=0, min_log_probability=-100)
    assert recognizer.transcribe(NOISE) == whole.transcribe(NOISE)


def test_without_the_numbers_of_the_languages_one_has_to_be_named(own: Path) -> None:
    config = json.loads((own / "config.json").read_text())
    (own / "config.json").write_text(json.dumps({**config, "lang_ids": []}))
    with pytest.raises(ConfigurationError, match=r"cannot detect languages.* the key 'language'"):
        WhisperRecognizer(own)
    recognizer = WhisperRecognizer(own, language="de", vad_threshold=0)
    assert recognizer.transcribe(NOISE).language == "de"


def test_a_model_of_transformers_is_refused_with_the_command_that_converts_it(
    tiny_models: TinyModels, tmp_path: Path
) -> None:
    source = shutil.copytree(tiny_models("whisper-transformers"), tmp_path / "fine tuned")
    with pytest.raises(ModelCorrupt) as refused:
        WhisperRecognizer(source)
    sentence = str(refused.value)
    assert "lacks model.bin and vocabulary.json or vocabulary.txt" in sentence
    assert "it is a Whisper model as transformers saves it" in sentence
    command = shlex.split(sentence.rpartition("convert it with: ")[2].rstrip("."))
    script = Path(sys.executable).with_name(command[0])
    done = subprocess.run([script, *command[1:]], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(WhisperRecognizer(f"{source}-ct2").capabilities.languages) == 100
    (source / "tokenizer.json").unlink()
    assert "; save its tokenizer beside it first: WhisperTokenizerFast." in refusal(source)


def refusal(path: Path) -> str:
    with pytest.raises(ModelCorrupt) as refused:
        WhisperRecognizer(path)
    sentence = str(refused.value)
    assert sentence.startswith(f"{path} is not a Whisper model for CTranslate2: ") or "git-LFS" in sentence
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("base.pt", "fetch the same model in that form with: convai models whisper/base."),
        ("mine.pt", "convert it with transformers' convert_openai_to_hf.py, and the result with ct2-"),
    ],
)
def test_openais_own_files_are_known(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / name).write_bytes(b"PK\3\4")
    assert said in refusal(tmp_path)
    assert said in refusal(tmp_path / name)


def test_other_models_are_called_by_their_names(tiny_models: TinyModels, tmp_path: Path) -> None:
    assert refusal(tmp_path).endswith("it is an empty folder.")
    assert refusal(tiny_models("spacy")).endswith("it is a spaCy pipeline; EntityExtractor takes it.")
    assert "of type 'distilbert' (DistilBertModel)." in refusal(tiny_models("distilbert"))
    (tmp_path / "ggml-base.bin").write_bytes(b"lmgg")
    assert refusal(tmp_path).endswith("it is a model of whisper.cpp.")
    (tmp_path / "more" / "custom").mkdir(parents=True)
    assert refusal(tmp_path / "more").endswith("it is a folder of folders (custom).")


def test_a_tokenizer_that_was_not_copied_is_asked_for(own: Path) -> None:
    (own / "tokenizer.json").unlink()
    assert "it lacks tokenizer.json" in refusal(own)
    assert "--copy_files tokenizer.json preprocessor_config.json" in refusal(own)


def test_a_pointer_is_no_model(own: Path) -> None:
    (own / "model.bin").write_text(POINTER)
    assert "model.bin is a git-LFS pointer instead of the file of 145,217,532 bytes; fetch that with: " in refusal(own)


@pytest.mark.parametrize("damage", ["cut", "garbage"])
def test_damaged_weights_are_named(own: Path, damage: str) -> None:
    whole = (own / "model.bin").read_bytes()
    (own / "model.bin").write_bytes(whole[:-1000] if damage == "cut" else b"\x5a" * len(whole))
    with pytest.raises(ModelCorrupt, match=r"cannot be loaded \(.*\); copy it again from where it came"):
        WhisperRecognizer(own)


def test_a_path_that_does_not_exist_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelNotFound, match="models/whisper/none"):
        WhisperRecognizer("models/whisper/none/")
