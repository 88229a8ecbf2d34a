"""Compare two configurations of a Rasa project on the project's own examples.

Part of the examples is held back, and both pipelines are trained on the rest and tested on that part, in as many
rounds as the time allows. Shows how each does, which messages are answered differently, what it costs, and whether
the change is an improvement. Changes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any, Optional

from convai_rasa.errors import ConfigurationError
from convai_rasa.project import Project, read_text

EXAMPLES = """examples:
  %(prog)s config.yml new.yml                    in the project's folder
  %(prog)s config.yml new.yml --minutes 30       more rounds
  %(prog)s config.yml new.yml --out-of-scope not-for-us.txt
  %(prog)s config.yml new.yml --html compared.html --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command to a parser."""
    parser.add_argument("old", type=Path, metavar="OLD.yml", help="a config file")
    parser.add_argument("new", type=Path, metavar="NEW.yml", help="another one")
    parser.add_argument(
        "project", nargs="?", type=Path, default=Path(), help="the Rasa project's folder (default: this folder)"
    )
    parser.add_argument("--data", type=Path, nargs="+", help="files and folders with training data (default: data)")
    parser.add_argument("--domain", type=Path, help="the domain's file or folder (default: domain.yml, or domain)")
    add_comparison_arguments(parser)


def add_comparison_arguments(
    parser: Any, *, minutes_help: str = "limit for the whole comparison (default: 10)"
) -> None:
    """Add what says how to compare; to a parser or a group of one."""
    parser.add_argument("--minutes", type=_positive, default=10.0, help=minutes_help)
    parser.add_argument(
        "--split",
        type=_share,
        default=0.2,
        metavar="SHARE",
        help="share of the examples held back in each round (default: 0.2)",
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the split (default: 0)")
    parser.add_argument(
        "--out-of-scope", type=Path, metavar="FILE", help="a file with out-of-scope messages, one per line"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with plots and all changed messages")


def run(given: argparse.Namespace) -> int:
    """Do what the parsed arguments say; returns the exit status 0.

    Raises:
        ConfigurationError: no Rasa project, too little data, or a pipeline that does not train.
    """
    project = Project.at(given.project, config=given.old, data=given.data, domain=given.domain)
    Project.at(given.project, config=given.new)  # says if there is no such file
    result = hold(project, read_text(given.old), read_text(given.new), given, old=given.old.name, new=given.new.name)
    if given.json:
        print(json.dumps(result, ensure_ascii=False))
    return 0


def hold(project: Project, before: str, after: str, given: argparse.Namespace, *, old: str, new: str) -> dict[str, Any]:
    """Compare two texts of a config file, print the report, write the page, and return the JSON object."""
    from convai_rasa.launch import stop_on_terminate
    from convai_rasa.project import read_project
    from convai_rasa.project.compare import Candidate, Plan, as_text, compare

    data = read_project(project)
    if old == new:
        old, new = f"old {old}", f"new {new}"
    if given.html:
        _check_writable(given.html)
    plan = Plan(
        before=Candidate(old, before, project.folder),
        after=Candidate(new, after, project.folder),
        nlu=data.nlu,
        listed=data.domain.entities,
        out_of_scope=_messages(given.out_of_scope),
        share=given.split,
        seed=given.seed,
        minutes=given.minutes,
    )
    with stop_on_terminate():
        comparison = compare(plan)
    print(as_text(comparison, old=old, new=new))
    if given.html:
        from convai_rasa.project.compare import as_html

        given.html.write_text(as_html(comparison, old=old, new=new), encoding="utf-8")
        print(f"Wrote the page to {given.html}.")
    return comparison.as_json()


def _messages(path: Optional[Path]) -> list[str]:
    if path is None:
        return []
    return [line.strip() for line in read_text(path).splitlines() if line.strip()]


def _check_writable(path: Path) -> None:
    folder = path.absolute().parent
    if path.is_dir() or not folder.is_dir() or not os.access(path if path.exists() else folder, os.W_OK):
        raise ConfigurationError(f"--html: {path} cannot be written; name a file in a folder that you may write to.")


def _positive(text: str) -> float:
    number = float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError("must be more than 0")
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0 < number <= 0.5:
        raise argparse.ArgumentTypeError("must be more than 0 and at most 0.5")
    return number
