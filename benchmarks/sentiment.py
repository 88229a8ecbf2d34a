"""Sentiment: the hybrid against VADER alone and the BERT head alone, on the same texts.

    python benchmarks/sentiment.py --test test.jsonl [--train train.jsonl] [--json]

Files are JSON lines with ``text`` and ``score`` (mean human rating from -4 to 4; within 0.5 of zero is neutral) or
``label``. ``--train`` fits both halves on that file first; without it the head of the package is measured. With
``--json`` the last line printed is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

from sklearn.metrics import accuracy_score, f1_score
from tqdm import tqdm

from convai_rasa.nlu import SentimentAnalyzer
from convai_rasa.nlu.sentiment import NEUTRAL_BAND

TIMED_MESSAGES = 200


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--train", type=Path, help="fit on this file first")
    parser.add_argument("--model", default="nlu/sentiment")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()

    analyzer = SentimentAnalyzer(arguments.model, trained=arguments.train is None)
    if arguments.train:
        analyzer.train(*_read(arguments.train))
    texts, truth = _read(arguments.test)
    results = analyzer.analyze(texts)
    result: dict[str, Any] = {
        "hybrid": _figures(truth, [sentiment.label for sentiment in results]),
        "vader": _figures(truth, [sentiment.vader.label for sentiment in results]),
        "bert": _figures(truth, [sentiment.bert.label for sentiment in results]),
        "analyze_ms_p50": round(_milliseconds(analyzer, texts), 2),
    }
    print(f"{'':8}{'accuracy':>10}{'macro F1':>10}")
    for name in ("hybrid", "vader", "bert"):
        print(f"{name:8}{result[name]['accuracy']:10.3f}{result[name]['macro_f1']:10.3f}")
    print(f"one message: {result['analyze_ms_p50']} ms")
    if arguments.json:
        print(json.dumps(result))


def _read(path: Path) -> tuple[list[str], list[str]]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [row["text"] for row in rows], [row.get("label") or _label(float(row["score"])) for row in rows]


def _label(score: float) -> str:
    return "positive" if score > NEUTRAL_BAND else "negative" if score < -NEUTRAL_BAND else "neutral"


def _figures(truth: list[str], labels: list[str]) -> dict[str, float]:
    macro = f1_score(truth, labels, average="macro", zero_division=0)
    return {"accuracy": round(float(accuracy_score(truth, labels)), 4), "macro_f1": round(float(macro), 4)}


def _milliseconds(analyzer: SentimentAnalyzer, texts: list[str]) -> float:
    times = []
    for text in tqdm(texts[:TIMED_MESSAGES], desc="Timing", unit="message", disable=None):
        started = time.perf_counter()
        analyzer.analyze(text)
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


if __name__ == "__main__":
    main()
