"""Upload installed models to a bucket or a folder, from which others can fetch them with --source.

Each model is checked byte by byte first and keeps its path in the tree. Files that are there already with
the same size and hash are not uploaded again, and nothing else is deleted.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from convai_rasa.errors import ModelCorrupt, ModelNotFound
from convai_rasa.store import Name, Progress, byte_bar, readable_bytes, tree_to_fetch_into
from convai_rasa.store.publishing import Push, describe, find_models, open_remote, push_model
from convai_rasa.store.sources import Remote

_EXAMPLES = """examples:
  convai models push s3://bucket/models                      all models of the tree, with all their versions
  convai models push gs://bucket/models whisper/base         one
  convai models push s3://bucket/models nlu/intents@v2.0     one version
  convai models push /mnt/share/models --dry-run             what would be uploaded
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this verb to a parser."""
    parser.epilog = _EXAMPLES
    parser.add_argument("place", metavar="PLACE", help="s3://bucket/folder, gs://bucket/folder, or a folder")
    parser.add_argument("names", nargs="*", metavar="NAME", help="models, such as whisper/base (default: all)")
    parser.add_argument("--models-dir", type=Path, metavar="DIR", help="the models/ tree (default: the nearest)")
    parser.add_argument("--dry-run", action="store_true", help="say what would be uploaded, and upload nothing")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def run(args: argparse.Namespace) -> int:
    """Push the models; returns the exit status."""
    tree = tree_to_fetch_into(args.models_dir)
    models = find_models(tree, args.names)
    if not models:
        raise ModelNotFound(f"There is no model in {tree}, so there is nothing to push.")
    pushes: list[Push] = []
    damaged: dict[Name, str] = {}
    with open_remote(args.place) as remote:
        for name, folder in models.items():
            try:
                pushes.append(_push(name, folder, remote, args))
            except ModelCorrupt as error:
                damaged[name] = str(error)
                print(f"{name} is not pushed: {error}", file=sys.stderr)
        if args.json:
            print(json.dumps(_as_json(str(remote), tree, pushes, damaged, args.dry_run), indent=2))
        else:
            _print_summary(str(remote), pushes, args.dry_run)
    return 1 if damaged else 0


def _push(name: Name, folder: Path, remote: Remote, args: argparse.Namespace) -> Push:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    with byte_bar(f"{name}: checking", size) as bar:
        manifest = describe(name, folder, bar.update)
    push = push_model(name, folder, manifest, remote, Progress(), dry_run=args.dry_run)
    if not args.json:
        print(_line(push, args.dry_run), flush=True)
    return push


def _line(push: Push, dry_run: bool) -> str:
    if not push.files and not push.described:
        return f"{push.name}: already there"
    done = "would be uploaded" if dry_run else "uploaded"
    return f"{push.name}: {_count(push.files, 'file')}, {readable_bytes(push.size)}, {done}"


def _print_summary(place: str, pushes: list[Push], dry_run: bool) -> None:
    changed = [push for push in pushes if push.files or push.described]
    done = "would be pushed" if dry_run else "pushed"
    there = len(pushes) - len(changed)
    print(f"{place}: {_count(len(changed), 'model')} {done}, {_count(there, 'model')} already there.")
    if changed and not dry_run:
        print(f"Fetch with: convai models --source {place} {' '.join(str(push.name) for push in changed)}")


def _as_json(place: str, tree: Path, pushes: list[Push], damaged: dict[Name, str], dry_run: bool) -> dict[str, Any]:
    models = [
        {"name": str(push.name), "files": push.files, "bytes": push.size, "present": not (push.files or push.described)}
        for push in pushes
    ]
    failed = {str(name): problem for name, problem in damaged.items()}
    return {"place": place, "models_dir": str(tree), "dry_run": dry_run, "pushed": models, "failed": failed}


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
