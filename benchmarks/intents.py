"""Intents: accuracy, out-of-scope detection, training time and speed, with Rasa's DIET in the same run if asked.

    python benchmarks/intents.py --train train.jsonl --test test.jsonl [--oos oos.jsonl] [--diet] [--json]

Files are JSON lines with ``text`` and ``intent``. Figures are medians over the seeds, with the spread. With
``--json`` the last line printed is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Optional

import numpy as np
import yaml
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from convai_rasa.nlu import IntentClassifier

THRESHOLDS = (0.3, 0.4, 0.5)  # of Rasa's FallbackClassifier
TIMED_MESSAGES = 200
BINS = 10  # of the expected calibration error
DIET_EPOCHS = 100  # what `rasa init` writes

Rows = list[dict[str, str]]
Answers = list[tuple[Optional[str], float]]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--oos", type=Path, help="messages that belong to no intent")
    parser.add_argument("--model", default="nlu/intent_classifier")
    parser.add_argument("--strategy", default="fine_tune", choices=["fine_tune", "frozen"])
    parser.add_argument("--epochs", type=int, help="default: the component's own")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--diet", action="store_true", help="also train and measure Rasa's DIETClassifier")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()

    train, test = _read(arguments.train), _read(arguments.test)
    oos = _read(arguments.oos) if arguments.oos else []
    epochs = {} if arguments.epochs is None else {"epochs": arguments.epochs}
    options = {"strategy": arguments.strategy, "threads": arguments.threads, **epochs}
    runs = [_ours(train, test, oos, arguments.model, {**options, "seed": seed}) for seed in arguments.seeds]
    result: dict[str, Any] = {name: round(statistics.median(run[name] for run in runs), 4) for name in runs[0]}
    result["accuracy_by_seed"] = [round(run["accuracy"], 4) for run in runs]
    if arguments.diet:
        result["diet"] = {name: round(value, 4) for name, value in _diet(train, test, oos).items()}
    _print_table(result)
    if arguments.json:
        print(json.dumps(result))


def _ours(train: Rows, test: Rows, oos: Rows, model: str, options: dict[str, Any]) -> dict[str, float]:
    classifier = IntentClassifier()
    started = time.process_time()
    classifier.train([row["text"] for row in train], [row["intent"] for row in train], base_model=model, **options)
    trained = time.process_time() - started

    def answer(texts: list[str]) -> Answers:
        return [(found.name, found.confidence) for found in classifier.predict(texts)]

    return {"train_cpu_s": trained, **_measure(answer, test, oos)}


def _diet(train: Rows, test: Rows, oos: Rows) -> dict[str, float]:
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    pipeline = [
        {"name": "WhitespaceTokenizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": DIET_EPOCHS, "entity_recognition": False},
    ]
    with tempfile.TemporaryDirectory() as folder:
        config, data = Path(folder, "config.yml"), Path(folder, "nlu.yml")
        config.write_text(yaml.safe_dump({"recipe": "default.v1", "language": "en", "pipeline": pipeline}))
        by_intent: dict[str, list[str]] = {}
        for row in train:
            by_intent.setdefault(row["intent"], []).append(row["text"])
        nlu = [
            {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)}
            for intent, texts in by_intent.items()
        ]
        data.write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}))
        started = time.process_time()
        path = train_nlu(str(config), str(data), folder, fixed_model_name="diet")
        trained = time.process_time() - started
        agent = Agent.load(path)

    def answer(texts: list[str]) -> Answers:
        parsed = [asyncio.run(agent.parse_message(text))["intent"] for text in texts]
        return [(intent["name"], intent["confidence"]) for intent in parsed]

    return {"train_cpu_s": trained, **_measure(answer, test, oos)}


def _measure(answer: Callable[[list[str]], Answers], test: Rows, oos: Rows) -> dict[str, float]:
    answers = answer([row["text"] for row in test])
    right = np.array([name == row["intent"] for (name, _), row in zip(answers, test, strict=True)])
    inside = np.array([confidence for _, confidence in answers])
    figures = {
        "accuracy": float(right.mean()),
        "calibration_error": _calibration_error(inside, right),
        "parse_ms_p50": _parse_ms(answer, test),
    }
    for threshold in THRESHOLDS:
        figures[f"in_scope_kept_at_{threshold}"] = float((inside >= threshold).mean())
    if oos:
        outside = np.array([confidence for _, confidence in answer([row["text"] for row in oos])])
        truth = np.r_[np.ones(len(inside)), np.zeros(len(outside))]
        figures["oos_auroc"] = float(roc_auc_score(truth, np.r_[inside, outside]))
        for threshold in THRESHOLDS:
            figures[f"oos_caught_at_{threshold}"] = float((outside < threshold).mean())
    return figures


def _calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    shares = [(bins == number) for number in range(BINS) if (bins == number).any()]
    return float(sum(abs(confidence[share].mean() - right[share].mean()) * share.mean() for share in shares))


def _parse_ms(answer: Callable[[list[str]], Answers], test: Rows) -> float:
    times = []
    for row in tqdm(test[:TIMED_MESSAGES], desc="Timing", unit="message", disable=None):
        started = time.perf_counter()
        answer([row["text"]])
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def _read(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _print_table(result: dict[str, Any]) -> None:
    diet = result.get("diet", {})
    print(f"{'':24}{'convai':>12}{'DIET' if diet else '':>12}")
    for name, value in result.items():
        if isinstance(value, float):
            print(f"{name:24}{value:12.4f}" + (f"{diet[name]:12.4f}" if name in diet else ""))
    print(f"accuracy by seed: {result['accuracy_by_seed']}")


if __name__ == "__main__":
    main()
