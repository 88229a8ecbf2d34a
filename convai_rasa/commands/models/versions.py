"""List the versions of models, and which of them is current: the one that the name without a version means."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from convai_rasa import store
from convai_rasa.commands.models.arguments import add_json, add_tree, plain_name
from convai_rasa.commands.models.printing import print_json, table
from convai_rasa.errors import ModelError, ModelNotFound
from convai_rasa.store import publishing

EXAMPLES = """examples:
  convai models versions                     every model that has versions
  convai models versions nlu/intents
"""
_SHOWN_HASH = 12  # digits of the hash of the training data


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this verb to a parser."""
    words = "models, such as nlu/intents (default: all that have versions)"
    parser.add_argument("names", nargs="*", metavar="NAME", help=words)
    add_tree(parser, "look only in this models/ tree")
    add_json(parser)


def run(given: argparse.Namespace) -> int:
    """Print the table; returns the exit status."""
    trees = store.candidate_trees(given.models_dir)
    names = [plain_name(text) for text in given.names]
    rows = [row for tree in trees for name in names or _versioned(tree) for row in _rows(tree, name, given.models_dir)]
    missing = [name.plain for name in names if not any(row["name"] == name.plain for row in rows)]
    if missing:
        looked = ", ".join(map(str, trees)) or "no models folder in or above the working directory"
        raise ModelNotFound(f"There is no version of {', '.join(missing)}. Looked in: {looked}.")
    if given.json:
        print_json({"versions": rows})
    elif rows:
        print(_as_table(rows))
        print("\n* what the name without a version means; change it with: convai models pin")
    else:
        print("No model has versions; publish one with: convai models publish FOLDER nlu/NAME")
    return 0


def _versioned(tree: Path) -> list[store.Name]:
    return sorted({name._replace(version=None) for name, _ in store.models_in(tree) if name.version}, key=str)


def _rows(tree: Path, name: store.Name, models_dir: Path | None) -> Iterator[dict[str, Any]]:
    """Yield what ``--json`` prints of each version in a tree."""
    current = store.look_up(name.plain, models_dir)
    for version in (store.UNVERSIONED, *store.versions_of(tree, name)):
        folder = store.version_folder(tree, name._replace(version=version))
        if folder:
            known = _provenance(folder)
            yield {
                "name": name.plain,
                "version": version,
                "current": folder == current,
                "path": str(folder),
                "bytes": store.tree_bytes(folder),
                "published_at": known.published_at or None,
                "source": known.source or None,
                "main_metric": dict([known.main_metric]) if known.main_metric else None,
                "metrics": known.metrics,
                "data_sha256": known.data_sha256,
            }


def _provenance(folder: Path) -> publishing.Provenance:
    try:
        return publishing.read_provenance(folder) or publishing.Provenance()
    except ModelError:
        return publishing.Provenance()  # ``--verify`` says that the file is damaged; the others are listed all the same


def _as_table(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = [("", "name", "version", "size", "published", "metric", "training data", "folder")]
    for row in rows:
        size, at = store.readable_bytes(row["bytes"]), (row["published_at"] or "").replace("T", " ")[:16]
        metric = next((f"{name} {value:.4g}" for name, value in (row["main_metric"] or {}).items()), "")
        digest = (row["data_sha256"] or "")[:_SHOWN_HASH]
        mark = "*" if row["current"] else ""
        lines.append((mark, row["name"], row["version"], size, at, metric, digest, row["path"]))
    return table(lines)
