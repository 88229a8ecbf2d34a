"""Read every byte of installed models; with ``--deep``, run each of them once."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from convai_rasa.commands.models.choosing import names_a_set, set_members
from convai_rasa.errors import ConvaiError
from convai_rasa.store import (
    MANIFEST,
    VERSION,
    Catalogue,
    byte_bar,
    candidate_trees,
    find_installed,
    is_installed,
    load_catalogue,
    parse_name,
    resolve,
    tree_bytes,
)
from convai_rasa.store.verify import verify


def run(args: argparse.Namespace) -> int:
    """Verify the models that are named, or all that are installed, in the tree and in the caches of others."""
    catalogue = load_catalogue()
    wanted, missing = _wanted(args, catalogue)
    # A user's own folder has nothing to be compared with, but it can be run.
    own = {name for name, folder in wanted.items() if name not in catalogue.models and not is_installed(folder)}
    results = _verify(wanted, catalogue, only_run=own if args.deep else set())
    if args.deep:
        _run_each(wanted, results, catalogue, say=None if args.json else print)
    wrong = [name for name, problems in results.items() if problems]
    if args.json:
        verified = {name: {"path": str(wanted[name]), "problems": problems} for name, problems in results.items()}
        print(json.dumps({"models": verified, "missing": missing}, indent=2))
        return 1 if missing or wrong else 0
    for problem in (problem for problems in results.values() for problem in problems):
        print(problem, file=sys.stderr)
    for error in missing.values():
        print(error, file=sys.stderr)
    if again := [name for name in wrong if name in catalogue.models and is_installed(wanted[name])]:
        print(f"Fetch again with: convai models --force {' '.join(again)}", file=sys.stderr)
    if missing or wrong:
        return 1
    number = len(wanted)
    print(f"{number} model{'' if number == 1 else 's'} verified." if number else "No model is installed.")
    return 0


def _wanted(args: argparse.Namespace, catalogue: Catalogue) -> tuple[dict[str, Path], dict[str, str]]:
    """Return the folders to verify by the names of the models, and the complaint about each that is not there."""
    names = [*args.names, *(chosen.label for chosen in set_members(args, catalogue) if names_a_set(args))]
    if not names:
        return dict(_all_installed(catalogue, args.models_dir)), {}
    wanted, missing = {}, {}
    for name in names:
        try:
            wanted[name] = resolve(name, models_dir=args.models_dir)
        except ConvaiError as error:
            missing[name] = str(error)
    return wanted, missing


def _all_installed(catalogue: Catalogue, models_dir: Path | None) -> Iterator[tuple[str, Path]]:
    """Yield all installed models: of the trees, then those of the catalog that lie in other programs' caches."""
    seen = set()
    for tree in candidate_trees(models_dir):
        for manifest in sorted([*tree.glob(f"*/*/{MANIFEST}"), *tree.glob(f"*/v*/*/{MANIFEST}")]):
            name = parse_name(manifest.parent.relative_to(tree).as_posix())
            if name and (name.version is None or VERSION.fullmatch(name.version)) and str(name) not in seen:
                seen.add(str(name))
                yield str(name), manifest.parent
    for catalogued in catalogue.models:
        folder = None if catalogued in seen else find_installed(catalogued, models_dir)
        if folder:
            yield catalogued, folder


def _verify(wanted: dict[str, Path], catalogue: Catalogue, *, only_run: set[str]) -> dict[str, list[str]]:
    with byte_bar("verifying", sum(tree_bytes(folder) for folder in wanted.values())) as bar:
        return {
            name: [] if name in only_run else verify(folder, catalogue.models.get(name), progress=bar.update)
            for name, folder in wanted.items()
        }


def _run_each(
    wanted: dict[str, Path],
    results: dict[str, list[str]],
    catalogue: Catalogue,
    say: Callable[[str], object] | None,
) -> None:
    """Load each model whose bytes are right and run it once; what goes wrong is added to its results."""
    from convai_rasa.commands.models.deep import deep_check
    from convai_rasa.store import clock

    for name, folder in wanted.items():
        if results[name]:
            continue
        model = catalogue.models.get(name)
        try:
            with clock(f"{name}: running"):
                line = deep_check(name, folder, model.component if model else None)
        except ConvaiError as error:
            results[name].append(str(error))
        else:
            if say:
                say(line)
