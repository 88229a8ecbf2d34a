"""Add the components and the voice channel to a Rasa project.

Shows the change to config.yml and credentials.yml and applies it when you agree. Comments, order and everything else in
the files stay as they are. Run it again and it says that there is nothing to change.
"""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from pathlib import Path
from typing import TextIO

from convai_rasa.errors import ConfigurationError
from convai_rasa.project import pipeline
from convai_rasa.project.channel import add_channel
from convai_rasa.project.files import Change, Project, data_traits, read_text, write_all
from convai_rasa.project.yaml_text import YamlText

_EXAMPLES = """examples:
  %(prog)s                         in the project's folder: show the change and ask
  %(prog)s --dry-run               show the change only
  %(prog)s --yes                   apply it without asking
  %(prog)s --only voice            a voice, the pipeline stays as it is
  %(prog)s --only nlu --no-sentiment
  %(prog)s --config conf/config.yml --data data/nlu data/core
"""
_RED, _GREEN, _CYAN, _PLAIN = "\033[31m", "\033[32m", "\033[36m", "\033[0m"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command to a parser."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    add_project_arguments(parser)
    parser.add_argument("--only", choices=["nlu", "voice"], help="change config.yml alone, or credentials.yml alone")
    for name, what in (("intents", "intent classifier"), ("entities", "entity extractor"), ("sentiment", "sentiment")):
        parser.add_argument(f"--no-{name}", action="store_true", help=f"leave the {what} out")
    answer = parser.add_mutually_exclusive_group()
    answer.add_argument("--yes", "-y", action="store_true", help="apply the change without asking")
    answer.add_argument("--dry-run", action="store_true", help="show the change and stop")


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


def run(given: argparse.Namespace) -> int:
    """Do what the parsed arguments say; returns the exit status: 0, or 1 if the change was not agreed to.

    Raises:
        ConfigurationError: no Rasa project, or a file that cannot be read, edited or written.
    """
    project = Project.at(given.project, config=given.config, credentials=given.credentials, data=given.data)
    changes, notes = plan(project, nlu=given.only != "voice", voice=given.only != "nlu", components=_wanted(given))
    if not changes:
        print("\n".join([*notes, "Nothing to change: everything is there already."]))
        return 0
    _show(changes, sys.stdout)
    for note in notes:
        print(f"Note: {note}")
    if given.dry_run:
        return 0
    if not given.yes and not _agreed(changes):
        return 1
    write_all(changes)
    print(f"Changed {_names(changes)}.\n\n{_next_steps(project, changes)}")
    return 0


def plan(project: Project, *, nlu: bool, voice: bool, components: tuple[str, ...]) -> tuple[list[Change], list[str]]:
    """Decide what to change.

    Args:
        project: where the files are.
        nlu: whether to add components to the pipeline.
        voice: whether to add the channel.
        components: some of ``pipeline.COMPONENTS``.

    Returns:
        The changes, empty if everything is there, and notes for the user.

    Raises:
        ConfigurationError: a file cannot be read or edited.
    """
    changes, notes = [], []
    config = YamlText(str(project.config), read_text(project.config))
    if not config.data.keys() & {"recipe", "language", "pipeline", "policies", "assistant_id"} and config.text.strip():
        raise ConfigurationError(f"{project.config} is no Rasa config: it has neither a pipeline nor policies.")
    if nlu:
        planned = pipeline.add_components(config, components, data_traits(project))
        notes += planned.notes
        changes.append(Change(project.config, config.text, planned.text))
    if voice:
        before = read_text(project.credentials) if project.credentials.exists() else None
        after = add_channel(YamlText(str(project.credentials), before or ""))
        changes.append(Change(project.credentials, before, after))
    return [change for change in changes if change.before != change.after], notes


def _wanted(given: argparse.Namespace) -> tuple[str, ...]:
    left_out = {
        pipeline.INTENTS: given.no_intents,
        pipeline.ENTITIES: given.no_entities,
        pipeline.SENTIMENT: given.no_sentiment,
    }
    wanted = tuple(component for component in pipeline.COMPONENTS if not left_out[component])
    if not wanted and given.only != "voice":
        raise ConfigurationError("No component is left to add; for the voice alone give --only voice.")
    return wanted


def _show(changes: list[Change], out: TextIO) -> None:
    coloured = out.isatty() and "NO_COLOR" not in os.environ
    for change in changes:
        name = _relative(change.path)
        before = (change.before or "").splitlines()
        source = "/dev/null" if change.before is None else name
        for line in difflib.unified_diff(before, change.after.splitlines(), source, name, lineterm=""):
            print(_colour(line) if coloured else line, file=out)
        print(file=out)


def _colour(line: str) -> str:
    for mark, colour in (("@@", _CYAN), ("+", _GREEN), ("-", _RED)):
        if line.startswith(mark):
            return f"{colour}{line}{_PLAIN}"
    return line


def _agreed(changes: list[Change]) -> bool:
    if not sys.stdin.isatty():
        print("Nothing was changed: there is no terminal to ask on; apply the change with --yes.", file=sys.stderr)
        return False
    try:
        agreed = input(f"Apply this to {_names(changes)}? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        agreed = False
    if not agreed:
        print("Nothing was changed.")
    return agreed


def _next_steps(project: Project, changes: list[Change]) -> str:
    steps = [("convai models --set embedded", "fetch the models, once")]
    if any(change.path == project.config for change in changes):
        steps.append(("rasa train", "the pipeline is new"))
    steps.append(("convai doctor", "see whether anything is missing"))
    if any(change.path == project.credentials for change in changes):
        steps.append(("convai serve --bot .", "start the bot and the page to talk to it on"))
    return "Next:\n" + "\n".join(f"  {command:<30}{why}" for command, why in steps)


def _names(changes: list[Change]) -> str:
    return " and ".join(_relative(change.path) for change in changes)


def _relative(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
