"""Fetch models: several at a time, with one bar over all of them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from convai_rasa.commands.models.choosing import Chosen, chosen_models
from convai_rasa.errors import ConvaiError, DownloadError
from convai_rasa.store import (
    STAGING,
    OverallBar,
    Progress,
    Stopped,
    Wishes,
    fetch_model,
    find_installed,
    is_up_to_date,
    load_catalogue,
    places,
    readable_bytes,
    room,
    staging_of,
    tree_to_fetch_into,
)

_AT_ONCE = 3  # polite to the sources, and enough to fill a line


def run(args: argparse.Namespace) -> int:
    """Fetch what the command line names, or say what that would take."""
    chosen = chosen_models(args, load_catalogue())
    tree = tree_to_fetch_into(args.models_dir)
    wishes = Wishes(force=args.force, offline=args.offline, source=args.source)
    here = {} if args.force else _already_here(chosen, tree, args.models_dir)
    wanted = [model for model in chosen if model not in here]
    if args.dry_run:
        return _plan(args, wanted, here, tree, wishes)
    return _report(args, tree, here, wanted, _fetch(wanted, tree, wishes, to_stderr=args.json))


def _already_here(chosen: list[Chosen], tree: Path, models_dir: Path | None) -> dict[Chosen, Path]:
    """Return those that are installed, in the tree or elsewhere, with their folders."""
    here = {}
    for model in chosen:
        folder = model.folder(tree)
        if is_up_to_date(model.model, folder):
            here[model] = folder
        elif model.version is None and not folder.exists():
            elsewhere = find_installed(model.label, models_dir)
            if elsewhere:
                here[model] = elsewhere
    return here


def _fetch(wanted: list[Chosen], tree: Path, wishes: Wishes, *, to_stderr: bool) -> dict[Chosen, ConvaiError | None]:
    """Fetch models side by side; returns the error of each, or None."""
    if not wanted:
        return {}
    with OverallBar("all models", sum(model.model.fetched_bytes for model in wanted), to_stderr=to_stderr) as overall:

        def fetch(model: Chosen) -> ConvaiError | None:
            progress = Progress(overall.say, total=model.model.fetched_bytes, overall=overall)
            try:
                fetch_model(model.model, tree, wishes, target=model.folder(tree), progress=progress)
                if any(source.coqui for source in model.model.sources):
                    _make_ready_to_speak(model.folder(tree), overall.say)
            except ConvaiError as error:
                overall.say(str(error), error=True)
                return error
            return None

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            try:
                return dict(zip(wanted, pool.map(fetch, wanted), strict=True))
            except (KeyboardInterrupt, Stopped):
                overall.stop()
                pool.shutdown(wait=False, cancel_futures=True)
                raise KeyboardInterrupt from None


def _make_ready_to_speak(folder: Path, say: Callable[[str], object]) -> None:
    """Export a voice that comes as a checkpoint, so that whoever speaks with it needs nothing for that."""
    from convai_rasa.tts import find_graphs

    find_graphs(folder, say=say)


def _report(
    args: argparse.Namespace,
    tree: Path,
    here: dict[Chosen, Path],
    wanted: list[Chosen],
    errors: dict[Chosen, ConvaiError | None],
) -> int:
    failed = {model: error for model, error in errors.items() if error}
    fetched = [model for model in wanted if model not in failed]
    if args.json:
        result = {
            "models_dir": str(tree),
            "fetched": {model.label: str(model.folder(tree)) for model in fetched},
            "present": {model.label: str(folder) for model, folder in here.items()},
            "failed": {model.label: str(error) for model, error in failed.items()},
        }
        print(json.dumps(result, indent=2))
        return 1 if failed else 0
    for model, folder in here.items():
        if tree not in folder.parents:
            print(f"{model.label}: already in {folder}, used from there")
    if failed:
        print(f"Not installed: {', '.join(model.label for model in failed)}.", file=sys.stderr)
        return 1
    if fetched:
        print(f"{tree}: {_count(len(fetched))} fetched, {_count(len(here))} already there.")
    else:
        print(f"{tree}: {_count(len(here))} installed, nothing to fetch.")
    return 0


def _plan(args: argparse.Namespace, wanted: list[Chosen], here: dict[Chosen, Path], tree: Path, wishes: Wishes) -> int:
    """Say what would be fetched from where, and whether it fits the disk."""
    rows: list[dict[str, Any]] = []
    for model in wanted:
        first = places(model.model, wishes.source, offline=wishes.offline)[0]
        needed, free = room(model.model, staging_of(model.folder(tree), tree))
        rows.append({"name": model.label, "bytes": model.model.fetched_bytes, "needed": needed, "source": str(first)})
    total = sum(model.model.fetched_bytes for model in wanted)
    installed = sum(model.model.installed_bytes for model in wanted)
    _, free = room(wanted[0].model, tree / STAGING) if wanted else (0, 0)
    # beside what stays, the largest of them needs room to be unpacked and converted in
    needed = installed + max((row["needed"] for row in rows), default=0)
    if args.json:
        plan: dict[str, Any] = {"models_dir": str(tree), "fetch": rows, "bytes": total, "needed": needed, "free": free}
        print(json.dumps({**plan, "present": {model.label: str(folder) for model, folder in here.items()}}, indent=2))
    else:
        _print_plan(rows, here, tree, total, needed, free)
    if wanted and needed > free:
        raise DownloadError(f"{tree} has {readable_bytes(free)} free, but {readable_bytes(needed)} are needed.")
    return 0


def _print_plan(
    rows: list[dict[str, Any]], here: dict[Chosen, Path], tree: Path, total: int, needed: int, free: int
) -> None:
    for model, folder in here.items():
        print(f"{model.label}: installed in {folder}")
    for row in rows:
        print(f"{row['name']}: {readable_bytes(row['bytes'])} from the {row['source']}")
    if not rows:
        print(f"{tree}: nothing to fetch.")
        return
    print(
        f"{readable_bytes(total)} to fetch into {tree}; {readable_bytes(needed)} of disk are needed meanwhile, "
        f"{readable_bytes(free)} are free."
    )


def _count(number: int) -> str:
    return f"{number} model" if number == 1 else f"{number} models"
