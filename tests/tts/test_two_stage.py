"""Tacotron 2 and Glow-TTS with their vocoders, held against Coqui's own classes and whole decoding."""

from __future__ import annotations

import functools
import itertools
import json
import pathlib
import shutil
from typing import Any

import numpy as np
import pytest
from tiny import TinyModels

from convai_rasa.errors import ConfigurationError, ModelCorrupt
from convai_rasa.tts import load_synthesizer
from convai_rasa.tts.coqui_folder import CoquiFolder
from convai_rasa.tts.symbols import SymbolEncoder
from convai_rasa.tts.two_stage import TwoStageVoice

pytest.importorskip("torch")
pytest.importorskip("TTS")
pytest.importorskip("pkg_resources", reason="Coqui's training code needs setuptools < 81")
pytestmark = pytest.mark.processes

KINDS = ("tacotron2", "glow_tts")


@pytest.fixture(scope="session")
def built(tiny_models: TinyModels) -> pathlib.Path:
    """Voices that Coqui's classes built, saved and spoke with."""
    return tiny_models("tacotron2").parent


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def copied(built: pathlib.Path, kind: str, tmp_path: pathlib.Path) -> pathlib.Path:
    """One of them, to be damaged."""
    shutil.copytree(built / kind, tmp_path / kind)
    return tmp_path / kind


def expected(folder: pathlib.Path) -> Any:
    return np.load(folder / "expected.npz")


@functools.lru_cache  # loading takes longer than speaking
def load(folder: pathlib.Path) -> TwoStageVoice:
    return TwoStageVoice(CoquiFolder.read(folder), device="cpu", bfloat16=False)


