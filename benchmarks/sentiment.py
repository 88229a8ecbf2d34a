"""Sentiment: the hybrid against VADER alone and the BERT head alone, on the same texts.

    python benchmarks/sentiment.py --test test.jsonl [--train train.jsonl] [--json]
    python benchmarks/sentiment.py --halves tweets.jsonl movie.jsonl [--seeds 3] [--json]
    python benchmarks/sentiment.py --cross tweets.jsonl movie.jsonl [--seeds 3] [--json]
    python benchmarks/sentiment.py --by-kind [benchmarks/sentiment/service.tsv] [--json]

``--test`` measures the head of the package, or with ``--train`` one fitted on that file. ``--halves`` fits on a random
half of all files together and measures on the other half of each, once per seed. ``--cross`` measures on each file what
was fitted on random halves of the others, a kind of text never seen; what the head of the package learns besides (the
project's service sentences and the words of VADER's lexicon) is learned too. ``--by-kind`` measures the head of the
package on sentences that were written to judge it (``service.tsv``, or ``service_second.tsv``, of the same kinds), and
prints no text: tab-separated ``text``, ``label`` (which may be "not positive" or "not negative": every other label is
right) and ``kind``.

Files are JSON lines or CSV with ``text`` and ``score`` (mean human rating from -4 to 4; within 0.5 of zero is neutral)
or ``label``. The score's error is its expected calibration error: texts are put into ten bins by score, and each bin's
mean score is compared with the mean of the truth as -1, 0 and 1. With ``--json`` the last line printed is one JSON
object; of several seeds the mean is given, and under ``spread`` the standard deviation.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any, Sequence

import numpy as np
from sklearn.metrics import accuracy_score, f1_score
from tqdm import tqdm

from convai_rasa.nlu import SentimentAnalyzer
from convai_rasa.nlu.sentiment.labeled_texts import Examples, read_examples

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scripts"))
from train_sentiment_head import PARTS, SERVICE, SERVICE_EXAMPLES, lexicon_words  # noqa: E402  # found by the line above

METHODS = ("hybrid", "vader", "bert")
FIGURES = {"accuracy": "accuracy", "macro_f1": "macro F1", "score_error": "score error"}
TRUE_SCORE = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
BY_KIND = HERE / "sentiment" / "service.tsv"
BINS = 10
TIMED_MESSAGES = 200

Result = dict[str, dict[str, float]]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--test", type=Path)
    what.add_argument("--halves", type=Path, nargs="+", metavar="FILE")
    what.add_argument("--cross", type=Path, nargs="+", metavar="FILE")
    what.add_argument("--by-kind", type=Path, nargs="?", const=BY_KIND, metavar="FILE")
    parser.add_argument("--train", type=Path, help="with --test: fit on this file first")
    parser.add_argument("--seeds", type=int, default=3, help="of the random halves (default: %(default)s)")
    parser.add_argument("--model", default="nlu/sentiment")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.train and not arguments.test:
        parser.error("--train goes with --test")
    if arguments.cross and len(arguments.cross) < 2:
        parser.error("--cross needs two files or more")

    if arguments.by_kind and not arguments.by_kind.is_file():
        sys.exit(f"Skipped: there is no {arguments.by_kind}.")
    if arguments.test:
        result = _one_test(arguments)
    elif arguments.by_kind:
        result = _by_kind(SentimentAnalyzer(arguments.model), arguments.by_kind)
    else:
        files = arguments.halves or arguments.cross
        sources = {path.stem: _read(path) for path in files}
        result = _many_seeds(arguments.model, sources, seeds=arguments.seeds, cross=bool(arguments.cross))
    if arguments.json:
        print(json.dumps(result))


def _one_test(arguments: argparse.Namespace) -> dict[str, Any]:
    analyzer = SentimentAnalyzer(arguments.model, trained=arguments.train is None)
    if arguments.train:
        analyzer.train(*_read(arguments.train))
    texts, truth = _read(arguments.test)
    result: dict[str, Any] = {**_measure(analyzer, texts, truth)}
    _print_table(arguments.test.stem, [result])
    result["analyze_ms_p50"] = round(_milliseconds(analyzer, texts), 2)
    print(f"one message: {result['analyze_ms_p50']} ms")
    return result


def _many_seeds(model: str, sources: dict[str, Examples], *, seeds: int, cross: bool) -> dict[str, Any]:
    analyzer = SentimentAnalyzer(model, trained=False)
    runs: dict[str, list[Result]] = {name: [] for name in sources}
    for seed in tqdm(range(seeds), desc="Measuring", unit="seed", disable=None):
        halves = {name: _halves(examples, seed) for name, examples in sources.items()}
        if not cross:
            _fit(analyzer, {name: first for name, (first, _) in halves.items()})
        for name, (_, second) in halves.items():
            if cross:
                others = {other: first for other, (first, _) in halves.items() if other != name}
                _fit(analyzer, {**others, SERVICE: _read(SERVICE_EXAMPLES)}, words=lexicon_words())
            runs[name].append(_measure(analyzer, *(sources[name] if cross else second)))
    for name, measured in runs.items():
        _print_table(name, measured)
    return {name: _summary(measured) for name, measured in runs.items()}


def _read(path: Path) -> Examples:
    return read_examples(path, every_label=False)


def _by_kind(analyzer: SentimentAnalyzer, path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    answers = _answers(analyzer, [row["text"] for row in rows])
    kinds = sorted({row["kind"] for row in rows})
    plain = [index for index, row in enumerate(rows) if row["label"] in TRUE_SCORE]
    right = {
        method: [_fits(label, row["label"]) for (label, _), row in zip(pairs, rows, strict=True)]
        for method, pairs in answers.items()
    }
    print(f"\n{'accuracy':24}" + "".join(f"{method:>10}" for method in METHODS) + f"{'texts':>8}")
    result: dict[str, Any] = {method: {} for method in METHODS}
    for kind in [*kinds, "all"]:
        members = [index for index, row in enumerate(rows) if kind in (row["kind"], "all")]
        for method in METHODS:
            result[method][kind] = round(sum(right[method][index] for index in members) / len(members), 4)
        print(f"{kind[:24]:24}" + "".join(f"{result[m][kind]:>10.3f}" for m in METHODS) + f"{len(members):>8}")
    truth = [rows[index]["label"] for index in plain]
    for method in METHODS:
        found = [answers[method][index][0] for index in plain]
        result[method]["macro_f1"] = round(float(f1_score(truth, found, average="macro", zero_division=0)), 4)
    print(f"{'macro F1':24}" + "".join(f"{result[m]['macro_f1']:>10.3f}" for m in METHODS) + f"{len(plain):>8}")
    return result


def _fits(label: str, wanted: str) -> bool:
    return label != wanted[4:] if wanted.startswith("not ") else label == wanted


def _fit(analyzer: SentimentAnalyzer, sources: dict[str, Examples], words: dict[str, float] | None = None) -> None:
    rows = [
        (text, label, kind)
        for kind, (texts, labels) in sources.items()
        for text, label in zip(texts, labels, strict=True)
    ]
    texts, labels, kinds = zip(*rows, strict=True)
    analyzer.train(texts, labels, kinds=kinds, parts=PARTS, words=words, written=[SERVICE])


def _halves(examples: Examples, seed: int) -> tuple[Examples, Examples]:
    order = np.random.RandomState(seed).permutation(len(examples[0]))
    middle = len(order) // 2
    first, second = (
        ([examples[0][index] for index in part], [examples[1][index] for index in part])
        for part in (order[:middle], order[middle:])
    )
    return first, second


def _measure(analyzer: SentimentAnalyzer, texts: list[str], truth: Sequence[str]) -> Result:
    answers = _answers(analyzer, texts)
    return {name: _figures(truth, *zip(*pairs, strict=True)) for name, pairs in answers.items()}


def _answers(analyzer: SentimentAnalyzer, texts: list[str]) -> dict[str, list[tuple[str, float]]]:
    results = analyzer.analyze(texts)
    return {
        "hybrid": [(sentiment.label, sentiment.score) for sentiment in results],
        "vader": [(sentiment.vader.label, sentiment.vader.score) for sentiment in results],
        "bert": [(sentiment.bert.label, sentiment.bert.score) for sentiment in results],
    }


def _figures(truth: Sequence[str], labels: Sequence[str], scores: Sequence[float]) -> dict[str, float]:
    figures = {
        "accuracy": accuracy_score(truth, labels),
        "macro_f1": f1_score(truth, labels, average="macro", zero_division=0),
        "score_error": _score_error(np.array([TRUE_SCORE[label] for label in truth]), np.array(scores)),
    }
    return {name: round(float(figure), 4) for name, figure in figures.items()}


def _score_error(truth: np.ndarray, scores: np.ndarray) -> float:
    bins = np.clip(((scores + 1.0) / 2.0 * BINS).astype(int), 0, BINS - 1)
    gaps = [abs((scores[bins == number] - truth[bins == number]).sum()) for number in range(BINS)]
    return float(sum(gaps)) / len(truth)


def _summary(runs: list[Result]) -> dict[str, Any]:
    mean = {m: {f: round(statistics.mean(run[m][f] for run in runs), 4) for f in FIGURES} for m in METHODS}
    spread = {m: {f: round(statistics.pstdev(run[m][f] for run in runs), 4) for f in FIGURES} for m in METHODS}
    return {**mean, "spread": spread}


def _print_table(name: str, runs: list[Result]) -> None:
    summary = _summary(runs)
    print(f"\n{name[:10]:10}" + "".join(f"{title:>16}" for title in FIGURES.values()))
    for method in METHODS:
        cells = [f"{summary[method][figure]:.3f}" for figure in FIGURES]
        if len(runs) > 1:
            cells = [
                f"{cell} ±{summary['spread'][method][figure]:.3f}" for cell, figure in zip(cells, FIGURES, strict=True)
            ]
        print(f"{method:10}" + "".join(f"{cell:>16}" for cell in cells))


def _milliseconds(analyzer: SentimentAnalyzer, texts: list[str]) -> float:
    times = []
    for text in tqdm(texts[:TIMED_MESSAGES], desc="Timing", unit="message", disable=None):
        started = time.perf_counter()
        analyzer.analyze(text)
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


if __name__ == "__main__":
    main()
