"""Intents: accuracy, out-of-scope detection, training time and speed, with Rasa's DIET in the same run.

    python benchmarks/intents.py --train train.jsonl --test test.jsonl [--oos oos.jsonl] [--json]

Files are JSON lines with ``text`` and ``intent``. Figures are medians over the seeds; accuracies of each seed and their
standard deviation are printed below. Nothing is tuned here: the confidence is calibrated on the training examples, and
the test files are only measured on.

DIET trains 100 epochs, as ``rasa init`` writes, or as many as fit into ``--diet-minutes`` of wall-clock time; the
table says how many. A message is timed in one process for both: our component alone, DIET alone, and DIET with the
featurizers it cannot do without. With ``--json`` the last line printed is one JSON object; the peer is under ``diet``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Optional, Sequence

import numpy as np
import yaml
from rasa_pipeline import RasaPipeline
from sklearn.metrics import roc_auc_score

from convai_rasa.nlu import IntentClassifier

THRESHOLDS = (0.3, 0.4, 0.5)  # of Rasa's FallbackClassifier
TIMED_MESSAGES = 200
BINS = 10  # of the expected calibration error
DIET_EPOCHS = 100  # what `rasa init` writes
DIET = [
    {"name": "WhitespaceTokenizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
]

Rows = list[dict[str, str]]
Answers = Sequence[tuple[Optional[str], float]]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--oos", type=Path, help="messages that belong to no intent")
    parser.add_argument("--model", default="nlu/intent_classifier")
    parser.add_argument("--strategy", default="fine_tune", choices=["fine_tune", "frozen", "auto"])
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="other options of the component")
    parser.add_argument("--threads", type=int, default=1, help="of our training (default: %(default)s)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--no-diet", dest="diet", action="store_false", help="leave Rasa's DIET out")
    parser.add_argument("--diet-minutes", type=float, default=15, help="for its training (default: %(default)s)")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()

    train, test = _read(arguments.train), _read(arguments.test)
    oos = _read(arguments.oos) if arguments.oos else []
    options = {"strategy": arguments.strategy, "threads": arguments.threads}
    options |= {key: yaml.safe_load(value) for key, value in (given.split("=", 1) for given in arguments.set)}
    runs = [_ours(train, test, oos, arguments.model, {**options, "seed": seed}) for seed in arguments.seeds]
    result: dict[str, Any] = {name: round(statistics.median(run[name] for run in runs), 4) for name in runs[0]}
    accuracies = [run["accuracy"] for run in runs]
    result["accuracy_by_seed"] = [round(accuracy, 4) for accuracy in accuracies]
    result["accuracy_spread"] = round(statistics.pstdev(accuracies), 4)
    if arguments.diet:
        result["parse_ms_p50"] = round(_parse_ms(train, test, arguments.model), 4)
        diet = _diet(train, test, oos, minutes=arguments.diet_minutes)
        result["diet"] = {name: round(value, 4) for name, value in diet.items()}
        result["parse_ratio"] = round(result["parse_ms_p50"] / diet["parse_ms_p50"], 4)
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

    milliseconds = statistics.median(_timed(answer, row["text"]) for row in test[:TIMED_MESSAGES])
    return {"train_cpu_s": trained, "parse_ms_p50": milliseconds, **_measure(answer, test, oos)}


def _timed(answer: Callable[[list[str]], Answers], text: str) -> float:
    started = time.perf_counter()
    answer([text])
    return 1000 * (time.perf_counter() - started)


def _parse_ms(train: Rows, test: Rows, model: str) -> float:
    """Time the component inside Rasa. How it was trained does not matter to that, so the fast way will do."""
    component = {"name": "convai_rasa.nlu.DistilBertIntentClassifier", "model": model, "strategy": "frozen"}
    pipeline = _train_pipeline([{"name": "WhitespaceTokenizer"}, component], train)
    return pipeline.parse_ms([row["text"] for row in test[:TIMED_MESSAGES]], "DistilBertIntentClassifier")[1]


def _diet(train: Rows, test: Rows, oos: Rows, *, minutes: float) -> dict[str, float]:
    epochs = min(DIET_EPOCHS, _affordable_epochs(train, 60 * minutes))
    pipeline = _train_pipeline(_diet_pipeline(epochs), train)
    together, alone = pipeline.parse_ms([row["text"] for row in test[:TIMED_MESSAGES]], "DIETClassifier")
    return {
        "epochs": float(epochs),
        "train_cpu_s": pipeline.train_cpu_s,
        "parse_ms_p50": together,
        "parse_ms_p50_without_featurizers": alone,
        **_measure(pipeline.answer, test, oos),
    }


def _affordable_epochs(train: Rows, seconds: float) -> int:
    """Return how many epochs of DIET fit, from the time that two more of them take."""
    walls = []
    for epochs in (1, 3):
        started = time.perf_counter()
        _train_pipeline(_diet_pipeline(epochs), train)
        walls.append(time.perf_counter() - started)
    each = max((walls[1] - walls[0]) / 2, 1e-3)
    return max(1, int((seconds - sum(walls) - walls[0]) / each))


def _diet_pipeline(epochs: int) -> list[dict[str, Any]]:
    return [*DIET, {"name": "DIETClassifier", "epochs": epochs, "entity_recognition": False}]


def _train_pipeline(pipeline: list[dict[str, Any]], train: Rows) -> RasaPipeline:
    with tempfile.TemporaryDirectory() as folder:
        return RasaPipeline(pipeline, [(row["text"], row["intent"]) for row in train], Path(folder))


def _measure(answer: Callable[[list[str]], Answers], test: Rows, oos: Rows) -> dict[str, float]:
    answers = answer([row["text"] for row in test])
    right = np.array([name == row["intent"] for (name, _), row in zip(answers, test, strict=True)])
    inside = np.array([confidence for _, confidence in answers])
    figures = {"accuracy": float(right.mean()), "calibration_error": _calibration_error(inside, right)}
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


def _read(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _print_table(result: dict[str, Any]) -> None:
    diet = result.get("diet", {})
    print(f"\n{'':34}{'convai':>12}{'DIET' if diet else '':>12}")
    for name in dict.fromkeys([*result, *diet]):
        cells = [source.get(name) for source in (result, diet)]
        if any(isinstance(cell, float) for cell in cells):
            print(f"{name:34}" + "".join(f"{cell:12.4f}" if isinstance(cell, float) else " " * 12 for cell in cells))
    print(f"accuracy by seed: {result['accuracy_by_seed']}")


if __name__ == "__main__":
    main()
