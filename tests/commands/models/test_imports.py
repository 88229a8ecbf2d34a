"""What the command does without models, it does without the packages that run them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"torch", "transformers", "tensorflow", "rasa", "TTS", "spacy", "ctranslate2", "numpy", "requests", "filelock"}


@pytest.mark.processes
@pytest.mark.parametrize("words", [["--list"], ["where", "whisper/base"], ["versions"]], ids=lambda words: words[0])
def test_nothing_heavy_is_imported(words: list[str], tmp_path: Path) -> None:
    code = (
        "import sys; from convai_rasa.cli import main; main(['models', *sys.argv[1:]])\n"
        f"print('HEAVY', sorted({HEAVY!r} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "HEAVY []"
