"""What adding this package does to existing Rasa projects, and whether ``--compare`` foretells it.

    python benchmarks/existing_projects.py [FOLDER ...] [--most 4] [--json]

A FOLDER is a Rasa project, or holds some; by default those of tests/project/projects and, where ``--intents`` names the
folder with Banking77 and CLINC150, projects made of a few of their intents. Of each project a quarter of the examples
is set aside (of Banking77 and CLINC150, their test part is), and nobody sees it until the end. ``convai add`` changes a
copy, with the threshold it finds; ``compare`` foretells from the rest of the examples what that does; then both
pipelines are trained on all of the rest and asked what was set aside. ``--json`` makes the last line a JSON object.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from convai_rasa.errors import ConvaiError
from convai_rasa.project.compare.comparing import Plan, compare
from convai_rasa.project.compare.figures import aspects, figures
from convai_rasa.project.compare.split import Example, rounds
from convai_rasa.project.compare.trial import Bench, Candidate, Outcome
from convai_rasa.project.project_files import Project
from convai_rasa.project.training_data import read_project

HERE = Path(__file__).resolve().parent.parent
PROJECTS = HERE / "tests" / "project" / "projects"
INTENTS = HERE.parent / "shared" / "data" / "intents"
SET_ASIDE = 0.25
WITHIN = 0.005  # a loss that is none
TIMEOUT_S = 3600.0
# As `rasa init` writes it, with a threshold that many projects have.
CONFIG = """recipe: default.v1
language: en
pipeline:
- name: WhitespaceTokenizer
- name: RegexFeaturizer
- name: LexicalSyntacticFeaturizer
- name: CountVectorsFeaturizer
- name: CountVectorsFeaturizer
  analyzer: char_wb
  min_ngram: 1
  max_ngram: 4
- name: DIETClassifier
  epochs: 100
  constrain_similarities: true
- name: EntitySynonymMapper
- name: FallbackClassifier
  threshold: {threshold}
  ambiguity_threshold: 0.1
"""


@dataclass(frozen=True)
class Case:
    """A project's copy without what was set aside, and that."""

    name: str
    folder: Path
    asked: list[Example]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", default=[PROJECTS])
    parser.add_argument(
        "--intents", type=Path, default=INTENTS, help="with banking77/ and clinc150/ (default: %(default)s)"
    )
    parser.add_argument("--public", nargs="*", default=["15x20", "8x12"], metavar="INTENTSxEXAMPLES")
    parser.add_argument("--minutes", type=float, default=10.0, help="for each comparison (default: %(default)s)")
    parser.add_argument("--most", type=int, default=100, help="projects (default: %(default)s)")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    os.environ.setdefault("CONVAI_MODELS_DIR", str(HERE / "models"))  # the copies lie elsewhere
    results, failed = [], {}
    with tempfile.TemporaryDirectory() as scratch:
        for case in list(cases(given, Path(scratch)))[: given.most]:
            began = time.monotonic()
            try:
                results.append(measured(case, given.minutes))
            except ConvaiError as error:
                failed[case.name] = str(error)
            except KeyboardInterrupt:
                print(f"Stopped at {case.name}; what was measured before:", file=sys.stderr)
                break
            last = json.dumps(results[-1]) if results and results[-1]["name"] == case.name else failed[case.name]
            print(f"{case.name}: {time.monotonic() - began:.0f} s: {last}", file=sys.stderr, flush=True)
            shutil.rmtree(case.folder)
    _print_table(results)
    for name, why in failed.items():
        print(f"{name}: left out: {why}")
    if given.json:
        held = sum(one["after"]["after_fallback"] >= one["before"]["after_fallback"] - WITHIN for one in results)
        print(json.dumps({"projects": results, "left_out": failed, "held": held, "of": len(results)}))


def cases(given: argparse.Namespace, scratch: Path) -> Iterator[Case]:
    """Yield the projects that there are."""
    for folder in given.folders:
        for config in sorted([*folder.glob("config.yml"), *folder.glob("*/config.yml")]):
            try:
                yield _split(config.parent, scratch / config.parent.name)
            except ConvaiError as error:
                print(f"{config.parent.name}: left out: {error}", file=sys.stderr)
    for source in ("banking77", "clinc150"):
        if not (given.intents / source).is_dir():
            print(f"{source}: left out: there is no {given.intents / source}.", file=sys.stderr)
            continue
        for number, shape in enumerate(given.public):
            intents, examples = map(int, shape.split("x"))
            threshold = (0.7, 0.3)[number % 2]
            yield _made(given.intents / source, scratch / f"{source}-{shape}", intents, examples, threshold)


