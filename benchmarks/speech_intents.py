"""What training on recognition-like noise is worth to intents, on transcripts of real speech.

Spoken coffee orders are transcribed by Whisper without any prompt, so with its mistakes. The intent of an order is the
drink it asks for; the classifier learns it from written sentences, with ``speech_noise`` and without.

    python benchmarks/speech_intents.py --data FOLDER [--asr whisper/tiny.en] [--json]

FOLDER holds ``labels.jsonl`` (``file`` and ``slots`` per line), the wav files and ``training-sentences.txt``, as in
Picovoice's speech-to-intent-benchmark. Without it the benchmark says so and ends. Figures are means over the seeds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from convai_rasa.asr import load_recognizer
from convai_rasa.audio import decode_audio
from convai_rasa.errors import ConvaiError
from convai_rasa.nlu import IntentClassifier

SLOT = "coffeeDrink"
WITH_NOISE = (0.0, 0.5, 1.0)  # share of the examples that get a noisy copy


def main() -> int:
    """Print one table, and with --json one JSON object last."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("CONVAI_SPEECH_DATA"))
    parser.add_argument("--asr", nargs="+", default=["whisper/tiny.en", "whisper/base"])
    parser.add_argument("--strategy", default="fine_tune", choices=["fine_tune", "frozen"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    arguments = parser.parse_args()
    if arguments.data is None or not (Path(arguments.data) / "labels.jsonl").is_file():
        print("skipped: no recordings; give --data FOLDER or set CONVAI_SPEECH_DATA.")
        return 0
    folder = Path(arguments.data)
    orders = [json.loads(line) for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    orders = [order for order in orders if SLOT in order["slots"]]
    drinks = sorted({order["slots"][SLOT] for order in orders}, key=len, reverse=True)
    sentences = (folder / "training-sentences.txt").read_text(encoding="utf-8").splitlines()
    asked_for = [next((drink for drink in drinks if drink in sentence), None) for sentence in sentences]
    examples = [(text, drink) for text, drink in zip(sentences, asked_for, strict=True) if drink]
    truth = [order["slots"][SLOT] for order in orders]
    try:
        heard = {model: _transcripts(model, orders, folder) for model in arguments.asr}
        shares: dict[str, dict[str, list[float]]] = {model: {} for model in arguments.asr}
        for noise in WITH_NOISE:
            for seed in arguments.seeds:
                classifier = IntentClassifier()
                options = {"speech_noise": noise, "seed": seed, "strategy": arguments.strategy}
                classifier.train(*zip(*examples, strict=True), **options)
                for model, texts in heard.items():
                    found = [prediction.name for prediction in classifier.predict(texts)]
                    right = np.mean([name == drink for name, drink in zip(found, truth, strict=True)])
                    shares[model].setdefault(f"{noise:g}", []).append(float(right))
    except ConvaiError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"\nintent right, of {len(orders)} orders, by share of noisy copies (speech_noise)")
    print(f"{'recogniser':<20}" + "".join(f"{f'{noise:g}':>16}" for noise in WITH_NOISE))
    for model, by_noise in shares.items():
        cells = [f"{statistics.mean(runs):.3f} ±{statistics.pstdev(runs):.3f}" for runs in by_noise.values()]
        print(f"{model:<20}" + "".join(f"{cell:>16}" for cell in cells))
    if arguments.json:
        print(json.dumps(shares))
    return 0


def _transcripts(model: str, orders: list[dict], folder: Path) -> list[str]:
    recognizer = load_recognizer(model=model, threads=1, language="en")
    return [
        recognizer.transcribe(decode_audio((folder / order["file"]).read_bytes(), max_seconds=60)).text
        for order in tqdm(orders, desc=f"Transcribing with {model}", unit="order", disable=None)
    ]


if __name__ == "__main__":
    sys.exit(main())
