"""A genuine but tiny model of every kind, each built by the libraries' own classes when it is first asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Callable

import tiny_coqui
import tiny_nlu
import tiny_whisper
from filelock import FileLock

KIND_OF_ROW = {
    "whisper/tiny": "whisper",
    "whisper/tiny.en": "whisper-english",
    "whisper/base": "whisper",
    "whisper/small": "whisper",
    "whisper/medium": "whisper",
    "whisper/large-v3": "whisper-128-mels",
    "whisper/large-v3-turbo": "whisper-128-mels",
    "tts/tacotron2-DDC": "tacotron2",
    "tts/glow-tts": "glow_tts",
    "tts/vits": "vits",
    "tts/vits-joe": "voice",
    "nlu/distilbert-base": "distilbert",
    "nlu/minilm": "minilm",
    "nlu/multilingual-minilm": "multilingual-minilm",
    "nlu/distilbert-multilingual": "multilingual-distilbert",
    "tts/vits-thorsten": "voice",
    "tts/vits-davefx": "voice",
    "tts/vits-siwis": "voice",
    "tts/vits-paola": "voice",
    "tts/vits-faber": "voice",
    "tts/vits-dmitri": "voice",
    "spacy/en_core_web_sm": "spacy",
}


class TinyModels:
    """Builds what is asked for, each kind once.

    Args:
        home: an empty folder, or one that the other processes of a run build in.
    """

    def __init__(self, home: Path) -> None:
        self._home = home

    def of_row(self, name: str) -> Path:
        """Return a folder of the kind that a model of the catalogue is of."""
        return self(KIND_OF_ROW[name])

    def __call__(self, kind: str) -> Path:
        """Return the folder of a kind; nobody may change what is in it.

        Args:
            kind: ``whisper-transformers``, ``whisper``, ``whisper-english``, ``whisper-128-mels``; ``tacotron2``,
                ``glow_tts``, ``vits``, ``vits_joe``, ``vits_many``, ``voice`` (graphs alone), ``piper``,
                ``piper_many``; ``distilbert``, ``minilm`` (of 384 dimensions, as the packaged sentiment head wants
                them), ``intents``, ``sentiments`` (with a head of their own), ``multilingual-minilm`` (a BERT),
                ``multilingual-distilbert``; ``spacy``.
        """
        folder = self._home / kind
        if kind in (*tiny_coqui.VOICES, *tiny_coqui.PIPER):
            return self._voices() / kind
        if kind == "voice":
            return self._voices() / "vits_joe" / "onnx"
        self._once(folder, self._build(kind))
        return folder

    def _once(self, folder: Path, build: Callable[[Path], object]) -> None:
        with FileLock(f"{folder}.lock"):
            if not folder.exists():
                build(folder)

    def _build(self, kind: str) -> Callable[[Path], Path]:
        kinds: dict[str, Callable[[Path], Path]] = {
            "whisper-transformers": lambda folder: tiny_whisper.save_transformers(folder, english_only=False),
            "whisper-128-transformers": lambda folder: tiny_whisper.save_transformers(
                folder, english_only=False, mels=128
            ),
            "whisper-english-transformers": tiny_whisper.save_transformers,
            "whisper": lambda folder: tiny_whisper.convert(self("whisper-transformers"), folder),
            "whisper-english": lambda folder: tiny_whisper.convert(self("whisper-english-transformers"), folder),
            "whisper-128-mels": lambda folder: tiny_whisper.convert(self("whisper-128-transformers"), folder),
            "distilbert": tiny_nlu.save_encoder,
            "minilm": lambda folder: tiny_nlu.save_encoder(folder, dim=384),
            "intents": lambda folder: tiny_nlu.save_classifier(folder, ("greet", "order", "leave")),
            "sentiments": lambda folder: tiny_nlu.save_classifier(folder, ("negative", "neutral", "positive")),
            "multilingual-minilm": tiny_nlu.save_multilingual_minilm,
            "multilingual-distilbert": tiny_nlu.save_multilingual_distilbert,
            "spacy": tiny_nlu.save_pipeline,
        }
        return kinds[kind]

    def _voices(self) -> Path:
        folder = self._home / "voices"
        self._once(folder, _build_voices)
        return folder


def _build_voices(folder: Path) -> None:
    """Build all of them in a program of its own: it imports Coqui's whole training code."""
    command = [sys.executable, tiny_coqui.__file__, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
