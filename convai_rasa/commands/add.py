"""Add the components and the voice channel to a Rasa project.

Shows the change to config.yml and credentials.yml and applies it if you agree. Comments, order and everything else in
the files stay as they are. A second run finds nothing to change.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from convai_rasa.commands.compare import add_comparison_arguments, hold
from convai_rasa.commands.proposal import add_answer_arguments, make, next_steps, show
from convai_rasa.errors import ConfigurationError
from convai_rasa.project import Project
from convai_rasa.project.change import Proposal, Wishes, pipeline, propose

EXAMPLES = """examples:
  %(prog)s                         in the project's folder: show the change and ask
  %(prog)s --dry-run               show the change only
  %(prog)s --yes                   apply it without asking
  %(prog)s --compare               train both ways first, and see what changes in figures
  %(prog)s --only voice            only a voice; the pipeline stays as it is
  %(prog)s --only nlu --no-sentiment
  %(prog)s --train-entities        ours learns the entities as well, without DIET
  %(prog)s --set multilingual      for a bot in a language other than English
  %(prog)s --config conf/config.yml --data data/nlu data/core
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command to a parser."""
    add_project_arguments(parser)
    parser.add_argument("--only", choices=["nlu", "voice"], help="change only config.yml, or only credentials.yml")
    for name, what in (("intents", "intent classifier"), ("entities", "entity extractor"), ("sentiment", "sentiment")):
        parser.add_argument(f"--no-{name}", action="store_true", help=f"leave the {what} out")
    parser.add_argument(
        "--keep-threshold",
        action="store_true",
        help="keep the fallback threshold, and skip the training that measures it",
    )
    parser.add_argument(
        "--set",
        choices=["embedded", "multilingual"],  # model_sets.SETS, which takes a second to import
        default="embedded",
        help="which models to use: the embedded ones, for English, or those for many languages",
    )
    entities = parser.add_mutually_exclusive_group()
    entities.add_argument(
        "--train-entities",
        action="store_true",
        help="let our extractor learn the annotated entities, and remove DIET",
    )
    entities.add_argument("--keep-diet", action="store_true", help="leave the annotated entities to DIET")
    add_answer_arguments(parser)
    comparing = parser.add_argument_group("measuring the change")
    comparing.add_argument("--compare", action="store_true", help="train the old and the new pipeline and compare them")
    add_comparison_arguments(
        comparing,
        minutes_help="limit for the comparison; measuring the fallback threshold gets half of it (default: 10)",
    )


def add_project_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what names the parts of a project."""
    parser.add_argument(
        "project", nargs="?", type=Path, default=Path(), help="the Rasa project's folder (default: this folder)"
    )
    parser.add_argument("--config", type=Path, help="the config file (default: PROJECT/config.yml)")
    parser.add_argument("--credentials", type=Path, help="the credentials file (default: PROJECT/credentials.yml)")
    parser.add_argument(
        "--data", type=Path, nargs="+", help="files and folders with training data (default: PROJECT/data)"
    )
    parser.add_argument(
        "--domain", type=Path, help="the domain's file or folder (default: PROJECT/domain.yml, or PROJECT/domain)"
    )


def project_of(given: argparse.Namespace) -> Project:
    """Return the project that parsed arguments name.

    Raises:
        ConfigurationError: the folder is not a Rasa project, or something that was named is not there.
    """
    return Project.at(
        given.project, config=given.config, credentials=given.credentials, data=given.data, domain=given.domain
    )


def run(given: argparse.Namespace) -> int:
    """Do what the parsed arguments say; returns the exit status: 0, or 1 if the change was not agreed to.

    Raises:
        ConfigurationError: no Rasa project, or a file that cannot be read, edited or written.
    """
    if (given.json or given.html) and not given.compare:
        raise ConfigurationError("--json and --html need --compare; add it to the command.")
    project = project_of(given)
    proposal = propose(
        project,
        Wishes(
            nlu=given.only != "voice",
            voice=given.only != "nlu",
            components=_wanted(given),
            model_set=given.set,
            train_entities=True if given.train_entities else False if given.keep_diet else None,
            keep_threshold=given.keep_threshold,
            threshold_minutes=given.minutes / 2,
        ),
    )
    if not proposal.changes:
        last = "Nothing to change." if proposal.notes else "Nothing to change: everything is there already."
        print("\n".join([*proposal.notes, last]))
        return 0
    show(proposal.changes, proposal.notes)
    for sentence in proposal.cost:
        print(sentence)
    compared = _compared(project, proposal, given) if given.compare else None
    only_shown = given.dry_run or (given.json and not given.yes)
    advised_against = given.yes and compared is not None and not compared["recommended"]
    if advised_against:
        print("Nothing was changed, because the change is not recommended; to apply it anyway, leave out --compare.")
    made = not only_shown and not advised_against and make(proposal.changes, given)
    if made:
        print(f"\n{_next_steps(project, proposal)}")
    if given.json:
        print(json.dumps(compared, ensure_ascii=False))  # the last line, for programs
    return 0 if made or only_shown else 1


def _compared(project: Project, proposal: Proposal, given: argparse.Namespace) -> dict[str, Any]:
    """Hold the pipeline as it is against what it would become; returns the JSON object."""
    for change in proposal.changes:
        if change.path == project.config:
            return hold(project, change.before or "", change.after or "", given, old="before", new="after")
    raise ConfigurationError("There is nothing to compare: the pipeline stays as it is.")


def _wanted(given: argparse.Namespace) -> tuple[str, ...]:
    left_out = dict(zip(pipeline.COMPONENTS, (given.no_intents, given.no_entities, given.no_sentiment), strict=True))
    wanted = tuple(component for component in pipeline.COMPONENTS if not left_out[component])
    if not wanted and given.only != "voice":
        raise ConfigurationError("There is no component left to add; to add only the voice, use --only voice.")
    return wanted


def _next_steps(project: Project, proposal: Proposal) -> str:
    changed = {change.path for change in proposal.changes}
    steps = [(command, "fetch what it needs, once") for command in proposal.fetch]
    if project.config in changed:
        steps.append(("rasa train", "the pipeline is new"))
    steps.append(("convai doctor", "see whether anything is missing"))
    if project.credentials in changed:
        steps.append(("convai serve --bot .", "start the bot and the page to talk to it on"))
    return f"{next_steps(steps)}\n\n'convai remove' puts everything back."
