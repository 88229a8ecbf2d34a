"""Without Rasa, on the newest Python there is: installed by pip, a voice speaks and Whisper hears what it said."""

from __future__ import annotations

import glob
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tiny import TinyModels

pytestmark = [pytest.mark.models, pytest.mark.processes]

ROOT = Path(__file__).parent.parent
VERSIONS = ("3.13", "3.12", "3.11", "3.10")  # what pyproject.toml allows, the newest first
SAID = "I would like to book a table for four people."

SPEAK_AND_HEAR = f"""
import importlib.util, json, sys
import pydantic
from convai_rasa.asr import load_recognizer
from convai_rasa.audio import Decoder, wav_bytes
from convai_rasa.speech import Metrics, make_app
from convai_rasa.tts import load_synthesizer

voice = load_synthesizer("coqui", "tts/vits-joe")
spoken = Decoder().decode(wav_bytes(voice.synthesize({SAID!r}), voice.sample_rate), max_seconds=10)
heard = load_recognizer("whisper", "whisper/tiny.en").transcribe(spoken.samples)
lengths = [len(load_synthesizer("coqui", graphs).synthesize("Hello there, friend!")) for graphs in sys.argv[1:]]
absent = [name for name in ("rasa", "sanic", "torch", "TTS", "transformers") if importlib.util.find_spec(name) is None]
print(json.dumps([heard.text, pydantic.VERSION, absent, lengths]))
"""


def newest_python() -> str:
    """Return a Python of the newest version that can make virtual environments, as scripts/find_python.sh looks."""
    homes = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    for version in VERSIONS:
        named = shutil.which(f"python{version}")
        for candidate in [*([named] if named else []), *sorted(glob.glob(f"{homes}/{version}.*/bin/python"))]:
            works = f"import sys, venv, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != '{version}')"
            if subprocess.run([candidate, "-c", works], capture_output=True, check=False).returncode == 0:
                return candidate
    raise AssertionError("not even the Python of these tests was found")


def test_a_voice_speaks_and_is_heard_without_rasa(
    tmp_path: Path, tiny_models: TinyModels, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = newest_python()
    source = tmp_path / "source"  # pip builds beside pyproject.toml
    shutil.copytree(ROOT / "convai_rasa", source / "convai_rasa", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    python = tmp_path / "venv" / "bin" / "python"
    run([chosen, "-m", "venv", str(python.parent.parent)])
    # Compiling all modules takes longer than all the rest.
    run([str(python), "-m", "pip", "install", "--quiet", "--no-compile", f"{source}[speech]"])
    run([str(python), "-m", "pip", "check"])
    environment = {**os.environ, "CONVAI_MODELS_DIR": str(ROOT / "models")}

    voices = [str(tiny_models(kind) / "onnx") for kind in ("tacotron2", "glow_tts", "vits_many")]
    said = run([str(python), "-c", SPEAK_AND_HEAR, *voices], env=environment)
    text, pydantic, absent, lengths = json.loads(said.splitlines()[-1])
    with capsys.disabled():
        sys.stdout.write(f"\n{chosen}, pydantic {pydantic}: heard {text!r}\n")

    assert "book a table for four people" in text.lower()
    assert absent == ["rasa", "sanic", "torch", "TTS", "transformers"]
    assert pydantic.startswith("2.")
    assert min(lengths) > 0
    assert "fetch, list and verify models" in run([str(python), "-m", "convai_rasa.cli", "--help"])
    listed = run([str(python), "-m", "convai_rasa.cli", "models", "--list"], env=environment)
    assert "whisper/tiny.en" in listed


def run(command: list[str], env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False, cwd="/", env=env)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout
