"""What other programs import has types that a checker can use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import convai_rasa

PACKAGE = Path(convai_rasa.__file__).parent

RIGHT = """
from pathlib import Path
from typing import List, Optional

import numpy as np

from convai_rasa.asr import Recognizer, Transcript, load_recognizer
from convai_rasa.audio import SAMPLE_RATE, decode_audio
from convai_rasa.nlu import EntityExtractor, IntentClassifier, SentimentAnalyzer
from convai_rasa.store import resolve
from convai_rasa.tts import Synthesizer, TTSSynthesizer
from convai_rasa.voice import VoiceInput, VoiceOutput

recognizer: Recognizer = load_recognizer("whisper", "whisper/base")
heard: Transcript = recognizer.transcribe(np.zeros(SAMPLE_RATE, np.float32), language="en")
words: str = heard.text
sure: float = heard.confidence
spoken: np.ndarray = TTSSynthesizer("tts/vits-joe").synthesize(words)
folder: Path = resolve("whisper/base")
intents = IntentClassifier("nlu/intent_classifier").predict([words])
best: Optional[str] = intents[0].name
extractor: EntityExtractor
analyzer: SentimentAnalyzer
channel: VoiceInput
output: VoiceOutput
"""
WRONG = {
    "a number for a text": ("heard.text + 1", "operator"),
    "a name that is not there": ("heard.words", "attr-defined"),
    "a path for a number": ("resolve(5)", "arg-type"),
}


def mypy(program: str, folder: Path) -> str:
    file = folder / "program.py"
    file.write_text(program)
    command = [sys.executable, "-m", "mypy", "--config-file", "", "--follow-imports=silent", "--cache-dir", "cache"]
    where = {**os.environ, "MYPYPATH": str(PACKAGE.parent)}  # an editable installation is not looked into
    return subprocess.run([*command, str(file)], capture_output=True, text=True, cwd=folder, env=where).stdout


@pytest.mark.processes
def test_a_program_that_uses_it_is_checked(tmp_path: Path) -> None:
    assert mypy(RIGHT, tmp_path) == "Success: no issues found in 1 source file\n"
    assert (PACKAGE / "py.typed").is_file()  # without it a checker does not look into an installed package
    wrong = mypy(RIGHT + "\n".join(line for line, _ in WRONG.values()), tmp_path)
    assert [code for _, code in WRONG.values()] == [line.rpartition("[")[2][:-1] for line in wrong.splitlines()[:-1]]
