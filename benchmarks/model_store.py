"""How long the model store takes: to list, to verify against sha256sum, and to find an installed model.

Everything is measured on the models that are installed, in fresh processes where it says so; runs of the two programs
that are compared alternate, after one run of each that is not counted and leaves the files in the page cache.

    python benchmarks/model_store.py
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from convai_rasa.store import resolve
from convai_rasa.store.catalogue import load_catalogue
from convai_rasa.store.resolving import find_installed

COMMAND = [sys.executable, "-m", "convai_rasa.cli", "models"]
HEAVY = ("torch", "transformers", "tensorflow", "rasa", "TTS", "spacy", "ctranslate2", "numpy")
IMPORTED = f"""
import sys
from convai_rasa.cli import main
main(["models", "--list"])
print(*sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)
"""
FIRST = """
import sys, time
begun = time.perf_counter()
from convai_rasa.store import resolve
imported = time.perf_counter()
resolve(sys.argv[1])
first = time.perf_counter()
resolve(sys.argv[1])
print(1000 * (imported - begun), 1000 * (first - imported), 1000 * (time.perf_counter() - first))
"""


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7, help="of everything in a fresh process (default: %(default)s)")
    parser.add_argument("--calls", type=int, default=2000, help="of a look-up in one process (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    given = parser.parse_args()
    installed = {name: folder for name in load_catalogue().models if (folder := find_installed(name))}
    if not installed:
        print("No model is installed; fetch some with: convai models --set embedded", file=sys.stderr)
        return 1
    figures = {**_list(given.runs), **_verify(installed, given.runs), **_resolve(installed, given.runs, given.calls)}
    print(f"{len(installed)} models, medians of {given.runs} runs and of {given.calls} calls, {os.cpu_count()} cores")
    width = max(map(len, figures))
    for name, (value, aim) in figures.items():
        print(f"{name.ljust(width)}  {value:>9}  {aim}")
    if given.json:
        print(json.dumps({name: value for name, (value, _) in figures.items()}))
    return 0


def _list(runs: int) -> dict[str, tuple[str, str]]:
    times = [_timed([*COMMAND, "--list"]) for _ in range(runs + 1)][1:]
    heavy = subprocess.run([sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True).stderr.split()
    return {
        "--list in a fresh process, s": (f"{statistics.median(times):.2f}", "aim: < 1"),
        "heavy packages that it imports": (", ".join(heavy) or "none", "aim: none"),
    }


def _verify(installed: dict[str, Path], runs: int) -> dict[str, tuple[str, str]]:
    files = [str(path) for folder in installed.values() for path in folder.rglob("*") if path.is_file()]
    ours, theirs = [*COMMAND, "--verify", *installed], ["sha256sum", *files]
    _timed(ours)
    _timed(theirs)
    pairs = [(_timed(ours), _timed(theirs)) for _ in range(runs)]
    own, reference = (statistics.median(times) for times in zip(*pairs, strict=True))
    size = sum(os.path.getsize(file) for file in files)
    return {
        f"--verify of {size / 1e6:.0f} MB, whole process, s": (f"{own:.2f}", ""),
        "sha256sum of the same files, s": (f"{reference:.2f}", ""),
        "ratio": (f"{own / reference:.2f}", "aim: <= 1.3"),
    }


def _resolve(installed: dict[str, Path], runs: int, calls: int) -> dict[str, tuple[str, str]]:
    name = next(iter(installed))
    imports, firsts, _ = _fresh(name, runs, os.environ)
    times = []
    for call in range(calls):
        wanted = list(installed)[call % len(installed)]
        begun = time.perf_counter()
        resolve(wanted)
        times.append(1000 * (time.perf_counter() - begun))
    with tempfile.TemporaryDirectory() as home:
        cached, environment = _hugging_face_cache(Path(home))
        _, cache_firsts, cache_seconds = _fresh(cached, runs, environment)
    return {
        "resolve, median, ms": (f"{statistics.median(times):.3f}", "aim: < 5"),
        "resolve, 95th percentile, ms": (f"{statistics.quantiles(times, n=20)[18]:.3f}", "aim: < 5"),
        "resolve, first call of a process, ms": (f"{statistics.median(firsts):.2f}", "aim: < 5"),
        "importing it, ms": (f"{statistics.median(imports):.1f}", "beside the start of Python"),
        "resolve in another program's cache, first call, ms": (
            f"{statistics.median(cache_firsts):.0f}",
            "reads the catalogue",
        ),
        "resolve in another program's cache, later, ms": (f"{statistics.median(cache_seconds):.2f}", "aim: < 5"),
    }


def _fresh(name: str, runs: int, environment: os._Environ[str] | dict[str, str]) -> tuple[list[float], ...]:
    """Look a model up twice in fresh processes; returns the times of the import and of both calls, in ms."""
    command = [sys.executable, "-c", FIRST, name]
    rows = [
        [float(word) for word in subprocess.check_output(command, env=dict(environment), text=True).split()]
        for _ in range(runs + 1)
    ][1:]
    return tuple(list(column) for column in zip(*rows, strict=True))


def _hugging_face_cache(home: Path) -> tuple[str, dict[str, str]]:
    """Make a cache that has a model which is not installed, of sparse files; returns its name and the environment."""
    for name, model in load_catalogue().models.items():
        repo = next((source.hugging_face for source in model.sources if source.hugging_face), None)
        if repo and repo.revision and not model.conversion and not find_installed(name):
            folder = home / f"models--{repo.repo.replace('/', '--')}/snapshots/{repo.revision}"
            for file, published in model.files.items():
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                with (folder / file).open("wb") as sparse:
                    sparse.truncate(published.size or 1)
            return name, {**os.environ, "HF_HUB_CACHE": str(home)}
    raise SystemExit("Every model of the catalogue is installed, so none can be looked up elsewhere.")


def _timed(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
