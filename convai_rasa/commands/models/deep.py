"""Does a model work? It is loaded and run once, in a process of its own, as native code may die of damaged weights.

The process is ``python -m convai_rasa.commands.models.deep JOB FOLDER [SOUND]``.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Optional

import numpy as np

from convai_rasa.audio import SAMPLE_RATE
from convai_rasa.errors import ConvaiError, MissingExtra, ModelCorrupt
from convai_rasa.quiet import ENVIRONMENT
from convai_rasa.store import (
    FORMATS,
    Format,
    Unanswered,
    answer,
    find_installed,
    kind_of,
    load_catalogue,
    refusal,
    run_apart,
)

LIMIT_S = 600.0  # the largest Whisper on two busy cores takes about a minute
SENTENCE = "I would like to book a table for four people."
TEXT = "Book a table in Paris for Anna tomorrow at eight."
_USUAL = {"asr": FORMATS["whisper"], "tts": FORMATS["voice"], "spacy": FORMATS["spacy"]}  # of a component's models


def deep_check(name: str, folder: Path, component: Optional[str] = None, *, limit_s: float = LIMIT_S) -> str:
    """Load a model and run it once; returns what it did, as one line for a user.

    A recognizer hears a sentence by a voice that is installed, or a second of generated sound where there is none; a
    voice speaks a sentence; the others get a text. No more than one model is in memory at a time. ``component`` is as
    in the catalog; None finds out, for a user's own model.

    Raises:
        ModelCorrupt: it cannot be loaded, gave no sense, died, or took too long.
        MissingExtra: a package that it needs is not installed.
    """
    kind = kind_of(folder)
    usual = _USUAL.get(component or "", kind)
    job = kind.job if kind.includes(usual) else usual.job
    if job is None:
        raise refusal(folder, Format("", "a model that can be run"))
    with tempfile.TemporaryDirectory() as scratch:
        sounds = []
        if job == "recognise":
            sounds = [Path(scratch, "sound.npy")]
            np.save(sounds[0], _sentence(folder.parent.parent if len(folder.parts) > 2 else None))
        return f"{name}: {_run(name, job, folder, *sounds, limit_s=limit_s)}"


def _run(name: str, job: str, folder: Path, *more: Path, limit_s: float) -> str:
    """Do a job in a process of its own; returns what it said, and raises what ``deep_check`` does."""
    arguments = (__spec__.name, job, str(folder), *map(str, more))
    try:
        return str(run_apart(*arguments, environment=ENVIRONMENT, limit_s=limit_s)["said"])
    except MissingExtra:
        raise
    except Unanswered as error:
        raise ModelCorrupt(f"{name} in {folder} cannot be loaded and run ({error}).") from error
    except ConvaiError as error:
        where = "" if str(folder) in str(error) else f"{name} in {folder}: "
        raise ModelCorrupt(f"{where}{error}") from error


@functools.lru_cache(maxsize=1)  # all recognizers hear the same
def _sentence(tree: Optional[Path]) -> np.ndarray:
    """Return a sentence by a voice that is installed, or sound that is none: float32 of shape (n,) at 16 kHz."""
    for voice in _voices(tree):
        # its errors are not about the one asked for
        with tempfile.TemporaryDirectory() as scratch, contextlib.suppress(ConvaiError):
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


def recognise(folder: Path, sound: str) -> str:
    """Hear what is in a file of samples."""
    from convai_rasa.asr import WhisperRecognizer

    samples = np.load(sound, allow_pickle=False)
    recognizer = WhisperRecognizer(folder, vad_threshold=0)  # whatever the sound is, the model is to run on it
    taken, transcript = _timed(lambda: recognizer.transcribe(samples))
    return f"heard '{transcript.text}' in {taken}" if transcript.text else f"heard no words, in {taken}"


def speak(folder: Path, sound: str | None = None) -> str:
    """Speak a sentence; into a file of samples at 16 kHz, if one is named."""
    from convai_rasa.audio import Sound, pcm16_to_float
    from convai_rasa.tts import TTSSynthesizer

    voice = TTSSynthesizer(folder)
    taken, samples = _timed(lambda: voice.synthesize(SENTENCE))
    if not samples.any():
        raise ModelCorrupt(f"The voice in {folder} makes no sound.")
    spoken = Sound(samples, voice.sample_rate)
    if sound is not None:
        np.save(sound, pcm16_to_float(spoken.at(SAMPLE_RATE).samples))
    return f"spoke for {spoken.seconds:.1f} s in {taken}"


def encode(folder: Path) -> str:
    """Embed a text."""
    from convai_rasa.nlu.encoder import encoder_from_checkpoint, read_checkpoint

    checkpoint = read_checkpoint(folder)
    encoder = encoder_from_checkpoint(checkpoint, max_length=int(checkpoint.config["max_position_embeddings"]))
    taken, embeddings = _timed(lambda: encoder.encode([TEXT]))
    _check(folder, embeddings, (1, checkpoint.dim))
    return f"embedded a text in {checkpoint.dim} numbers in {taken}"


def classify(folder: Path) -> str:
    """Tell the label of a text by a trained intent classifier, or by any other sequence classifier."""
    from convai_rasa.nlu.intents import load_model

    model = load_model(folder, trainable=False)
    taken, confidences = _timed(lambda: model.confidences([TEXT]))
    _check(folder, confidences, (1, len(model.labels)))
    best = int(confidences[0].argmax())
    return f"took a text for '{model.labels[best]}' ({confidences[0, best]:.2f}) in {taken}"


def judge(folder: Path) -> str:
    """Tell the mood of a text."""
    from convai_rasa.nlu.sentiment import SentimentAnalyzer

    analyzer = SentimentAnalyzer(folder)
    taken, sentiment = _timed(lambda: analyzer.analyze(TEXT))
    _check(folder, np.array([sentiment.score, sentiment.bert.score]), (2,))
    return f"found a text {sentiment.label} ({sentiment.score:+.2f}) in {taken}"


def find_entities(folder: Path) -> str:
    """Find entities in a text by what ``EntityExtractor.save`` wrote."""
    from convai_rasa.nlu.entities import EntityExtractor

    extractor = EntityExtractor(folder)
    taken, entities = _timed(lambda: extractor.extract(TEXT))
    return f"found {_named([(entity.text, entity.label) for entity in entities])} in {taken}"


def parse(folder: Path) -> str:
    """Run a text through all pipes of a spaCy pipeline, those that this package leaves out too."""
    from convai_rasa.nlu.entities import load_pipeline

    pipeline = load_pipeline(folder, whole=True)
    for name, pipe in pipeline.pipeline:
        _check_weights(folder, name, getattr(pipe, "model", None))
    taken, doc = _timed(lambda: pipeline(TEXT))
    return f"found {_named([(span.text, span.label_) for span in doc.ents])} in {taken}"


JOBS = {job.__name__: job for job in (recognise, speak, encode, classify, judge, find_entities, parse)}


def _timed(work: Callable[[], Any]) -> tuple[str, Any]:
    started = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - started
    return (f"{seconds:.1f} s" if seconds >= 0.1 else f"{1000 * seconds:.0f} ms"), result


def _check(folder: Path, numbers: np.ndarray, shape: tuple[int, ...]) -> None:
    if numbers.shape != shape or not np.isfinite(numbers).all():
        raise ModelCorrupt(f"The model in {folder} produces NaN (not a number), so its weights are damaged.")


def _check_weights(folder: Path, name: str, model: Any) -> None:
    """Refuse a pipe of which a weight is no number; its answers would be chance, and nothing would tell."""
    for node in model.walk() if hasattr(model, "walk") else ():
        for parameter in node.param_names:
            if node.has_param(parameter) and not np.isfinite(node.get_param(parameter)).all():
                raise ModelCorrupt(f"The pipe {name} in {folder} has damaged weights (NaN, not a number).")


def _named(found: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"'{text}' ({label})" for text, label in found) or "no entities in a text"


if __name__ == "__main__":
    sys.exit(answer(lambda: {"said": JOBS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])}))
