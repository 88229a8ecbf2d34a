"""Bots in other languages: where the encoder helps, and where its tokenizer does not know the words.

    python benchmarks/languages.py [PROJECT …] [--seeds 0 1 2] [--no-rasa] [--mix] [--json]

A project is a folder with ``config.yml`` and ``data/nlu.yml``; without any, those of ``tests/project/projects`` are
taken whose language is not English. Of each intent's examples 70 % are trained on and 30 % measured on, the same ones
for all:

- frozen, fine_tune: our classifier with either strategy;
- characters: logistic regression on TF-IDF of character n-grams, the simplest thing that knows no language;
- own: the pipeline of the project itself, trained and run by Rasa.

``lost`` is how much of a message says nothing to the encoder (``convai_rasa/nlu/encoder/unknown_pieces.py``). ``--mix``
replaces a growing share of the intents of each project in the Latin script by those of each project in another, to see
at which ``lost`` the encoder stops to be better than characters.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa_pipeline import RasaPipeline

from convai_rasa.nlu import IntentClassifier
from convai_rasa.nlu.encoder.unknown_pieces import lost_share, tokenizer_of
from convai_rasa.store import resolve

PROJECTS = Path(__file__).parents[1] / "tests" / "project" / "projects"
TRAINED_ON = 0.7  # of each intent's examples
STEPS = (0.0, 0.125, 0.25, 0.375, 0.5, 0.75, 1.0)  # of the intents, with --mix

Rows = list[tuple[str, str]]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("projects", nargs="*", type=Path)
    parser.add_argument("--model", default="nlu/intent_classifier")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--no-rasa", dest="rasa", action="store_false", help="leave the projects' own pipelines out")
    parser.add_argument("--no-fine-tune", dest="fine_tune", action="store_false")
    parser.add_argument("--mix", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    folders = given.projects or sorted(path.parent for path in PROJECTS.glob("*/config.yml"))
    folders = [folder for folder in folders if given.projects or _language(folder) not in (None, "en")]
    tokenizer = tokenizer_of(resolve(given.model))
    measure = _Measure(tokenizer, given.model, given.seeds, fine_tune=given.fine_tune and not given.mix)
    if given.mix:
        results = list(_mixed(folders, measure))
    else:
        results = [measure(folder.name, _read(folder), folder if given.rasa else None) for folder in folders]
    if given.json:
        print(json.dumps(results))


class _Measure:
    """Measures one set of examples and prints a line."""

    def __init__(self, tokenizer: Any, model: str, seeds: Sequence[int], *, fine_tune: bool) -> None:
        self._tokenizer = tokenizer
        self._seeds = seeds
        self._ways: dict[str, Callable[[Rows, list[str]], list[Any]]] = {
            "frozen": lambda train, texts: _ours(train, texts, model, "frozen"),
            **({"fine_tune": lambda train, texts: _ours(train, texts, model, "fine_tune")} if fine_tune else {}),
            "characters": _characters,
        }
        print(f"{'':28}{'examples':>9}{'lost':>8}" + "".join(f"{way:>12}" for way in [*self._ways, "own"]))

    def __call__(self, name: str, rows: Rows, folder: Path | None) -> dict[str, Any]:
        """Return the figures, medians over the seeds."""
        lost = lost_share(self._tokenizer, [text for text, _ in rows])
        ways = dict(self._ways)
        if folder is not None:
            config = yaml.safe_load((folder / "config.yml").read_text(encoding="utf-8"))
            sys.path.insert(0, str(folder))  # for components of its own
            ways["own"] = lambda train, texts: _by_rasa(config, train, texts)
        result: dict[str, Any] = {"name": name, "examples": len(rows), "lost": lost}
        for way, answer in ways.items():
            accuracies = []
            for seed in self._seeds:
                train, test = _split(rows, seed)
                found = answer(train, [text for text, _ in test])
                accuracies.append(np.mean([one == intent for one, (_, intent) in zip(found, test, strict=True)]))
            result[way] = float(statistics.mean(accuracies))
        figures = "".join(f"{result[way]:12.3f}" for way in ways)
        print(f"{name:28}{len(rows):9}{lost:8.3f}{figures}", flush=True)
        return result


def _mixed(folders: list[Path], measure: _Measure) -> Any:
    known, unknown = [], []
    for folder in folders:
        rows = _read(folder)
        latin = sum(character.isascii() for text, _ in rows for character in text)
        (known if latin > sum(len(text) for text, _ in rows) / 2 else unknown).append((folder.name, rows))
    for (first, base), (second, other) in itertools.product(known, unknown):
        names, others = _intents(base), _intents(other)
        for step in STEPS:
            count = round(step * min(len(names), len(others)))
            kept, taken = set(names[count:]), set(others[:count])
            rows = [row for row in base if row[1] in kept] + [row for row in other if row[1] in taken]
            yield measure(f"{first} + {count} of {second}", rows, None)


def _ours(train: Rows, texts: list[str], model: str, strategy: str) -> list[Any]:
    classifier = IntentClassifier()
    classifier.train(
        [text for text, _ in train], [intent for _, intent in train], base_model=model, strategy=strategy,
        intent_names=False, any_language=True,
    )  # fmt: skip
    return [found.name for found in classifier.predict(texts)]


def _characters(train: Rows, texts: list[str]) -> list[Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 4)), LogisticRegression(C=30, max_iter=1000))
    model.fit([text for text, _ in train], [intent for _, intent in train])
    return list(model.predict(texts))


def _by_rasa(config: dict[str, Any], train: Rows, texts: list[str]) -> list[Any]:
    kept = [step for step in config["pipeline"] if step["name"] != "FallbackClassifier"]
    with tempfile.TemporaryDirectory() as folder:
        trained = RasaPipeline(kept, train, Path(folder), language=str(config["language"]))
        return [name for name, _ in trained.answer(texts)]


def _split(rows: Rows, seed: int) -> tuple[Rows, Rows]:
    random = np.random.default_rng(seed)
    train: Rows = []
    test: Rows = []
    for intent in _intents(rows):
        own = [row for row in rows if row[1] == intent]
        order = random.permutation(len(own))
        cut = round(TRAINED_ON * len(own))
        train += [own[index] for index in order[:cut]]
        test += [own[index] for index in order[cut:]]
    return train, test


def _intents(rows: Rows) -> list[str]:
    return list(dict.fromkeys(intent for _, intent in rows))


def _language(folder: Path) -> str | None:
    return yaml.safe_load((folder / "config.yml").read_text(encoding="utf-8")).get("language")


def _read(folder: Path) -> Rows:
    content = yaml.safe_load((folder / "data" / "nlu.yml").read_text(encoding="utf-8"))["nlu"]
    return [
        (line.removeprefix("- "), item["intent"])
        for item in content
        if "intent" in item
        for line in map(str.strip, item["examples"].splitlines())
        if line.startswith("- ")
    ]


if __name__ == "__main__":
    main()
