"""List the versions of models, and which of them is current: the one that the name without a version means."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Optional

from convai_rasa import store
from convai_rasa.commands.models.arguments import add_json, add_tree, plain_name
from convai_rasa.commands.models.printing import print_json, table
from convai_rasa.errors import ModelError, ModelNotFound
from convai_rasa.store.publishing import Provenance, read_provenance

EXAMPLES = """examples:
  convai models versions                     every model that has versions
  convai models versions nlu/intents
"""
_SHOWN_HASH = 12  # digits of the hash of the training data


class _Row(NamedTuple):
    """One version in one tree."""

    name: store.Name
    folder: Path
    current: bool
    known: Optional[Provenance]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this verb to a parser."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="models, such as nlu/intents (default: all that have versions)"
    )
    add_tree(parser, "look only in this models/ tree")
    add_json(parser)


def run(given: argparse.Namespace) -> int:
    """Print the table; returns the exit status."""
    trees = store.candidate_trees(given.models_dir)
    names = [plain_name(text) for text in given.names]
    rows = [row for tree in trees for name in names or _versioned(tree) for row in _rows(tree, name, given.models_dir)]
    missing = [name.plain for name in names if not any(row.name.plain == name.plain for row in rows)]
    if missing:
        looked = ", ".join(map(str, trees)) or "no models folder in or above the working directory"
        raise ModelNotFound(f"There is no version of {', '.join(missing)}. Looked in: {looked}.")
    if given.json:
        print_json({"versions": [_as_json(row) for row in rows]})
    elif rows:
        print(_as_table(rows))
        print("\n* what the name without a version means; change it with: convai models pin")
    else:
        print("No model has versions; publish one with: convai models publish FOLDER nlu/NAME")
    return 0


def _versioned(tree: Path) -> list[store.Name]:
    """Return the models of a tree that have versions, in alphabetical order."""
    return sorted({name._replace(version=None) for name, _ in store.models_in(tree) if name.version}, key=str)


def _rows(tree: Path, name: store.Name, models_dir: Path | None) -> Iterator[_Row]:
    current = store.look_up(name.plain, models_dir)
    for version in (store.UNVERSIONED, *store.versions_of(tree, name)):
        one = name._replace(version=version)
        folder = store.version_folder(tree, one)
        if folder:
            yield _Row(one, folder, folder == current, _provenance(folder))


def _provenance(folder: Path) -> Provenance | None:
    try:
        return read_provenance(folder)
    except ModelError:
        return None  # ``--verify`` says that the file is damaged; the others are listed all the same


def _as_json(row: _Row) -> dict[str, Any]:
    known = row.known
    return {
        "name": row.name.plain,
        "version": row.name.version,
        "current": row.current,
        "path": str(row.folder),
        "bytes": store.tree_bytes(row.folder),
        "published_at": known.published_at if known else None,
        "source": known.source if known else None,
        "main_metric": dict([known.main_metric]) if known and known.main_metric else None,
        "metrics": known.metrics if known else {},
        "data_sha256": known.data_sha256 if known else None,
    }


def _as_table(rows: Sequence[_Row]) -> str:
    lines = [("", "name", "version", "size", "published", "metric", "training data", "folder")]
    for row in rows:
        known = row.known or Provenance()
        lines.append(
            (
                "*" if row.current else "",
                row.name.plain,
                str(row.name.version),
                store.readable_bytes(store.tree_bytes(row.folder)),
                known.published_at.replace("T", " ")[:16],
                f"{known.main_metric[0]} {known.main_metric[1]:.4g}" if known.main_metric else "",
                (known.data_sha256 or "")[:_SHOWN_HASH],
                str(row.folder),
            )
        )
    return table(lines)
