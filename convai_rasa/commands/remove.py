"""Remove this package from a Rasa project.

Undoes what 'convai add' did to config.yml and credentials.yml: its lines are removed, and those it commented out are
restored. What you have changed since then stays. Shows the change first and applies it if you agree.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from convai_rasa.commands.add import add_project_arguments, project_of
from convai_rasa.commands.proposal import add_answer_arguments, make, next_steps, show
from convai_rasa.project import Change, Project, read_text
from convai_rasa.project.change import YamlText, undo

EXAMPLES = """examples:
  %(prog)s                         in the project's folder: show the change and ask
  %(prog)s --dry-run               show the change only
  %(prog)s --yes                   apply it without asking
  %(prog)s --only voice            remove only the voice; the pipeline stays as it is
"""
_PACKAGE = ("convai_rasa", "convai-rasa")
_SEARCHED = ("*.yml", "*.yaml", "*.py", "requirements*.txt", "actions/**/*.py")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command to a parser."""
    add_project_arguments(parser)
    parser.add_argument("--only", choices=["nlu", "voice"], help="change only config.yml, or only credentials.yml")
    add_answer_arguments(parser)


def run(given: argparse.Namespace) -> int:
    """Do what the parsed arguments say; returns the exit status: 0, or 1 if the change was not agreed to.

    Raises:
        ConfigurationError: no Rasa project, or a file that cannot be read, edited or written.
    """
    project = project_of(given)
    files = {"nlu": project.config, "voice": project.credentials}
    changes, notes = plan([path for half, path in files.items() if given.only in (None, half)])
    notes += _still_named(project, changes) if given.only is None else []
    if not changes:
        print("\n".join([*notes, "Nothing to change: this project does not use this package."]))
        return 0
    show(changes, notes)
    if given.dry_run:
        return 0
    if not make(changes, given):
        return 1
    changed = [change.path for change in changes]
    train = [("rasa train", "train with the old pipeline again")] if project.config in changed else []
    print("\n" + next_steps([*train, ("pip uninstall convai-rasa", "if no other project uses it")]))
    return 0


def plan(files: list[Path]) -> tuple[list[Change], list[str]]:
    """Return the changes that undo ours in files that are there, and notes for the user.

    Raises:
        ConfigurationError: a file cannot be read, or was changed so that ours cannot be undone.
    """
    changes, notes = [], []
    for path in files:
        if path.exists():
            text = read_text(path)
            undone = undo(YamlText(str(path), text))
            notes += undone.notes
            changes.append(Change(path, text, undone.text))
    return [change for change in changes if change.before != change.after], notes


def _still_named(project: Project, changes: list[Change]) -> list[str]:
    """Say which other files of the project name this package."""
    changed = {change.path for change in changes} | {project.config, project.credentials}
    found = {path for pattern in _SEARCHED for path in project.folder.glob(pattern) if path.is_file()}
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in sorted(found - changed)}
    naming = [path for path, text in texts.items() if any(name in text for name in _PACKAGE)]
    return [f"{path} still names this package; convai add did not write that." for path in naming]
