"""One model, loaded and run once: ``python -m convai_rasa.commands.models.inference JOB FOLDER [SOUND]``.

A process of its own, as native code may die of damaged weights. What it found is one JSON object on its standard
output; whatever libraries print goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence

import numpy as np

from convai_rasa.errors import ConvaiError, MissingExtra, ModelCorrupt

SENTENCE = "I would like to book a table for four people."
TEXT = "Book a table in Paris for Anna tomorrow at eight."


def recognise(folder: Path, sound: str) -> str:
    """Hear what is in a file of samples."""
    from convai_rasa.asr import WhisperRecognizer

    samples = np.load(sound, allow_pickle=False)
    recognizer = WhisperRecognizer(folder, vad_threshold=0)  # whatever the sound is, the model is to run on it
    taken, transcript = _timed(lambda: recognizer.transcribe(samples))
    return f"heard '{transcript.text}' in {taken}" if transcript.text else f"heard no words, in {taken}"


def speak(folder: Path, sound: str | None = None) -> str:
    """Speak a sentence; into a file of samples at 16 kHz, if one is named."""
    from convai_rasa.audio import SAMPLE_RATE, pcm16_to_float, resample
    from convai_rasa.tts import TTSSynthesizer

    voice = TTSSynthesizer(folder)
    taken, spoken = _timed(lambda: voice.synthesize(SENTENCE))
    if not spoken.any():
        raise ModelCorrupt(f"The voice in {folder} makes no sound.")
    if sound is not None:
        np.save(sound, resample(pcm16_to_float(spoken), voice.sample_rate, SAMPLE_RATE))
    return f"spoke for {len(spoken) / voice.sample_rate:.1f} s in {taken}"


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
    return f"found {_listed([(entity.text, entity.label) for entity in entities])} in {taken}"


def parse(folder: Path) -> str:
    """Run a text through all pipes of a spaCy pipeline, those that this package leaves out too."""
    from convai_rasa.nlu.entities import load_whole_pipeline

    pipeline = load_whole_pipeline(folder)
    for name, pipe in pipeline.pipeline:
        _check_weights(folder, name, getattr(pipe, "model", None))
    taken, doc = _timed(lambda: pipeline(TEXT))
    return f"found {_listed([(span.text, span.label_) for span in doc.ents])} in {taken}"


JOBS: Mapping[str, Callable[..., str]] = {
    "recognise": recognise,
    "speak": speak,
    "encode": encode,
    "classify": classify,
    "judge": judge,
    "find_entities": find_entities,
    "parse": parse,
}


def main(arguments: Sequence[str]) -> None:
    """Do one job and print what came of it: ``said``, or ``error`` and whether a package is ``missing``."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries print, too
    job, folder, *more = arguments
    try:
        result: dict[str, Any] = {"said": JOBS[job](Path(folder), *more)}
    except ConvaiError as error:
        result = {"error": str(error), "missing": isinstance(error, MissingExtra)}
    with answer:
        json.dump(result, answer)


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


def _listed(found: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"'{text}' ({label})" for text, label in found) or "no entities in a text"


if __name__ == "__main__":
    main(sys.argv[1:])
