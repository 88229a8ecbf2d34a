"""What a threshold of VoiceConfidence stops: recordings that were misheard, and recordings that were not.

Every recording is recognised as the voice channel does, as it is and with babble behind it. It was heard right when all
the values of its slots are among the words. A threshold should stop many that were misheard and few of the others.

    python benchmarks/voice_confidence.py --wavs ../shared/data/speech/wav

The folder holds wav files, and it or the folder above it a ``labels.jsonl`` with ``file``, ``intent`` and ``slots``.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

import numpy as np
from orders import DATA, Order, conditions, read_orders
from tqdm import tqdm

from convai_rasa.asr import build_prompt, choose_phrases, load_recognizer
from convai_rasa.errors import ConvaiError
from convai_rasa.tts import normalise

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)


def heard_right(order: Order, text: str) -> bool:
    """Whether all the values of an order's slots are among the words, however they are written."""
    words = spoken(text)
    return all(f" {spoken(value).strip()} " in words for value in order.slots.values())


def spoken(text: str) -> str:
    """Return a text as it sounds: numbers in words, no case, no punctuation."""
    return f" {' '.join(re.findall(r'[a-z]+', normalise(text).lower()))} "


def main() -> int:
    """Print one table, and with --json one JSON object last."""
    given = arguments()
    if not given.wavs.is_dir():
        print("SKIPPED: no recordings; give --wavs FOLDER.")
        return 0
    try:
        orders = read_orders(given.wavs)
        recognizer = load_recognizer(model=given.asr, threads=1, language="en")
    except ConvaiError as error:
        print(error, file=sys.stderr)
        return 1
    sentences = given.sentences.read_text(encoding="utf-8").splitlines() if given.sentences.is_file() else []
    prompt = build_prompt(choose_phrases([line for line in sentences if line.strip()])) if sentences else None
    confidences, right = [], []
    for name, recordings in conditions(orders, given.ratios).items():
        for order, samples in zip(tqdm(orders, name, leave=False, disable=None), recordings, strict=True):
            transcript = recognizer.transcribe(samples, prompt=prompt)
            if transcript.text:  # nothing heard never reaches the bot
                confidences.append(transcript.confidence)
                right.append(heard_right(order, transcript.text))
    recognizer.close()
    confidence, correct = np.array(confidences), np.array(right)
    rows = [
        {
            "threshold": threshold,
            "misheard_stopped": round(float((confidence[~correct] < threshold).mean()), 3),
            "right_stopped": round(float((confidence[correct] < threshold).mean()), 3),
        }
        for threshold in THRESHOLDS
    ]
    print(f"{given.asr}: {correct.sum()} heard right, {(~correct).sum()} misheard")
    print(f"{'threshold':>10} {'misheard, stopped':>18} {'right, stopped':>15}")
    for row in rows:
        print(f"{row['threshold']:>10} {row['misheard_stopped']:>18.1%} {row['right_stopped']:>15.1%}")
    if given.json:
        print(
            json.dumps({"asr": given.asr, "right": int(correct.sum()), "misheard": int((~correct).sum()), "rows": rows})
        )
    return 0


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wavs", type=Path, default=DATA / "wav", help="folder of recordings")
    parser.add_argument("--sentences", type=Path, default=DATA / "training-sentences.txt", help="words to expect")
    parser.add_argument("--asr", default="whisper/base", help="model (default: %(default)s)")
    parser.add_argument("--ratios", type=float, nargs="*", default=[12, 6, 0], help="speech over babble in dB")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
