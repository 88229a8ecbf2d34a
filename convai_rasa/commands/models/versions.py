"""List the versions of models, and which of them is current: the one that the name without a version means."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Optional

from convai_rasa.errors import ConfigurationError, ModelError, ModelNotFound
from convai_rasa.store import (
    UNVERSIONED,
    VERSION,
    Name,
    candidate_trees,
    explain,
    parse_name,
    readable_bytes,
    version_folder,
    versions_of,
)
from convai_rasa.store.publishing import Provenance, read_provenance

_SHOWN_HASH = 12  # digits of the hash of the training data

_EXAMPLES = """examples:
  convai models versions                     every model that has versions
  convai models versions nlu/intents
"""


class Row(NamedTuple):
    """One version in one tree."""

    name: Name
    folder: Path
    current: bool
    size: int
    provenance: Optional[Provenance]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this verb to a parser."""
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="models, such as nlu/intents (default: all that have versions)"
    )
    parser.add_argument("--models-dir", type=Path, metavar="DIR", help="look only in this models/ tree")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: argparse.Namespace) -> int:
    """Print the table; returns the exit status."""
    trees = candidate_trees(args.models_dir)
    names = [plain_name(text) for text in args.names]
    rows = [
        row for tree in trees for name in names or versioned_models(tree) for row in _rows(tree, name, args.models_dir)
    ]
    missing = [name.plain for name in names if not any(row.name.plain == name.plain for row in rows)]
    if missing:
        looked = ", ".join(map(str, trees)) or "no models folder in or above the working directory"
        raise ModelNotFound(f"There is no version of {', '.join(missing)}. Looked in: {looked}.")
    if args.json:
        print(json.dumps({"versions": [_as_json(row) for row in rows]}, indent=2))
    elif rows:
        print(_as_table(rows))
    else:
        print("No model has versions; publish one with: convai models publish FOLDER nlu/NAME")
    return 0


def plain_name(text: str) -> Name:
    """Read the name of a model without a version.

    Raises:
        ConfigurationError: it is none.
    """
    name = parse_name(text.removeprefix("models/"))
    if name is None or name.version is not None:
        raise ConfigurationError(f"'{text}' is not the name of a model without a version, such as nlu/intents.")
    return name


def versioned_models(tree: Path) -> list[Name]:
    """Return the models of a tree that have versions, in alphabetical order."""
    found = {
        Name(folder.parents[1].name, folder.name)
        for folder in tree.glob("*/v*/*")
        if VERSION.fullmatch(folder.parent.name) and folder.is_dir() and not folder.name.startswith(".")
    }
    return sorted(found, key=lambda name: name.plain)


def _rows(tree: Path, name: Name, models_dir: Path | None) -> Iterator[Row]:
    current = next((look.folder for look in explain(name.plain, models_dir=models_dir) if look.folder), None)
    for version in (UNVERSIONED, *versions_of(tree, name)):
        one = name._replace(version=version)
        folder = version_folder(tree, one)
        if folder:
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            yield Row(one, folder, folder == current, size, _provenance(folder))


def _provenance(folder: Path) -> Provenance | None:
    try:
        return read_provenance(folder)
    except ModelError:
        return None  # ``--verify`` says that the file is damaged; the others are listed all the same


def _as_json(row: Row) -> dict[str, Any]:
    known = row.provenance
    return {
        "name": row.name.plain,
        "version": row.name.version,
        "current": row.current,
        "path": str(row.folder),
        "bytes": row.size,
        "published_at": known.published_at if known else None,
        "source": known.source if known else None,
        "main_metric": dict([known.main_metric]) if known and known.main_metric else None,
        "metrics": known.metrics if known else {},
        "data_sha256": known.data_sha256 if known else None,
    }


def _as_table(rows: list[Row]) -> str:
    lines = [("", "name", "version", "size", "published", "metric", "training data", "folder")]
    for row in rows:
        known = row.provenance
        metric = f"{known.main_metric[0]} {known.main_metric[1]:.4g}" if known and known.main_metric else ""
        data = (known.data_sha256 or "")[:_SHOWN_HASH] if known else ""
        published = known.published_at.replace("T", " ")[:16] if known else ""
        size = readable_bytes(row.size)
        mark = "*" if row.current else ""
        version = str(row.name.version)
        lines.append((mark, row.name.plain, version, size, published, metric, data, str(row.folder)))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([*table, "", "* what the name without a version means; change it with: convai models pin"])
