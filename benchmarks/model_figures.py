"""What each installed model takes: disk, time to load, memory, and work for what it is there for.

Each model is measured alone, in a process of its own that computes on one thread, as the channel and Rasa run them:

- disk: all files of the model's folder, as installed.
- load: seconds from the folder to ready to answer, with the libraries imported already; an encoder in the form that a
  trained bot keeps it in (int8).
- memory: what the proportional set size grows by from the imported libraries to the loaded model after its first
  answer. Pages that processes share count once among them.
- work, as the median of several rounds, in processor seconds, which other programs on the machine hardly change:
  a recogniser per order (a sentence by tts/vits-joe, on the window that the channel uses); a voice per second of
  sound (its real-time factor) and until its first chunk; an encoder and spaCy per message.

    python benchmarks/model_figures.py                        # all models of the catalogue that are installed
    python benchmarks/model_figures.py whisper/base --json
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable

import numpy as np
import psutil
from tqdm import tqdm

from convai_rasa.audio import SAMPLE_RATE, pcm16_to_float, resample
from convai_rasa.errors import ConvaiError
from convai_rasa.nlu.encoder.checkpoint import read_checkpoint
from convai_rasa.nlu.encoder.ctranslate import export_encoder
from convai_rasa.nlu.encoder.lean_import import lean_import
from convai_rasa.quiet import ENVIRONMENT
from convai_rasa.store.catalogue import Model, load_catalogue
from convai_rasa.store.files import tree_bytes
from convai_rasa.store.resolving import find_installed, resolve
from convai_rasa.tts import SharedVoice

VOICE = "tts/vits-joe"
ORDER = "I would like to book a table for four people tomorrow at eight."
REPLY = "Your table for four people is booked for tomorrow evening at eight, and we look forward to seeing you."
MESSAGES = (
    "hello there",
    "I would like to book a table for four people tomorrow at eight.",
    "do you have anything vegan",
    "what are your opening hours on Sunday",
    "please cancel my booking for tonight, we cannot come",
    "the food was cold and the waiter was rude",
    "is there a car park near the restaurant in Rome",
    "my name is Anna Smith",
)
LIBRARIES = {
    "asr": ("faster_whisper", "convai_rasa.asr.whisper.whisper_recognizer"),
    "tts": ("onnxruntime", "gruut", "convai_rasa.tts.coqui"),
    "nlu": ("safetensors.numpy", "convai_rasa.nlu.encoder.checkpoint", "convai_rasa.nlu.encoder.ctranslate"),
    "spacy": (
        *("spacy", "recognizers_date_time", "recognizers_number", "recognizers_number_with_unit"),
        "convai_rasa.nlu.entities.finder",
    ),
}


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="models of the catalogue (default: all installed)")
    parser.add_argument("--rounds", type=int, default=7, help="(default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    parser.add_argument("--one", nargs=3, metavar=("COMPONENT", "FOLDER", "SOUND"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        component, folder, sound = given.one
        print(json.dumps(measure(component, Path(folder), sound, given.rounds)))
        return 0
    try:
        figures = measure_all(given.names, given.rounds)
    except ConvaiError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{'model':22}{'disk MB':>9}{'load s':>8}{'memory MB':>11}  work")
    for name, row in figures.items():
        print(f"{name:22}{row['disk_mb']:9.0f}{row['load_s']:8.1f}{row['memory_mb']:11.0f}  {in_words(row)}")
    if given.json:
        print(json.dumps(figures))
    return 0


def measure_all(names: list[str], rounds: int) -> dict[str, dict[str, float]]:
    """Return the figures of models by their names.

    Raises:
        ConvaiError: a model is not installed, or cannot be measured.
    """
    catalogue = load_catalogue()
    folders = {name: resolve(name) for name in names} or {name: find_installed(name) for name in catalogue.models}
    wanted = [(catalogue.fetchable(name), folder) for name, folder in folders.items() if folder is not None]
    figures = {}
    with tempfile.TemporaryDirectory() as scratch:
        sound = Path(scratch, "order.npy")
        if any(model.component == "asr" for model, _ in wanted):
            speak(ORDER, sound)
        for model, folder in tqdm(wanted, unit="model", disable=None):
            command = [sys.executable, "-W", "ignore", __file__, "--rounds", str(rounds)]
            command += ["--one", model.component, str(served(model, folder, Path(scratch))), str(sound)]
            environment = {**os.environ, **ENVIRONMENT, "OMP_NUM_THREADS": "1"}
            done = subprocess.run(command, capture_output=True, text=True, env=environment)
            if done.returncode:
                raise ConvaiError(f"{model.name} cannot be measured: {done.stderr.strip().rpartition(chr(10))[2]}")
            figures[model.name] = {"disk_mb": tree_bytes(folder) / 1e6, **json.loads(done.stdout.splitlines()[-1])}
    return figures


def served(model: Model, folder: Path, scratch: Path) -> Path:
    """Return the folder that a bot loads: for an encoder not its checkpoint, but what training makes of it."""
    if model.component != "nlu":
        return folder
    target = scratch / model.name
    export_encoder(read_checkpoint(folder), target, quantization="int8")
    return target


def speak(text: str, path: Path) -> None:
    """Write a sentence by the project's own voice as samples at 16 kHz; its process ends before others begin."""
    with contextlib.closing(SharedVoice(model=VOICE)) as voice:
        np.save(path, resample(pcm16_to_float(voice.synthesize(text)), voice.sample_rate, SAMPLE_RATE))


