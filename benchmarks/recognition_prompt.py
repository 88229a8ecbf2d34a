"""What a prompt of the bot's own sentences is worth to Whisper.

Real spoken orders are transcribed with and without the prompt that the voice channel would build from the
bot's training sentences; an order counts when every word of its labelled slots is in the transcript. Every second
recording is counted by itself: the length of the prompt was chosen on the others.

    python benchmarks/recognition_prompt.py --data FOLDER [--model whisper/tiny.en] [--json]

FOLDER holds ``labels.jsonl`` (``file`` and ``slots`` per line), the wav files and ``training-sentences.txt``,
as in Picovoice's speech-to-intent-benchmark. Without it the benchmark says so and ends.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import re
import statistics
import sys
import time

import numpy as np
from tqdm import tqdm

from convai_rasa.asr import Recognizer, build_prompt, choose_phrases, load_recognizer
from convai_rasa.audio import SAMPLE_RATE, decode_audio
from convai_rasa.errors import ConvaiError

LENGTHS = (30, 110)  # besides the usual one


def main() -> int:
    """Print one table, and with --json one JSON object last."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=pathlib.Path, default=os.environ.get("CONVAI_SPEECH_DATA"))
    parser.add_argument("--model", action="append", help="may be given again; default: tiny.en and base")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    arguments = parser.parse_args()
    folder = arguments.data
    if folder is None or not (pathlib.Path(folder) / "labels.jsonl").is_file():
        print("skipped: no recordings; give --data FOLDER or set CONVAI_SPEECH_DATA.")
        return 0
    folder = pathlib.Path(folder)
    orders = [json.loads(line) for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    sentences = (folder / "training-sentences.txt").read_text(encoding="utf-8").splitlines()
    prompts = {
        "no prompt": None,
        "word list": ", ".join(sorted({word for sentence in sentences for word in sentence.split()})[:110]),
        "random sentences": build_prompt(_random_sentences(sentences)),
        "chosen sentences": build_prompt(choose_phrases(sentences)),
        **{f"{words} words of them": build_prompt(choose_phrases(sentences, max_words=words)) for words in LENGTHS},
    }
    results = []
    try:
        for model in arguments.model or ["whisper/tiny.en", "whisper/base"]:
            recognizer = load_recognizer(model=model, threads=1, language="en")
            for name, prompt in prompts.items():
                right, median_s = _measure(recognizer, orders, folder, prompt, f"{model}, {name}")
                row = {"model": model, "prompt": name, "right": sum(right), "orders": len(orders), "s": median_s}
                results.append({**row, "right_unseen": sum(right[1::2]), "unseen": len(right[1::2])})
    except ConvaiError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{'model':<18}{'prompt':<20}{'orders right':>14}{'share':>8}{'unseen':>10}{'median s':>10}")
    for row in results:
        share = row["right"] / row["orders"]
        print(
            f"{row['model']:<18}{row['prompt']:<20}{row['right']:>8} / {row['orders']:<3}{share:>8.3f}"
            f"{row['right_unseen']:>5} / {row['unseen']:<3}{row['s']:>9.3f}"
        )
    if arguments.json:
        print(json.dumps({"results": results}))
    return 0


def _measure(
    recognizer: Recognizer, orders: list[dict], folder: pathlib.Path, prompt: str | None, label: str
) -> tuple[list[bool], float]:
    right, seconds = [], []
    recognizer.transcribe(np.zeros(SAMPLE_RATE, np.float32))
    for order in tqdm(orders, desc=label, leave=False, disable=None):
        samples = decode_audio((folder / order["file"]).read_bytes(), max_seconds=60)
        begin = time.perf_counter()
        text = f" {_plain(recognizer.transcribe(samples, prompt=prompt).text)} "
        seconds.append(time.perf_counter() - begin)
        right.append(all(f" {_plain(value)} " in text for value in order["slots"].values()))
    return right, statistics.median(seconds)


def _random_sentences(sentences: list[str], words: int = 110) -> list[str]:
    chosen, room = [], words
    for index in np.random.default_rng(0).permutation(len(sentences)):
        length = len(sentences[index].split())
        if length <= room:
            chosen.append(sentences[index])
            room -= length
    return chosen


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^a-z]+", " ", text.lower()).split())


if __name__ == "__main__":
    sys.exit(main())
