"""Graphs of every kind of voice, held against Coqui's own classes and against sound that is made at once."""

from __future__ import annotations

import concurrent.futures
import functools
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import TinyModels

from convai_rasa.errors import ConfigurationError
from convai_rasa.store import resolve
from convai_rasa.tts.export.voice_file import read_voice_file
from convai_rasa.tts.graphs import GraphVoice, load_voice
from convai_rasa.tts.graphs.latent_frames import FlowFrames
from convai_rasa.tts.text.symbols import SymbolEncoder

pytestmark = pytest.mark.needs("onnxruntime")

KINDS = ("tacotron2", "glow_tts", "vits", "vits_joe", "vits_many")
WHOLE = 10**6  # frames: more than any sentence has
SPEAKER = {"vits_many": "cleo"}  # who spoke what is expected


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    pytest.importorskip("TTS")
    pytest.importorskip("pkg_resources", reason="Coqui's training code needs setuptools < 81")
    return str(request.param)


@pytest.fixture
def folder(tiny_models: TinyModels, kind: str) -> Path:
    return tiny_models(kind)


@functools.cache
def load(folder: Path, speaker: str | None = None) -> GraphVoice:
    return load_voice(folder, read_voice_file(folder), speaker=speaker)


def spoken_by(folder: Path) -> GraphVoice:
    return load(folder / "onnx", SPEAKER.get(folder.name))


def expected(folder: Path) -> Any:
    return np.load(folder / "expected.npz")


def latents(voice: GraphVoice, ids: list[int], **how: Any) -> np.ndarray:
    return np.concatenate(list(voice.latents(ids, **{"speed": 1.0, "seed": 1, **how})), axis=2)


def joined(voice: GraphVoice, ids: list[int], **how: Any) -> np.ndarray:
    return np.concatenate(list(voice.speak(ids, **{"speed": 1.0, "seed": 1, **how})))


@pytest.mark.processes
def test_sound_and_spectrogram_are_those_of_coquis_own_class(folder: Path) -> None:
    theirs, voice = expected(folder), spoken_by(folder)
    ids = theirs["ids"].tolist()
    if "mel" in theirs:
        padding = voice.voice.padding_frames
        frames = latents(voice, ids)[0]
        np.testing.assert_allclose(frames[:, padding : frames.shape[1] - padding], theirs["mel"], atol=1e-5)
    assert theirs["sound"].std() > 0.01  # random weights, yet no silence
    np.testing.assert_allclose(joined(voice, ids), theirs["sound"], atol=1e-5)


@pytest.mark.processes
@pytest.mark.parametrize(("first", "longest"), [(24, 160), (7, 7), (25, 1000)])
def test_pieces_joined_equal_the_whole(folder: Path, first: int, longest: int) -> None:
    voice, ids = spoken_by(folder), expected(folder)["ids"].tolist()
    frames = latents(voice, ids)
    pieces = list(voice.speak_in_pieces([frames], first, longest))
    assert len(pieces) > 2 or longest > 100
    assert len(pieces[0]) == first * voice.voice.hop_samples
    np.testing.assert_allclose(np.concatenate(pieces), voice.decode(frames), atol=1e-5)


@pytest.mark.processes
def test_a_smaller_overlap_would_be_heard(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    voice, ids = spoken_by(folder), expected(folder)["ids"].tolist()
    frames = latents(voice, ids)
    whole = voice.decode(frames)
    with monkeypatch.context() as smaller:
        smaller.setitem(voice.voice.__dict__, "overlap_frames", 1)
        pieces = np.concatenate(list(voice.speak_in_pieces([frames], 20, 20)))
    assert np.abs(pieces - whole).max() > 1e-4


@pytest.mark.processes
def test_speaking_in_turns_and_in_threads_mixes_nobody_up(folder: Path) -> None:
    voice, ids = spoken_by(folder), expected(folder)["ids"].tolist()
    texts = [ids, ids[::-1]]
    alone = [joined(voice, text) for text in texts]
    heard: list[list[np.ndarray]] = [[], []]
    for pieces in itertools.zip_longest(*(voice.speak(text, speed=1.0, seed=1) for text in texts)):
        for index, piece in enumerate(pieces):
            if piece is not None:
                heard[index].append(piece)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        at_once = list(pool.map(lambda text: joined(voice, text), texts * 2))
    for sound, pieces in zip(alone, heard):
        np.testing.assert_array_equal(np.concatenate(pieces), sound)
    for sound, again in zip(alone * 2, at_once):
        np.testing.assert_array_equal(again, sound)


@pytest.mark.processes
def test_speed_changes_the_length(folder: Path) -> None:
    voice, ids = spoken_by(folder), expected(folder)["ids"].tolist()
    lengths = [len(joined(voice, ids, speed=speed)) for speed in (0.5, 1.0, 2.0)]
    assert lengths[0] > 1.3 * lengths[1] > 1.5 * lengths[2]


@pytest.mark.processes
def test_tacotron_2_is_heard_while_it_is_decoded(tiny_models: TinyModels) -> None:
    voice, ids = spoken_by(tiny_models("tacotron2")), expected(tiny_models("tacotron2"))["ids"].tolist()
    made: list[int] = []

    def counted(blocks: Any) -> Any:
        for block in blocks:
            made.append(block.shape[2])
            yield block

    pieces = voice.speak_in_pieces(counted(voice.latents(ids, speed=1.0, seed=1)), 20, 20)
    next(pieces)
    early = sum(made)
    list(pieces)
    assert early < sum(made)


@pytest.mark.processes
def test_each_of_several_speakers_sounds_otherwise(tiny_models: TinyModels) -> None:
    folder, ids = tiny_models("vits_many") / "onnx", expected(tiny_models("vits_many"))["ids"].tolist()
    assert read_voice_file(folder).speakers == {"anna": 0, "ben": 1, "cleo": 2}
    anna, ben, first = (joined(load(folder, name), ids) for name in ("anna", "ben", None))
    np.testing.assert_array_equal(first, anna)
    assert len(anna) != len(ben) or np.abs(anna - ben).max() > 1e-3
    with pytest.raises(ConfigurationError, match="has no speaker 'dora'; it has 3, such as anna, ben, cleo"):
        load(folder, "dora")
    with pytest.raises(ConfigurationError, match="has no speaker 'anna'; it has one, so leave out 'speaker'"):
        load(tiny_models("vits") / "onnx", "anna")


@pytest.mark.models
def test_the_real_voice_sounds_the_same_in_pieces_and_each_time() -> None:
    folder = resolve("tts/vits-joe")
    voice = load(folder)
    ids = SymbolEncoder(voice.voice.symbols).encode("Your table for four people is booked for tomorrow evening!")
    assert isinstance(voice._frames, FlowFrames)
    how = {"speed": 1.0, "speaker": np.zeros(1, np.int64)}
    prior = voice._frames.prior(ids, rng=np.random.default_rng(1), **how)
    whole = voice.decode(voice._frames._latents(prior, how["speaker"]))  # the flow, too, at once
    assert len(whole) == prior.shape[2] * voice.voice.hop_samples
    pieces = list(voice.speak(ids, speed=1.0, seed=1))
    assert len(pieces) > 2
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=2e-5)  # under one step of 16-bit sound
    np.testing.assert_array_equal(joined(voice, ids), np.concatenate(pieces))
    assert len(joined(voice, ids, seed=2)) != len(whole)  # another rhythm