def change(path: pathlib.Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_symbols_spectrogram_and_sound_are_those_of_coquis_own_classes(built: pathlib.Path, kind: str) -> None:
    theirs = expected(built / kind)
    ids = SymbolEncoder(CoquiFolder.read(built / kind).config).encode(str(theirs["sentence"]))
    assert ids == theirs["ids"].tolist()
    voice = load(built / kind)
    frames = np.concatenate([block[0].numpy() for block in voice._frames(ids, speed=1.0, seed=1)], axis=1)
    np.testing.assert_allclose(frames, theirs["mel"], atol=1e-5)
    assert theirs["sound"].std() > 0.01  # random weights, yet no silence
    np.testing.assert_allclose(voice.whole(ids, speed=1.0, seed=1), theirs["sound"], atol=1e-5)


@pytest.mark.parametrize(("first", "longest"), [(40, 160), (7, 7), (3, 50), (25, 1000)])
def test_decoding_in_chunks_equals_decoding_the_whole(built: pathlib.Path, kind: str, first: int, longest: int) -> None:
    voice = load(built / kind)
    ids = expected(built / kind)["ids"].tolist()
    whole = voice.whole(ids, speed=1.0, seed=1)
    chunks = list(voice._vocoder.speak_in_chunks(voice._frames(ids, speed=1.0, seed=1), first, longest))
    assert len(chunks) > 2 or longest > 100
    assert len(chunks[0]) == first * voice._vocoder.hop_samples
    np.testing.assert_allclose(np.concatenate(chunks), whole, atol=2e-6)


def test_a_smaller_overlap_would_be_heard(built: pathlib.Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    voice = load(built / kind)
    ids = expected(built / kind)["ids"].tolist()
    whole = voice.whole(ids, speed=1.0, seed=1)
    monkeypatch.setattr(voice._vocoder, "overlap_frames", 2)
    chunks = list(voice._vocoder.speak_in_chunks(voice._frames(ids, speed=1.0, seed=1), 20, 20))
    assert np.abs(np.concatenate(chunks) - whole).max() > 1e-4


def test_the_first_sound_does_not_wait_for_the_whole_spectrogram(built: pathlib.Path) -> None:
    voice = load(built / "tacotron2")
    made: list[int] = []

    def counted(blocks: Any) -> Any:
        for block in blocks:
            made.append(block.shape[2])
            yield block

    ids = expected(built / "tacotron2")["ids"].tolist()
    chunks = voice._vocoder.speak_in_chunks(counted(voice._frames(ids, speed=1.0, seed=1)), 20, 20)
    next(chunks)
    early = sum(made)
    list(chunks)
    assert early < sum(made)


def test_speaking_in_turns_mixes_nobody_up(built: pathlib.Path, kind: str) -> None:
    voice = load(built / kind)
    ids = expected(built / kind)["ids"].tolist()
    texts = [ids, ids[::-1]]
    alone = [np.concatenate(list(voice.speak(text, speed=1.0, seed=1))) for text in texts]
    streams = [voice.speak(text, speed=1.0, seed=1) for text in texts]
    heard: list[list[np.ndarray]] = [[], []]
    for chunks in itertools.zip_longest(*streams):  # a chunk each, in turns
        for index, chunk in enumerate(chunks):
            if chunk is not None:
                heard[index].append(chunk)
    for sound, chunks in zip(alone, heard):
        np.testing.assert_array_equal(np.concatenate(chunks), sound)


def test_speed_changes_the_length(built: pathlib.Path, kind: str) -> None:
    voice = load(built / kind)
    ids = expected(built / kind)["ids"].tolist()
    lengths = [len(np.concatenate(list(voice.speak(ids, speed=speed, seed=1)))) for speed in (0.5, 1.0, 2.0)]
    assert lengths[0] > 1.4 * lengths[1]
    assert lengths[1] > 1.2 * lengths[2]


def test_it_speaks_as_an_engine(built: pathlib.Path, kind: str) -> None:
    voice = load_synthesizer("coqui", str(built / kind), precision="float32")
    wanted = expected(built / kind)["sound"]
    sound = voice.synthesize(str(expected(built / kind)["sentence"]))
    np.testing.assert_allclose(sound / 32768, np.clip(wanted, -1, 1), atol=1e-3)
    assert voice.sample_rate == 22050
    assert voice.capabilities.streams
    other = load_synthesizer("coqui", str(built / kind), vocoder=str(built / kind / "vocoder"), precision="float32")
    assert other.capabilities.identity == voice.capabilities.identity


def test_another_vocoder_is_another_voice(copied: pathlib.Path, built: pathlib.Path, kind: str) -> None:
    one = load_synthesizer("coqui", str(built / kind)).capabilities.identity
    change(copied / "vocoder" / "config.json", run_name="another")
    assert load_synthesizer("coqui", str(copied)).capabilities.identity != one


@pytest.mark.parametrize(
    ("voice", "vocoder"),
    [("tacotron2-DDC", "hifigan_v2"), ("glow-tts", "multiband-melgan"), ("fast_pitch", "hifigan_v2")],
)
def test_in_coquis_own_cache_the_vocoder_lies_beside_the_voice(
    copied: pathlib.Path, tmp_path: pathlib.Path, voice: str, vocoder: str
) -> None:
    cached = copied.rename(tmp_path / f"tts_models--en--ljspeech--{voice}")
    beside = (cached / "vocoder").rename(tmp_path / f"vocoder_models--en--ljspeech--{vocoder}")
    assert CoquiFolder.read(cached).vocoder().path == beside
    elsewhere = cached.rename(tmp_path / "tts_models--en--ljspeech--unknown")
    with pytest.raises(ConfigurationError, match="needs a vocoder"):
        CoquiFolder.read(elsewhere).vocoder()


def test_a_voice_of_the_catalogue_speaks_from_coquis_own_cache(
    built: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = shutil.copytree(built / "tacotron2", tmp_path / "tts/tts_models--en--ljspeech--tacotron2-DDC")
    (cached / "vocoder").rename(tmp_path / "tts/vocoder_models--en--ljspeech--hifigan_v2")
    monkeypatch.setenv("TTS_HOME", str(tmp_path))
    monkeypatch.delenv("CONVAI_MODELS_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    spoken, expected_sound = (
        load_synthesizer("coqui", model, precision="float32").synthesize("good morning")
        for model in ("tts/tacotron2-DDC", str(built / "tacotron2"))
    )
    np.testing.assert_array_equal(spoken, expected_sound)


def test_without_a_vocoder_it_says_where_one_belongs(copied: pathlib.Path) -> None:
    shutil.rmtree(copied / "vocoder")
    with pytest.raises(ConfigurationError, match=r"needs a vocoder: put it with its config\.json into .*vocoder"):
        load_synthesizer("coqui", str(copied))
    (copied / "vocoder").mkdir()
    with pytest.raises(ModelCorrupt, match=r"vocoder is not a Coqui vocoder: it is an empty folder"):
        load_synthesizer("coqui", str(copied))


@pytest.mark.parametrize(
    ("where", "changes", "sentence"),
    [
        ("config.json", {"use_speaker_embedding": True}, "voices of one speaker"),
        ("config.json", {"use_d_vector_file": True}, "voices of one speaker"),
        ("vocoder/config.json", {"generator_model": "wavernn"}, "vocoder is a 'wavernn'; supported are hifigan"),
        ("vocoder/config.json", {"audio": {"sample_rate": 24000, "num_mels": 80, "hop_length": 256}}, "do not fit"),
    ],
)
def test_what_is_unsupported_is_refused(
    copied: pathlib.Path, where: str, changes: dict[str, object], sentence: str
) -> None:
    change(copied / where, **changes)
    with pytest.raises(ConfigurationError, match=sentence):
        load_synthesizer("coqui", str(copied))


@pytest.mark.parametrize("damaged", ["model_file.pth", "vocoder/model.pth"])
def test_damaged_checkpoints_are_named(copied: pathlib.Path, damaged: str) -> None:
    path = copied / damaged
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ModelCorrupt, match=path.name.replace(".", r"\.")):
        load_synthesizer("coqui", str(copied))


def test_statistics_are_needed_and_cannot_run_code(built: pathlib.Path, tmp_path: pathlib.Path) -> None:
    shutil.copytree(built / "tacotron2", tmp_path / "voice")
    statistics = tmp_path / "voice" / "scale_stats.npy"

    class Evil:
        def __reduce__(self) -> Any:
            return (pathlib.Path.touch, (tmp_path / "was-run",))

    np.save(statistics, np.array(Evil(), dtype=object), allow_pickle=True)
    with pytest.raises(ModelCorrupt, match=r"scale_stats\.npy cannot be read"):
        load_synthesizer("coqui", str(tmp_path / "voice"))
    assert not (tmp_path / "was-run").exists()
    statistics.unlink()
    with pytest.raises(ConfigurationError, match=r"scale_stats\.npy is missing"):
        load_synthesizer("coqui", str(tmp_path / "voice"))
