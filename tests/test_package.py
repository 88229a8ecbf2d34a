"""What it costs to import the package."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.processes

HEAVY = ("torch", "TTS", "transformers", "tensorflow", "rasa", "spacy", "ctranslate2", "faster_whisper", "onnxruntime")
LATER = ("av", "httpx", "wyoming")  # where a recording is decoded, or an engine on another machine is configured


@pytest.mark.parametrize(
    "statement",
    [
        "import convai_rasa",
        "import convai_rasa.audio",
        "import convai_rasa.store",
        "import convai_rasa.asr",
        "import convai_rasa.tts",
        "import convai_rasa.voice",
        "import convai_rasa.nlu",
        "from convai_rasa.cli import main; main(['models', '--list'])",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(statement: str) -> None:
    assert loaded_of(HEAVY + LATER, statement) == "[]"


@pytest.mark.parametrize("module", ["actions", "spoken_form"])
def test_an_action_server_need_not_load_rasa_or_models(module: str) -> None:
    assert loaded_of(("rasa", "torch", "numpy", "tensorflow"), f"import convai_rasa.{module}") == "[]"


def loaded_of(names: tuple[str, ...], statement: str) -> str:
    """Return which of some modules are imported by a statement."""
    code = f"{statement}\nimport sys\nprint('LOADED', [name for name in {names!r} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()[-1].partition("LOADED ")[2]
