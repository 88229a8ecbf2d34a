"""Upload installed models to a bucket or a folder, from which others can fetch them with --source.

Each model is checked byte by byte first and keeps its path in the tree. Files that are there already with
the same size and hash are not uploaded again, and nothing else is deleted.
"""

from __future__ import annotations

import argparse
import sys

from convai_rasa import store
from convai_rasa.commands.models.arguments import add_json, add_tree
from convai_rasa.commands.models.printing import count, print_json
from convai_rasa.errors import ModelCorrupt, ModelNotFound
from convai_rasa.store import publishing

EXAMPLES = """examples:
  convai models push s3://bucket/models                      all models of the tree, with all their versions
  convai models push gs://bucket/models whisper/base         one
  convai models push s3://bucket/models nlu/intents@v2.0     one version
  convai models push /mnt/share/models --dry-run             what would be uploaded
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this verb to a parser."""
    parser.add_argument("place", metavar="PLACE", help="s3://bucket/folder, gs://bucket/folder, or a folder")
    parser.add_argument("names", nargs="*", metavar="NAME", help="models, such as whisper/base (default: all)")
    add_tree(parser)
    parser.add_argument("--dry-run", action="store_true", help="say what would be uploaded, and upload nothing")
    add_json(parser)


def run(given: argparse.Namespace) -> int:
    """Push the models; returns the exit status."""
    tree = store.tree_to_fetch_into(given.models_dir)
    models = publishing.find_models(tree, given.names)
    if not models:
        raise ModelNotFound(f"There is no model in {tree}, so there is nothing to push.")
    pushes: list[publishing.Push] = []
    damaged: dict[str, str] = {}
    would = "would be " if given.dry_run else ""
    with store.open_remote(given.place) as remote:
        place = str(remote)
        for name, folder in models.items():
            try:
                with store.byte_bar(f"{name}: checking", store.tree_bytes(folder)) as bar:
                    manifest = publishing.describe(name, folder, bar.update)
            except ModelCorrupt as error:
                damaged[str(name)] = str(error)
                print(f"{name} is not pushed: {error}", file=sys.stderr)
                continue
            push = publishing.push_model(name, folder, manifest, remote, dry_run=given.dry_run)
            pushes.append(push)
            if not given.json:
                files = f"{count(push.files, 'file')}, {store.readable_bytes(push.size)}, {would}uploaded"
                print(f"{name}: {'already there' if push.already_there else files}", flush=True)
    if given.json:
        pushed = [
            {"name": str(push.name), "files": push.files, "bytes": push.size, "present": push.already_there}
            for push in pushes
        ]
        where = {"place": place, "models_dir": str(tree), "dry_run": given.dry_run}
        print_json({**where, "pushed": pushed, "failed": damaged})
    else:
        changed = [push.name for push in pushes if not push.already_there]
        there = count(len(pushes) - len(changed), "model")
        print(f"{place}: {count(len(changed), 'model')} {would}pushed, {there} already there.")
        if changed and not given.dry_run:
            print(f"Fetch with: convai models --source {place} {' '.join(map(str, changed))}")
    return 1 if damaged else 0
