"""Examine a Rasa project and report what is missing, broken or unwise, with the remedy for each.

Checks Python and the installed packages, the processor, the disk, the ports, the voice channel, the models and the
trained archive, and creates every component of the pipeline and the policies as 'rasa train' does, without training.
Changes nothing. Exits with 1 if anything keeps the bot from working.
"""

from __future__ import annotations

import argparse
import os
import sys

from convai_rasa.commands.add import add_project_arguments, project_of
from convai_rasa.project import as_json, as_text, has_errors
from convai_rasa.store import clock

EXAMPLES = """examples:
  %(prog)s                         in the project's folder
  %(prog)s --full                  read every byte of the models, too
  %(prog)s --json                  for programs
  %(prog)s --config conf/config.yml --credentials conf/credentials.yml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command to a parser."""
    add_project_arguments(parser)
    parser.add_argument("--full", action="store_true", help="compare every byte of the models with what was published")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(given: argparse.Namespace) -> int:
    """Do what the parsed arguments say; returns the exit status: 0, or 1 if there is an error among the findings.

    Raises:
        ConfigurationError: the folder is not a Rasa project.
    """
    project = project_of(given)
    with clock("Examining the project"):
        from convai_rasa.project import examine  # numpy and more, which no other command needs

        findings = examine(project, full=given.full)
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    print(as_json(findings) if given.json else as_text(findings, coloured=coloured))
    return 1 if has_errors(findings) else 0
