"""What parsing a message costs the processor before and after ``convai add``, and what each component's part of it is.

    python benchmarks/parse_cost.py [FOLDER ...] [--fine-tune] [--json]

A FOLDER is a Rasa project, or holds some; by default those of tests/project/projects in English. A quarter of each
project's examples is set aside; both pipelines are trained on the rest by Rasa itself, and parse what was set aside
through Rasa's ``MessageProcessor``, each in a process of its own. Counted is the processor time of all threads, with
what they go on spending in the pause behind a message; figures are medians over the messages, after a warm-up.
``--json`` makes the last line a JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import pickle
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import yaml
from tqdm import tqdm

from convai_rasa.project.compare import pipeline_process
from convai_rasa.project.compare.split import rounds
from convai_rasa.project.project_files import Project
from convai_rasa.project.training_data import read_project

HERE = Path(__file__).resolve().parent.parent
PROJECTS = HERE / "tests" / "project" / "projects"
SET_ASIDE = 0.25
WARM_UP = 10  # messages
LEAST_TIMED = 60  # messages; fewer are parsed several times over
PAUSE_S = 0.03  # longer than threads of numpy's BLAS, OpenMP and TensorFlow spin before they sleep
TURNS = 2  # each pipeline is timed so often, in turn with the other
RASA = "Rasa itself"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", default=[PROJECTS])
    parser.add_argument("--fine-tune", action="store_true", help="train the intents so, whatever there is time for")
    parser.add_argument("--most", type=int, default=100, help="projects (default: %(default)s)")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--time", nargs=2, help=argparse.SUPPRESS)  # what the processes of its own are asked
    given = parser.parse_args()
    if given.time:
        print(json.dumps(timed(*given.time)))
        return
    os.environ.setdefault("CONVAI_MODELS_DIR", str(HERE / "models"))  # the copies lie elsewhere
    results = []
    with tempfile.TemporaryDirectory() as scratch:
        for project in tqdm(list(projects(given.folders))[: given.most], desc="Projects", disable=None):
            try:
                results.append(measured(project, Path(scratch, project.name), fine_tune=given.fine_tune))
            except (subprocess.SubprocessError, ValueError) as error:
                said = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip().splitlines()
                print(f"{project.name}: left out: {said[-1] if said else error}", file=sys.stderr)
    if not results:
        sys.exit("No project could be measured.")
    for result in results:
        _print_table(result)
    ratio = round(statistics.median(result["ratio"] for result in results), 3)
    print(f"\nMedian over {len(results)} projects: {ratio:.2f} times the processor time of before.")
    if given.json:
        print(json.dumps({"ratio": ratio, "projects": results}))


def projects(folders: list[Path]) -> Iterator[Path]:
    """Yield the projects that there are; of a folder of several those in English, which the embedded models know."""
    for folder in folders:
        if (folder / "config.yml").is_file():
            yield folder
        for config in sorted(folder.glob("*/config.yml")):
            if str((yaml.safe_load(config.read_text(encoding="utf-8")) or {}).get("language", "en")).startswith("en"):
                yield config.parent


def measured(project: Path, folder: Path, *, fine_tune: bool) -> dict[str, Any]:
    """Train and time a project's pipeline, and the one that ``convai add`` makes of it."""
    copy = folder / "project"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns("models", ".rasa", "logs"))
    first = rounds(read_project(Project.at(copy)).nlu, share=SET_ASIDE, seed=0)[0]
    texts = [example.text for example in first.asked]
    before = (copy / "config.yml").read_text(encoding="utf-8")
    command = [sys.executable, "-m", "convai_rasa.cli", "add", str(copy), "--only", "nlu", "--keep-threshold", "--yes"]
    subprocess.run(command, check=True, capture_output=True)
    after = (copy / "config.yml").read_text(encoding="utf-8")
    if after == before:
        raise ValueError("convai add changes nothing")
    if fine_tune:
        after = _with_strategy(after)
    ways = {"before": before, "after": after}
    asked = folder / "asked.json"
    asked.write_text(json.dumps(texts * -(-LEAST_TIMED // len(texts))), encoding="utf-8")
    train_cpu_s = {}
    for name, config in ways.items():
        (folder / name).mkdir()
        (folder / name / pipeline_process.CONFIG).write_text(config, encoding="utf-8")
        (folder / name / pipeline_process.DATA).write_bytes(pickle.dumps(first.training))
        train = [sys.executable, "-m", "convai_rasa.project.compare.pipeline_process", "train", str(folder / name)]
        subprocess.run(train, check=True, capture_output=True, cwd=copy)
        train_cpu_s[name] = json.loads((folder / name / pipeline_process.TRAINED).read_text(encoding="utf-8"))["cpu_s"]
    turns: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    for _ in range(TURNS):
        for name, found in turns.items():
            time_it = [sys.executable, __file__, "--time", str(folder / name / pipeline_process.ARCHIVE), str(asked)]
            done = subprocess.run(time_it, check=True, capture_output=True, text=True, cwd=copy)
            found.append(json.loads(done.stdout.splitlines()[-1]))
    shutil.rmtree(folder)
    parts = {
        name: {part: round(statistics.median(turn[part] for turn in found), 3) for part in found[0]}
        for name, found in turns.items()
    }
    total = {name: sum(found.values()) for name, found in parts.items()}
    return {
        "project": project.name,
        "messages": len(texts),
        "ratio": round(total["after"] / total["before"], 3),
        "parse_cpu_ms": {name: round(value, 3) for name, value in total.items()},
        "components_cpu_ms": parts,
        "train_cpu_s": {name: round(value, 1) for name, value in train_cpu_s.items()},
    }


def _with_strategy(config: str) -> str:
    content = yaml.safe_load(config)
    for step in content["pipeline"]:
        if step["name"].endswith("DistilBertIntentClassifier"):
            step["strategy"] = "fine_tune"
    return yaml.safe_dump(content)


def timed(archive: str, asked: str) -> dict[str, float]:
    """Return the median processor milliseconds of each component of a trained pipeline, and of what is around them."""
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage

    logging.disable(logging.WARNING)
    sys.path.insert(0, os.getcwd())  # the project's own components
    processor = Agent.load(archive).processor
    texts = json.loads(Path(asked).read_text(encoding="utf-8"))
    spent: dict[str, float] = {}
    # Rasa has no public way to its components; timing one alone takes the nodes its runner holds.
    for name, node in processor.graph_runner._instantiated_nodes.items():
        if name.startswith("run_"):
            node._fn = _clocked(name.removeprefix("run_").rpartition(".")[2], node._fn, spent)

    async def parse() -> list[dict[str, float]]:
        each = []
        for text in [*texts[:WARM_UP], *texts]:
            spent.clear()
            began = time.process_time()
            await processor.parse_message(UserMessage(text))
            time.sleep(PAUSE_S)
            each.append({**spent, RASA: time.process_time() - began - sum(spent.values())})
        return each[WARM_UP:]

    each = asyncio.run(parse())
    return {part: 1000 * statistics.median(one[part] for one in each) for part in each[0]}


def _clocked(name: str, function: Callable[..., Any], spent: dict[str, float]) -> Callable[..., Any]:
    def run(*arguments: Any, **named: Any) -> Any:
        began = time.process_time()
        try:
            return function(*arguments, **named)
        finally:
            spent[name] = time.process_time() - began

    return run


def _print_table(result: dict[str, Any]) -> None:
    parts = result["components_cpu_ms"]
    print(f"\n{result['project']}: processor ms a message{'before':>34}{'after':>10}")
    for name in dict.fromkeys([*parts["before"], *parts["after"]]):
        cells = (f"{parts[way][name]:10.2f}" if name in parts[way] else f"{'':10}" for way in parts)
        print(f"  {name:50}{''.join(cells)}")
    total = result["parse_cpu_ms"]
    print(f"  {'together':50}{total['before']:10.2f}{total['after']:10.2f}   × {result['ratio']:.2f}")
    trained = result["train_cpu_s"]
    print(f"  {'training, s':50}{trained['before']:10.1f}{trained['after']:10.1f}")


if __name__ == "__main__":
    main()