def measure(component: str, folder: Path, sound: str, rounds: int) -> dict[str, float]:
    """Measure one model in this process."""
    for library in LIBRARIES[component]:
        lean_import(library)  # as a server does: without the torch that they would only look for
    loaders = {"asr": recogniser, "tts": voice, "nlu": encoder, "spacy": pipeline}
    bare = memory()
    started = time.perf_counter()
    work = loaders[component](folder, sound)
    load_s = time.perf_counter() - started
    work()
    taken = memory() - bare
    results = [work() for _ in range(rounds)]
    medians = {key: statistics.median(result[key] for result in results) for key in results[0]}
    return {"load_s": load_s, "memory_mb": taken / 1e6, **medians}


def memory() -> int:
    """Proportional set size in bytes."""
    gc.collect()
    return psutil.Process().memory_full_info().pss


Work = Callable[[], "dict[str, float]"]


def recogniser(folder: Path, sound: str) -> Work:
    """Load a recogniser; its work is one spoken order."""
    from convai_rasa.asr import WhisperRecognizer

    samples, whisper = np.load(sound), WhisperRecognizer(folder, threads=1)

    def hear() -> dict[str, float]:
        used = processor_seconds(lambda: whisper.transcribe(samples))
        seconds = len(samples) / SAMPLE_RATE
        return {"order_s": seconds, "cpu_s_per_order": used, "real_time_factor": used / seconds}

    return hear


def voice(folder: Path, sound: str) -> Work:
    """Load a voice; its work is one reply."""
    from convai_rasa.tts.coqui import CoquiSynthesizer

    synthesizer = CoquiSynthesizer(folder, threads=1)

    def say() -> dict[str, float]:
        before = time.process_time()
        chunks = synthesizer.stream(REPLY)
        spoken = len(next(chunks))
        first = time.process_time() - before
        spoken += sum(map(len, chunks))
        seconds = spoken / synthesizer.sample_rate
        used = time.process_time() - before
        return {"reply_s": seconds, "real_time_factor": used / seconds, "first_chunk_cpu_ms": 1000 * first}

    return say


def encoder(folder: Path, sound: str) -> Work:
    """Load an encoder that ``export`` wrote; its work is one message."""
    from convai_rasa.nlu.encoder.ctranslate import Encoder

    ready = Encoder(folder, max_length=128)
    return lambda: per_message(lambda message: ready.encode([message]))


def pipeline(folder: Path, sound: str) -> Work:
    """Load an extractor around a spaCy pipeline; its work is one message."""
    from convai_rasa.nlu.entities.finder import EntityExtractor

    extractor = EntityExtractor(folder)
    extractor.warm_up()
    return lambda: per_message(extractor.extract)


def per_message(work: Callable[[str], Any]) -> dict[str, float]:
    """Return the processor milliseconds of work on one message, as the mean over several."""
    used = processor_seconds(lambda: [work(message) for message in MESSAGES])
    return {"cpu_ms_per_message": 1000 * used / len(MESSAGES)}


def processor_seconds(work: Callable[[], object]) -> float:
    """Return the processor seconds of all threads of this process that work takes."""
    before = time.process_time()
    work()
    return time.process_time() - before


def in_words(row: dict[str, float]) -> str:
    """Return the work of a model as a person reads it."""
    if "cpu_s_per_order" in row:
        return (
            f"{row['cpu_s_per_order']:.2f} CPU s per spoken order of {row['order_s']:.1f} s "
            f"(real-time factor {row['real_time_factor']:.2f})"
        )
    if "first_chunk_cpu_ms" in row:
        return (
            f"real-time factor {row['real_time_factor']:.2f}, first chunk after {row['first_chunk_cpu_ms']:.0f} CPU ms"
        )
    return f"{row['cpu_ms_per_message']:.1f} CPU ms per message"


if __name__ == "__main__":
    sys.exit(main())
