"""Fetch models: several at a time, with one bar over all of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from convai_rasa import store
from convai_rasa.commands.models.arguments import chosen_models
from convai_rasa.commands.models.printing import count, print_json
from convai_rasa.errors import ConvaiError, DownloadError
from convai_rasa.store import Model, Name, readable_bytes

_AT_ONCE = 3  # polite to the sources, and enough to fill a line


def run(given: argparse.Namespace) -> int:
    """Fetch what the command line names, or say what that would take."""
    chosen = chosen_models(given, store.load_catalogue())
    tree = store.tree_to_fetch_into(given.models_dir)
    wishes = store.Wishes(force=given.force, offline=given.offline, source=given.source)
    here = {} if given.force else _already_here(chosen, tree, given.models_dir)
    wanted = {name: model for name, model in chosen.items() if name not in here}
    if given.dry_run:
        _plan(wanted, here, tree, wishes, as_json=given.json)
        return 0
    failed = _fetch(wanted, tree, wishes, to_stderr=given.json) if wanted else {}
    fetched = {name: store.folder_in(tree, name) for name in wanted if name not in failed}
    if given.json:
        lists = {"fetched": _in_words(fetched), "present": _in_words(here), "failed": _in_words(failed)}
        print_json({"models_dir": str(tree), **lists})
        return 1 if failed else 0
    for name, folder in here.items():
        if tree not in folder.parents:
            print(f"{name}: already in {folder}, used from there")
    if failed:
        print(f"Not installed: {', '.join(map(str, failed))}.", file=sys.stderr)
        return 1
    there = count(len(here), "model")
    new = f"{count(len(fetched), 'model')} fetched, {there} already there" if fetched else ""
    print(f"{tree}: {new or f'{there} installed, nothing to fetch'}.")
    return 0


def _already_here(chosen: Mapping[Name, Model], tree: Path, models_dir: Path | None) -> dict[Name, Path]:
    """Return the folders of those that are installed, in the tree or elsewhere."""
    here = {}
    for name, model in chosen.items():
        folder = store.folder_in(tree, name)
        if store.is_up_to_date(model, folder):
            here[name] = folder
        elif name.version is None and not folder.exists():
            elsewhere = store.find_installed(model.name, models_dir)
            if elsewhere:
                here[name] = elsewhere
    return here


def _fetch(
    wanted: Mapping[Name, Model], tree: Path, wishes: store.Wishes, *, to_stderr: bool
) -> dict[Name, ConvaiError]:
    """Fetch models side by side; returns the errors of those that could not be."""
    total = sum(model.fetched_bytes for model in wanted.values())
    with store.OverallBar("all models", total, to_stderr=to_stderr) as overall:

        def fetch(name: Name) -> ConvaiError | None:
            model = wanted[name]
            progress = store.Progress(overall.say, total=model.fetched_bytes, overall=overall)
            try:
                store.fetch_model(model, tree, wishes, name=name, progress=progress)
                if any(source.coqui for source in model.sources):
                    from convai_rasa.tts import find_graphs

                    # so that it can speak without Coqui's package
                    find_graphs(store.folder_in(tree, name), say=overall.say)
            except ConvaiError as error:
                overall.say(str(error), error=True)
                return error
            return None

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            try:
                errors = list(pool.map(fetch, wanted))
            except (KeyboardInterrupt, store.Stopped):
                overall.stopped = True
                pool.shutdown(wait=False, cancel_futures=True)
                raise KeyboardInterrupt from None
    return {name: error for name, error in zip(wanted, errors, strict=True) if error}


def _plan(
    wanted: Mapping[Name, Model], here: Mapping[Name, Path], tree: Path, wishes: store.Wishes, *, as_json: bool
) -> None:
    """Say what would be fetched from where, and whether it fits the disk."""
    rows: list[dict[str, Any]] = [
        {
            "name": str(name),
            "bytes": model.fetched_bytes,
            "needed": store.needed_bytes(model),
            "source": str(store.places(model, wishes.source, offline=wishes.offline)[0]),
        }
        for name, model in wanted.items()
    ]
    total = sum(model.fetched_bytes for model in wanted.values())
    # beside what stays, the largest of them needs room to be unpacked and converted in
    largest = max((row["needed"] for row in rows), default=0)
    needed = sum(model.installed_bytes for model in wanted.values()) + largest
    free = store.free_bytes(tree / store.STAGING) if wanted else 0
    if as_json:
        sizes = {"bytes": total, "needed": needed, "free": free}
        print_json({"models_dir": str(tree), "fetch": rows, **sizes, "present": _in_words(here)})
    else:
        for name, folder in here.items():
            print(f"{name}: installed in {folder}")
        for row in rows:
            print(f"{row['name']}: {readable_bytes(row['bytes'])} from the {row['source']}")
        print(
            f"{readable_bytes(total)} to fetch into {tree}; {readable_bytes(needed)} of disk are needed meanwhile, "
            f"{readable_bytes(free)} are free."
            if wanted
            else f"{tree}: nothing to fetch."
        )
    if wanted and needed > free:
        raise DownloadError(f"{tree} has {readable_bytes(free)} free, but {readable_bytes(needed)} are needed.")


def _in_words(values: Mapping[Name, object]) -> dict[str, str]:
    return {str(name): str(value) for name, value in values.items()}
