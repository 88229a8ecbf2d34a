"""Does an installed model work? It is loaded in a process of its own and run once."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Optional

import numpy as np

from convai_rasa.audio import SAMPLE_RATE
from convai_rasa.errors import ConvaiError, MissingExtra, ModelCorrupt
from convai_rasa.quiet import ENVIRONMENT
from convai_rasa.store import find_installed, kind_of, load_catalogue, refuse

LIMIT_S = 600.0  # the largest Whisper on two busy cores takes about a minute

_JOB_OF_COMPONENT = {"asr": "recognise", "tts": "speak", "spacy": "parse"}
_JOB_OF_KIND = {
    "whisper": "recognise",
    "voice": "speak",
    "coqui": "speak",
    "piper": "speak",
    "spacy": "parse",
    "entities": "find_entities",
    "intents": "classify",
    "classifier": "classify",
    "sentiments": "judge",
    "checkpoint": "encode",
    "archive": "classify",
}


def deep_check(name: str, folder: Path, component: Optional[str] = None, *, limit_s: float = LIMIT_S) -> str:
    """Load a model and run it once.

    A recognizer hears a sentence by a voice that is installed, or a second of generated sound where there is none; a
    voice speaks a sentence; the others get a text. No more than one model is in memory at a time.

    Args:
        name: what to call it.
        folder: of the model.
        component: ``asr``, ``tts``, ``nlu`` or ``spacy``, as in the catalog; None finds out, for a user's own model.
        limit_s: seconds it may take.

    Returns:
        What it did, as one line for a user.

    Raises:
        ModelCorrupt: it cannot be loaded, gave no sense, died, or took too long.
        MissingExtra: a package that it needs is not installed.
    """
    kind = kind_of(folder)
    job = _JOB_OF_COMPONENT.get(component or "") or _JOB_OF_KIND.get(kind.name)
    if component == "spacy" and kind.name == "entities":
        job = "find_entities"
    if job is None:
        raise refuse(folder, "a model that can be run")
    if job != "recognise":
        return f"{name}: {_run(name, job, folder, limit_s=limit_s)}"
    with tempfile.TemporaryDirectory() as scratch:
        sound = Path(scratch, "sound.npy")
        np.save(sound, _sentence(_tree(folder)))
        return f"{name}: {_run(name, job, folder, sound, limit_s=limit_s)}"


def _run(name: str, job: str, folder: Path, *more: Path, limit_s: float) -> str:
    command = [sys.executable, "-W", "ignore", "-m", "convai_rasa.commands.models.inference", job, str(folder)]
    with tempfile.TemporaryFile() as words:  # a pipe could fill up
        try:
            done = subprocess.run(
                [*command, *map(str, more)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=words,
                timeout=limit_s,
                env={**os.environ, **ENVIRONMENT},
            )
        except subprocess.TimeoutExpired:
            raise ModelCorrupt(f"{name} in {folder} was not loaded and run within {limit_s:g} s.") from None
        words.seek(0)
        last = words.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
    if done.returncode < 0:
        killed = signal.Signals(-done.returncode).name
        memory = ", perhaps because memory ran out" if killed == "SIGKILL" else ""
        raise ModelCorrupt(f"{name} in {folder} ended its process ({killed}{memory}) when it was loaded and run.")
    if done.returncode:
        raise ModelCorrupt(f"{name} in {folder} cannot be loaded and run ({last}).")
    answer = json.loads(done.stdout)
    if answer.get("missing"):
        raise MissingExtra(answer["error"])
    if "error" in answer:
        where = "" if str(folder) in answer["error"] else f"{name} in {folder}: "
        raise ModelCorrupt(f"{where}{answer['error']}")
    return str(answer["said"])


def _tree(folder: Path) -> Optional[Path]:
    """Return the models/ tree that a folder lies in, if it may be one."""
    return folder.parent.parent if len(folder.parts) > 2 else None


@functools.lru_cache(maxsize=1)  # all recognizers hear the same
def _sentence(tree: Optional[Path]) -> np.ndarray:
    """Return a spoken sentence, or sound that is none: float32 of shape (n,) at 16 kHz."""
    for voice in _voices(tree):
        with (
            tempfile.TemporaryDirectory() as scratch,
            contextlib.suppress(ConvaiError),
        ):  # it is not the one asked about
            sound = Path(scratch, "sound.npy")
            _run("voice", "speak", voice, sound, limit_s=LIMIT_S)
            return np.asarray(np.load(sound, allow_pickle=False))
    seconds = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    vowel = sum(np.sin(2 * np.pi * 140 * harmonic * seconds) / harmonic for harmonic in range(1, 12))
    return np.asarray(0.1 * vowel * np.sin(2 * np.pi * 2 * seconds) ** 2, dtype=np.float32)  # four syllables


def _voices(tree: Optional[Path]) -> list[Path]:
    names = [name for name, model in load_catalogue().models.items() if model.component == "tts"]
    names.sort(key=lambda name: name != "tts/vits-joe")  # the one that is loaded fastest
    found = [find_installed(name, place) for name in names for place in (tree, None)]
    return list(dict.fromkeys(folder for folder in found if folder is not None))
