"""Read every byte of installed models; with ``--deep``, run each of them once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from convai_rasa import store
from convai_rasa.commands.models.arguments import names_a_set, set_members
from convai_rasa.commands.models.printing import count, print_json
from convai_rasa.errors import ConvaiError


def run(given: argparse.Namespace) -> int:
    """Verify the models that are named, or all that are installed, in the tree and in the caches of others."""
    catalogue = store.load_catalogue()
    wanted, missing = _wanted(given, catalogue)
    # A user's own folder has nothing to be compared with, but it can be run.
    own = {name for name, folder in wanted.items() if name not in catalogue.models and not store.is_installed(folder)}
    compared = {name: folder for name, folder in wanted.items() if not (given.deep and name in own)}
    with store.byte_bar("verifying", sum(map(store.tree_bytes, compared.values()))) as bar:
        problems: dict[str, list[str]] = {name: [] for name in wanted} | {
            name: store.verify_model(folder, catalogue.models.get(name), progress=bar.update)
            for name, folder in compared.items()
        }
    if given.deep:
        _run_each(wanted, problems, catalogue, quiet=given.json)
    wrong = [name for name in wanted if problems[name]]
    if given.json:
        verified = {name: {"path": str(folder), "problems": problems[name]} for name, folder in wanted.items()}
        print_json({"models": verified, "missing": missing})
        return 1 if missing or wrong else 0
    for complaint in [*(problem for name in wrong for problem in problems[name]), *missing.values()]:
        print(complaint, file=sys.stderr)
    if again := [name for name in wrong if name in catalogue.models and store.is_installed(wanted[name])]:
        print(f"Fetch again with: convai models --force {' '.join(again)}", file=sys.stderr)
    if missing or wrong:
        return 1
    print(f"{count(len(wanted), 'model')} verified." if wanted else "No model is installed.")
    return 0


def _wanted(given: argparse.Namespace, catalogue: store.Catalogue) -> tuple[dict[str, Path], dict[str, str]]:
    """Return the folders to verify by the names of the models, and the complaint about each that is not there."""
    of_set = set_members(given, catalogue) if names_a_set(given) else []
    names = [*given.names, *(model.name for model in of_set)]
    if not names:
        return dict(_all_installed(catalogue, given.models_dir)), {}
    wanted, missing = {}, {}
    for name in names:
        try:
            wanted[name] = store.resolve(name, models_dir=given.models_dir)
        except ConvaiError as error:
            missing[name] = str(error)
    return wanted, missing


def _all_installed(catalogue: store.Catalogue, models_dir: Path | None) -> Iterator[tuple[str, Path]]:
    """Yield all installed models: of the trees, then those of the catalog that lie in other programs' caches."""
    seen = set()
    for tree in store.candidate_trees(models_dir):
        for name, folder in store.models_in(tree):
            if store.is_installed(folder) and str(name) not in seen:
                seen.add(str(name))
                yield str(name), folder
    for catalogued in catalogue.models:
        elsewhere = None if catalogued in seen else store.find_installed(catalogued, models_dir)
        if elsewhere:
            yield catalogued, elsewhere


def _run_each(
    wanted: Mapping[str, Path], problems: Mapping[str, list[str]], catalogue: store.Catalogue, *, quiet: bool
) -> None:
    """Load each model whose bytes are right and run it once; what goes wrong is added to its problems."""
    from convai_rasa.commands.models.deep import deep_check

    for name in [name for name in wanted if not problems[name]]:
        model = catalogue.models.get(name)
        try:
            with store.clock(f"{name}: running"):
                line = deep_check(name, wanted[name], model.component if model else None)
        except ConvaiError as error:
            problems[name].append(str(error))
        else:
            if not quiet:
                print(line)
