from __future__ import annotations

import subprocess
import sys

import pytest

from convai_rasa import cli
from convai_rasa.commands.models.command import VERBS

COMMANDS = ("add", "compare", "demo", "doctor", "models", "remove", "serve", "talk", "warm")


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run a command that ends in argparse, and return what it printed."""
    with pytest.raises(SystemExit):
        cli.main(list(words))
    printed = capsys.readouterr()
    return printed.out + printed.err


@pytest.mark.parametrize("words", [*((name,) for name in COMMANDS), *(("models", verb) for verb in VERBS)])
def test_help_has_examples_of_the_command_itself(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    examples = said(capsys, *words, "--help").partition("\nexamples:\n")[2]
    assert f"  convai {' '.join(words)}" in examples


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    name, version = said(capsys, "--version").split()
    assert name == "convai-rasa"
    assert version[0].isdecimal()


@pytest.mark.parametrize("port", ["99999", "-1", "http", "8080.5", ""])
def test_what_is_no_port_is_refused_in_a_sentence(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"a port is a number from 0 to 65535, not '{port}'" in said(capsys, "serve", f"--port={port}")


def test_output_that_nobody_reads_to_the_end_is_a_sentence() -> None:
    program = "import sys; from convai_rasa.cli import main; sys.exit(main(['models', '--list']))"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == "convai: The output was closed before all of it was written.\n"
    assert process.returncode == 1