def measured(case: Case, minutes: float) -> dict[str, Any]:
    """Add to a project, compare, and see what comes of it."""
    project = Project.at(case.folder)
    before = project.config.read_text(encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "convai_rasa.cli",
        "add",
        str(case.folder),
        "--only",
        "nlu",
        "--yes",
        "--minutes",
        str(2 * minutes),
    ]
    added = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S)
    after = project.config.read_text(encoding="utf-8")
    if added.returncode or after == before:
        raise ConvaiError((added.stderr or added.stdout).strip().splitlines()[-1])
    data = read_project(project)
    listed = data.domain.entities
    candidates = [Candidate("the original", before, case.folder), Candidate("the changed one", after, case.folder)]
    foretold = compare(Plan(*candidates, data.nlu, listed, minutes=minutes))
    with Bench(time.monotonic() + TIMEOUT_S) as bench:
        old, new = (_asked(bench, candidate, data.nlu, case.asked) for candidate in candidates)
    first, second = figures(case.asked, [old]), figures(case.asked, [new])
    return {
        "name": case.name,
        "examples": len(data.nlu.intent_examples),
        "asked": len(case.asked),
        "before": vars(first),
        "after": vars(second),
        "foretold": foretold.after.after_fallback - foretold.before.after_fallback,
        "recommended": foretold.recommended,
        "rounds": foretold.rounds,
        "parse_ratio": second.parse_cpu_ms / first.parse_cpu_ms,
        "train_ratio": second.train_cpu_s / first.train_cpu_s,
        "entities_lost": _lost(case.asked, old, new),
        "aspects": [vars(one) for one in aspects(case.asked, old.answers, new.answers, listed)],
        "threshold_note": next(
            (line for line in added.stdout.splitlines() if "threshold" in line and "Note" in line), ""
        ),
    }


def _asked(bench: Bench, candidate: Candidate, nlu: Any, asked: list[Example]) -> Outcome:
    return bench.trial(candidate, nlu, [example.text for example in asked])


def _lost(asked: list[Example], old: Outcome, new: Outcome) -> int:
    """Return how many annotated entities only the original finds, less those that only the changed one does."""
    pairs = zip(asked, old.answers, new.answers, strict=True)
    return sum(len(one.entities & first.entities) - len(one.entities & second.entities) for one, first, second in pairs)


def _split(project: Path, copy: Path) -> Case:
    """Copy a project, with its NLU data but for a quarter in one file; stories and rules do not matter here."""
    shutil.copytree(project, copy)
    nlu = read_project(Project.at(copy)).nlu
    first = rounds(nlu, share=SET_ASIDE, seed=1)[0]
    shutil.rmtree(copy / "data")
    (copy / "data").mkdir()
    (copy / "data" / "nlu.yml").write_text(first.training.nlu_as_yaml(), encoding="utf-8")
    if first.training.responses:
        (copy / "data" / "responses.yml").write_text(first.training.nlg_as_yaml(), encoding="utf-8")
    return Case(project.name, copy, first.asked)


def _made(source: Path, folder: Path, intents: int, examples: int, threshold: float) -> Case:
    """Make a project of some intents of a public data set."""
    chance = random.Random(1)
    train = "train.jsonl" if (source / "train.jsonl").exists() else "train_small.jsonl"
    by_intent: dict[str, list[str]] = collections.defaultdict(list)
    for row in _rows(source / train):
        by_intent[row["intent"]].append(row["text"])
    by_intent.pop("oos", None)
    chosen = chance.sample(sorted(by_intent), intents)
    nlu = [
        {
            "intent": intent,
            "examples": "".join(f"- {_plain(text)}\n" for text in chance.sample(by_intent[intent], examples)),
        }
        for intent in chosen
    ]
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "nlu.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}), encoding="utf-8")
    (folder / "domain.yml").write_text(yaml.safe_dump({"version": "3.1", "intents": chosen}), encoding="utf-8")
    (folder / "config.yml").write_text(CONFIG.format(threshold=threshold), encoding="utf-8")
    asked = [
        Example(_plain(row["text"]), row["intent"]) for row in _rows(source / "test.jsonl") if row["intent"] in chosen
    ]
    outside = source / "oos_test.jsonl"
    if outside.exists():
        asked += [Example(_plain(row["text"]), None) for row in _rows(outside)[:200]]
    return Case(folder.name, folder, asked)


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _plain(text: str) -> str:
    """Return a text without what Rasa's format reads as an annotation."""
    return " ".join(text.replace("[", "(").replace("]", ")").split())


def _print_table(results: list[dict[str, Any]]) -> None:
    head = ("after fallback", "added", "change", "foretold", "fallbacks", "added", "oos", "added", "entity F1", "added")
    print(f"\n{'project':18}" + "".join(f"{name:>16}" for name in (*head, "parse cost ×", "entities lost")))
    for one in results:
        first, second = one["before"], one["after"]
        cells = [
            first["after_fallback"],
            second["after_fallback"],
            second["after_fallback"] - first["after_fallback"],
            one["foretold"],
            first["fallback_rate"],
            second["fallback_rate"],
            first["out_of_scope_caught"],
            second["out_of_scope_caught"],
            first["entity_f1"],
            second["entity_f1"],
            one["parse_ratio"],
        ]
        written = ["–" if cell is None else f"{cell:.3f}" for cell in cells]
        print(f"{one['name']:18}" + "".join(f"{cell:>16}" for cell in [*written, one["entities_lost"]]))
        if one["threshold_note"]:
            print(f"    {one['threshold_note']}")


if __name__ == "__main__":
    main()
