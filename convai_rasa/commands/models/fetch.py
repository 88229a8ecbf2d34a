"""Fetch models: several at a time, with one bar over all of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from convai_rasa import store
from convai_rasa.commands.models.arguments import Chosen, chosen_models
from convai_rasa.commands.models.printing import count, print_json
from convai_rasa.errors import ConvaiError, DownloadError
from convai_rasa.store import readable_bytes

_AT_ONCE = 3  # polite to the sources, and enough to fill a line


def run(given: argparse.Namespace) -> int:
    """Fetch what the command line names, or say what that would take."""
    chosen = chosen_models(given, store.load_catalogue())
    tree = store.tree_to_fetch_into(given.models_dir)
    wishes = store.Wishes(force=given.force, offline=given.offline, source=given.source)
    here = {} if given.force else _already_here(chosen, tree, given.models_dir)
    wanted = [model for model in chosen if model not in here]
    if given.dry_run:
        _plan(wanted, here, tree, wishes, as_json=given.json)
        return 0
    failed = _fetch(wanted, tree, wishes, to_stderr=given.json) if wanted else {}
    fetched = [model for model in wanted if model not in failed]
    if given.json:
        folders = {str(model.name): str(model.folder(tree)) for model in fetched}
        errors = {str(model.name): str(error) for model, error in failed.items()}
        print_json({"models_dir": str(tree), "fetched": folders, "present": _as_json(here), "failed": errors})
        return 1 if failed else 0
    for model, folder in here.items():
        if tree not in folder.parents:
            print(f"{model.name}: already in {folder}, used from there")
    if failed:
        print(f"Not installed: {', '.join(str(model.name) for model in failed)}.", file=sys.stderr)
        return 1
    there = count(len(here), "model")
    new = f"{count(len(fetched), 'model')} fetched, {there} already there" if fetched else ""
    print(f"{tree}: {new or f'{there} installed, nothing to fetch'}.")
    return 0


def _already_here(chosen: Sequence[Chosen], tree: Path, models_dir: Path | None) -> dict[Chosen, Path]:
    """Return those that are installed, in the tree or elsewhere, with their folders."""
    here = {}
    for model in chosen:
        folder = model.folder(tree)
        if store.is_up_to_date(model.model, folder):
            here[model] = folder
        elif model.version is None and not folder.exists():
            elsewhere = store.find_installed(model.model.name, models_dir)
            if elsewhere:
                here[model] = elsewhere
    return here


def _fetch(wanted: Sequence[Chosen], tree: Path, wishes: store.Wishes, *, to_stderr: bool) -> dict[Chosen, ConvaiError]:
    """Fetch models side by side; returns the errors of those that could not be."""
    with store.OverallBar(
        "all models", sum(model.model.fetched_bytes for model in wanted), to_stderr=to_stderr
    ) as overall:

        def fetch(model: Chosen) -> ConvaiError | None:
            progress = store.Progress(overall.say, total=model.model.fetched_bytes, overall=overall)
            try:
                store.fetch_model(model.model, tree, wishes, target=model.folder(tree), progress=progress)
                if any(source.coqui for source in model.model.sources):
                    from convai_rasa.tts import find_graphs

                    find_graphs(model.folder(tree), say=overall.say)  # so that it can speak without Coqui's package
            except ConvaiError as error:
                overall.say(str(error), error=True)
                return error
            return None

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            try:
                errors = list(pool.map(fetch, wanted))
            except (KeyboardInterrupt, store.Stopped):
                overall.stop()
                pool.shutdown(wait=False, cancel_futures=True)
                raise KeyboardInterrupt from None
    return {model: error for model, error in zip(wanted, errors, strict=True) if error}


def _plan(
    wanted: Sequence[Chosen], here: Mapping[Chosen, Path], tree: Path, wishes: store.Wishes, *, as_json: bool
) -> None:
    """Say what would be fetched from where, and whether it fits the disk."""
    total = sum(model.model.fetched_bytes for model in wanted)
    needed_for = {model: store.room(model.model, store.staging_of(model.folder(tree), tree))[0] for model in wanted}
    source_of = {model: store.places(model.model, wishes.source, offline=wishes.offline)[0] for model in wanted}
    # beside what stays, the largest of them needs room to be unpacked and converted in
    needed = sum(model.model.installed_bytes for model in wanted) + max(needed_for.values(), default=0)
    free = store.room(wanted[0].model, tree / store.STAGING)[1] if wanted else 0
    if as_json:
        rows = [
            {
                "name": str(model.name),
                "bytes": model.model.fetched_bytes,
                "needed": needed_for[model],
                "source": str(source_of[model]),
            }
            for model in wanted
        ]
        sizes = {"bytes": total, "needed": needed, "free": free}
        print_json({"models_dir": str(tree), "fetch": rows, **sizes, "present": _as_json(here)})
    else:
        for model, folder in here.items():
            print(f"{model.name}: installed in {folder}")
        for model, source in source_of.items():
            print(f"{model.name}: {readable_bytes(model.model.fetched_bytes)} from the {source}")
        print(
            f"{readable_bytes(total)} to fetch into {tree}; {readable_bytes(needed)} of disk are needed meanwhile, "
            f"{readable_bytes(free)} are free."
            if wanted
            else f"{tree}: nothing to fetch."
        )
    if wanted and needed > free:
        raise DownloadError(f"{tree} has {readable_bytes(free)} free, but {readable_bytes(needed)} are needed.")


def _as_json(here: Mapping[Chosen, Path]) -> dict[str, str]:
    return {str(model.name): str(folder) for model, folder in here.items()}
