"""Put a trained component into the models/ tree as a new version, with its metrics and a hash of its training data.

The source is a folder that a component's save() wrote, a checkpoint, a spaCy pipeline, a recognizer or a voice, or
the archive of a bot that rasa train wrote, from which one component is taken. A version never changes afterwards, and
what the name without a version means changes only with --pin.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from convai_rasa import store
from convai_rasa.commands.models.arguments import add_tree
from convai_rasa.errors import ConfigurationError
from convai_rasa.store import publishing

EXAMPLES = """examples:
  convai models publish bot/models/20260105-101500.tar.gz nlu/intents
  convai models publish runs/7 nlu/intents --version v2.1 --metrics intent_report.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this verb to a parser."""
    several: dict[str, Any] = {"type": Path, "nargs": "+", "default": []}
    component = f"which component of an archive: {', '.join(publishing.TRAINED.values())}, or its folder there"
    parser.add_argument("source", type=Path, metavar="SOURCE", help="a model's folder, or bot/models/….tar.gz")
    parser.add_argument("name", metavar="NAME", help="what to call it, such as nlu/intents or nlu/intents@v2.0")
    parser.add_argument("--version", metavar="vX.Y", help="version to publish (default: the next whole number)")
    parser.add_argument("--metrics", metavar="FILE", help="reports to keep, such as intent_report.json", **several)
    parser.add_argument("--data", metavar="PATH", help="training data, files or folders, to be hashed", **several)
    parser.add_argument("--component", metavar="COMPONENT", help=component)
    parser.add_argument("--pin", action="store_true", help="let the name mean this version from now on")
    add_tree(parser)


def run(given: argparse.Namespace) -> int:
    """Publish it; returns the exit status."""
    name = _name(given.name, given.version)
    tree = store.tree_to_fetch_into(given.models_dir)
    source: Path = given.source.expanduser()
    if not source.exists():
        raise ConfigurationError(
            f"{source} does not exist; give a model's folder, or an archive that rasa train wrote."
        )
    known = publishing.Provenance.gather(given.metrics, given.data)

    def fill(folder: Path) -> str:
        if source.is_file():
            home = publishing.unpack_trained(source, folder, name, given.component)
            store.check_pointers(folder)
            origin = f"{home.name} in the archive {source.name} (SHA-256 {store.sha256(source)})"
        else:
            publishing.format_under(name.kind, source)  # before gigabytes are copied
            store.check_pointers(source)
            publishing.copy_folder(source, folder)
            origin = f"the folder {source.name}"
        return f"{publishing.format_under(name.kind, folder).words}, {origin}"

    with store.clock(f"{name.plain}: publishing"):
        folder = publishing.publish_version(name, tree, fill, known)
    version = name._replace(version=folder.parent.name)
    print(f"Published {version} in {folder}")
    if given.pin:
        store.pin(tree, version)
        print(f"{name.plain} is now {folder}")
    return 0


def _name(text: str, version: str | None) -> store.Name:
    name = store.parse_name(text.removeprefix("models/").rstrip("/"))
    if name is None or "/" in name.model:
        raise ConfigurationError(f"'{text}' is not the name of a model; write for example nlu/intents.")
    if version and name.version and version != name.version:
        raise ConfigurationError(f"The name says {name.version} and --version {version}; give only one of them.")
    return name._replace(version=version or name.version)
