"""Entities that other extractors found, and that are lost or doubled by adding ours.

    python benchmarks/entities_kept.py [FOLDER ...] [--json]

A FOLDER is a Rasa project, or holds some; by default those of tests/project and bot/. Each annotated entity of a
project's examples is taken as if another extractor had found it exactly; then our extractor, with its pretrained labels
and the project's domain, runs over the message: once below the other, once above it. Of the annotations are counted
those that do not arrive untouched (lost), and those beside which ours puts out something else in the same words, or a
second value of the same entity (doubled). Ours has the keys that `convai add` writes, where it adds it; then none; then
all its labels; and, to see that the count can be another than nought, all labels with `overlaps: ours`. With ``--json``
the last line printed is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional

import structlog
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema, SchemaNode
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.nlu.training_data.message import Message

from convai_rasa.errors import ConvaiError
from convai_rasa.nlu import EntityExtractor, SpacyModelEntityExtractor
from convai_rasa.project.change.adding import Wishes, propose
from convai_rasa.project.project_files import Project
from convai_rasa.project.training_data import ProjectData, read_project

HERE = Path(__file__).resolve().parent.parent
OTHER = "DIETClassifier"
LEFT_OUT = "add leaves it out"
DOMAIN = Resource("domain_provider")
Keys = Optional[Mapping[str, Any]]


def main() -> int:
    """Run and print; the exit status is 1 if anything is lost or doubled where nothing may be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", metavar="FOLDER")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    folders = arguments.folders or [
        HERE / "tests" / "project" / "projects",
        HERE / "tests" / "project" / "fixtures",
        HERE / "bot",
    ]
    labels = list(EntityExtractor().pretrained_labels)
    rows = {}
    for folder in _projects(folders):
        try:
            project = Project.at(folder)
            rows[folder.name] = _counts(read_project(project), _as_added(project), labels)
        except ConvaiError as error:
            print(f"{folder.name} was left out: {error}", file=sys.stderr)
    _print(rows)
    total = _total(rows)
    if arguments.json:
        print(json.dumps({"projects": rows, "total": total}))
    return int(any(total[setting][kind] for setting in ("add", "no keys", "all") for kind in ("lost", "doubled")))


def _projects(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        if (folder / "config.yml").is_file():
            yield folder.resolve()
        else:
            yield from (child.resolve() for child in sorted(folder.iterdir()) if (child / "config.yml").is_file())


def _as_added(project: Project) -> Keys:
    """Return what of the extractor's keys decides what it puts out, as `convai add` leaves config.yml."""
    proposal = propose(project, Wishes(voice=False, keep_threshold=True))
    changed = {change.path: change.after for change in proposal.changes}
    config = yaml.safe_load(changed.get(project.config) or project.config.read_text(encoding="utf-8"))
    for step in config.get("pipeline") or []:
        if step["name"].endswith(SpacyModelEntityExtractor.__name__):
            return {key: step[key] for key in ("dimensions", "map", "overlaps", "threshold") if key in step}
    return None


def _counts(project: ProjectData, planned: Keys, labels: list[str]) -> dict[str, Any]:
    """Return the counts of a project for each setting of the keys."""
    examples = [example for example in project.nlu.nlu_examples if example.get("entities")]
    settings: dict[str, Keys] = {
        "add": planned,
        "no keys": {},
        "all": {"dimensions": labels},
        "ours": {"dimensions": labels, "overlaps": "ours"},
    }
    row: dict[str, Any] = {"annotations": sum(len(example.get("entities")) for example in examples)}
    with tempfile.TemporaryDirectory() as folder:
        storage = LocalModelStorage(Path(folder))
        with storage.write_to(DOMAIN) as resource:
            project.domain.persist(resource / "domain.yml")
        for name, keys in settings.items():
            row[name] = {**_run(storage, keys, examples), **({} if keys is not None else {"left_out": True})}
    return row


def _run(storage: LocalModelStorage, keys: Keys, examples: list[Message]) -> dict[str, int]:
    counts: Counter[str] = Counter(lost=0, doubled=0, added=0)
    if keys is None:
        return dict(counts)
    provider = SchemaNode({}, DomainProvider, "load", "provide_inference", {}, resource=DOMAIN)
    component = SpacyModelEntityExtractor.load(
        {**SpacyModelEntityExtractor.get_default_config(), **keys},
        storage,
        Resource("entities"),
        ExecutionContext(GraphSchema({"domain_provider": provider})),
    )
    handler = RegexMessageHandler()
    for example in examples:
        theirs = [{**entity, "extractor": OTHER} for entity in example.get("entities")]
        below, above = (
            Message({"text": example.get("text"), "entities": theirs}),
            Message({"text": example.get("text")}),
        )
        component.process([below, above])
        above.set("entities", above.get("entities") + theirs)
        arrived = [message.get("entities") for message in handler.process([below, above])]
        for entity in theirs:
            counts["lost"] += any(entity not in found for found in arrived)
            counts["doubled"] += any(_doubles(one, entity) for found in arrived for one in found)
        counts["added"] += sum(one["extractor"] != OTHER for one in arrived[0])
    return dict(counts)


def _doubles(one: Mapping[str, Any], entity: Mapping[str, Any]) -> bool:
    """Return whether one of ours says something else of the same words, or something more of the same entity."""
    overlaps = one["start"] < entity["end"] and entity["start"] < one["end"]
    return one["extractor"] != OTHER and (overlaps or one["entity"] == entity["entity"])


def _total(rows: Mapping[str, Any]) -> dict[str, Any]:
    total: dict[str, Any] = {"annotations": sum(row["annotations"] for row in rows.values())}
    for setting in ("add", "no keys", "all", "ours"):
        kinds = ("lost", "doubled", "added")
        total[setting] = {kind: sum(row[setting][kind] for row in rows.values()) for kind in kinds}
    return total


def _print(rows: Mapping[str, Any]) -> None:
    print(
        f"{'':14}{'':>12}  {'as add writes it':>18}  {'no keys':>18}  {'all labels':>18}  {'all, overlaps: ours':>20}"
    )
    print(f"{'project':14}{'annotations':>12}" + f"  {'lost doubled added':>18}" * 3 + f"  {'lost doubled added':>20}")
    for name, row in [*rows.items(), (f"all {len(rows)}", _total(rows))]:
        cells = [f"{name:14}{row['annotations']:12}"]
        for setting, width in (("add", 18), ("no keys", 18), ("all", 18), ("ours", 20)):
            counts = row[setting]
            text = f"{counts['lost']:4} {counts['doubled']:7} {counts['added']:5}"
            cells.append(f"{LEFT_OUT if counts.get('left_out') else text:>{width}}")
        print("  ".join(cells))


if __name__ == "__main__":
    raise SystemExit(main())
