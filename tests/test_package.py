"""What it costs to import the package."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.processes

HEAVY = ("torch", "TTS", "transformers", "tensorflow", "rasa", "spacy", "ctranslate2", "faster_whisper", "onnxruntime")
REMOTE = ("httpx", "wyoming")  # are imported where an engine on another machine is configured


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
    code = f"{statement}\nimport sys\nprint('HEAVY', [name for name in {HEAVY + REMOTE!r} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert run.stdout.splitlines()[-1:] == ["HEAVY []"], run.stdout[-500:] + run.stderr
