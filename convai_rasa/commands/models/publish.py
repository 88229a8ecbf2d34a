"""Put a trained component into the models/ tree as a new version, with its metrics and a hash of its training data.

The source is a folder that a component's save() wrote, a checkpoint, a spaCy pipeline, a recognizer or a voice, or
the archive of a bot that rasa train wrote, from which one component is taken. A version never changes afterwards, and
what the name without a version means changes only with --pin.
"""

from __future__ import annotations

import argparse
from datetime import datetime, timezone
from pathlib import Path

from convai_rasa.commands.models.forms import TRAINED, component_in, form_of
from convai_rasa.errors import ConfigurationError, ModelCorrupt
from convai_rasa.store import (
    Name,
    clock,
    describe_pointer,
    first_pointer,
    parse_name,
    pin,
    sha256,
    tree_to_fetch_into,
    unpack_component,
)
from convai_rasa.store.publishing import Provenance, hash_data, main_metric, read_metrics
from convai_rasa.store.publishing.publish import copy_folder, publish

_EXAMPLES = """examples:
  convai models publish bot/models/20260105-101500.tar.gz nlu/intents
  convai models publish runs/7 nlu/intents --version v2.1 --metrics intent_report.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this verb to a parser."""
    parser.epilog = _EXAMPLES
    parser.add_argument("source", type=Path, metavar="SOURCE", help="a model's folder, or bot/models/….tar.gz")
    parser.add_argument("name", metavar="NAME", help="what to call it, such as nlu/intents or nlu/intents@v2.0")
    parser.add_argument("--version", metavar="vX.Y", help="version to publish (default: the next whole number)")
    parser.add_argument(
        "--metrics",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="reports to keep, such as intent_report.json",
    )
    parser.add_argument(
        "--data", type=Path, nargs="+", default=[], metavar="PATH", help="training data, files or folders, to be hashed"
    )
    parser.add_argument(
        "--component",
        metavar="COMPONENT",
        help=f"which component of an archive: {', '.join(TRAINED)}, or its folder there",
    )
    parser.add_argument("--pin", action="store_true", help="let the name mean this version from now on")
    parser.add_argument("--models-dir", type=Path, metavar="DIR", help="the models/ tree (default: the nearest)")


def run(args: argparse.Namespace) -> int:
    """Publish it; returns the exit status."""
    name = _name(args.name, args.version)
    tree = tree_to_fetch_into(args.models_dir)
    source: Path = args.source.expanduser()
    if not source.exists():
        raise ConfigurationError(
            f"{source} does not exist; give a model's folder, or an archive that rasa train wrote."
        )
    metrics = read_metrics(args.metrics)
    data_sha256, data_files = hash_data(args.data)
    origin = ""

    def fill(folder: Path) -> None:
        nonlocal origin
        if source.is_file():
            home = unpack_component(source, folder, component_in(source, name, args.component))
            origin = f"{home.name} in the archive {source.name} (SHA-256 {sha256(source)})"
        else:
            form_of(source, name)  # before gigabytes are copied
            copy_folder(source, folder)
            origin = f"the folder {source.name}"
        origin = f"{form_of(folder, name).words}, {origin}"
        pointer = first_pointer(folder)
        if pointer:
            raise ModelCorrupt(f"{describe_pointer(source / pointer.relative_to(folder))}.")

    def describe(published: Name) -> Provenance:
        now = datetime.now(timezone.utc).replace(microsecond=0).isoformat()
        return Provenance(str(published), now, origin, metrics, main_metric(metrics), data_sha256, data_files)

    with clock(f"{name.plain}: publishing"):
        folder = publish(name, tree, fill, describe)
    version = parse_name("/".join(folder.relative_to(tree).parts))
    print(f"Published {version} in {folder}")
    if args.pin and version:
        pin(tree, version)
        print(f"{name.plain} is now {folder}")
    return 0


def _name(text: str, version: str | None) -> Name:
    name = parse_name(text.removeprefix("models/").rstrip("/"))
    if name is None or "/" in name.model:
        raise ConfigurationError(f"'{text}' is not the name of a model; write for example nlu/intents.")
    if version and name.version and version != name.version:
        raise ConfigurationError(f"The name says {name.version} and --version {version}; give only one of them.")
    return name._replace(version=version or name.version)
