"""A user's own recogniser and voice by their path under the channel in credentials.yml."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from tiny import TinyModels

from convai_rasa.errors import ModelCorrupt
from convai_rasa.project.change.voice_channel import CHANNEL
from convai_rasa.project.checks.voice import check_engines, voice_options
from convai_rasa.voice.engines.shared import Engines

pytestmark = [pytest.mark.processes, pytest.mark.needs("faster_whisper", "gruut", "pkg_resources")]

CREDENTIALS = """
convai_rasa.voice.VoiceInput:
  asr:
    model: {asr}
    vad_threshold: 0
  tts:
    model: {tts}
    cache: false
"""


@pytest.fixture
def project(tiny_models: TinyModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with models of its own in its tree."""
    shutil.copytree(tiny_models("whisper"), tmp_path / "models" / "whisper" / "custom")
    shutil.copytree(tiny_models("vits"), tmp_path / "models" / "tts" / "custom_voice")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def engines(asr: str, tts: str) -> Engines:
    credentials: dict[str, Any] = yaml.safe_load(CREDENTIALS.format(asr=asr, tts=tts))
    assert CHANNEL in credentials
    options = voice_options(credentials)
    check_engines(options)
    return Engines(options)


@pytest.mark.parametrize("named", ["models/{}/", "models/{}", "{}", "{}/", "/{}/"])
async def test_the_channel_hears_and_speaks_with_them(project: Path, named: str) -> None:
    absolute = named.startswith("/")
    asr, tts = (
        (f"{project}/models/{name}/" if absolute else named.format(name))
        for name in ("whisper/custom", "tts/custom_voice")
    )
    with contextlib.closing(engines(asr, tts)) as both:
        await both.wait_ready()
        spoken = [sound.samples async for sound in both.speak("Hello there, friend!")]
        assert np.abs(np.concatenate(spoken)).max() > 100
        noise = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
        assert (await both.recognise(noise)).duration_s == 1.0


async def test_what_is_no_model_stops_the_server_in_one_sentence(project: Path) -> None:
    with pytest.raises(ModelCorrupt, match=r"custom_voice is not a Whisper model .* it is a Coqui voice \(vits\)"):
        engines("models/tts/custom_voice/", "models/tts/custom_voice/")
    with (
        contextlib.closing(engines("models/whisper/custom/", "models/whisper/custom/")) as both,
        pytest.raises(ModelCorrupt, match=r"custom is not a Coqui voice: it lacks model\.pth, and it is a Whisper"),
    ):
        await both.wait_ready()
