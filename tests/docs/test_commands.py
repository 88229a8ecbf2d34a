"""Every command line in the documentation is one that its program understands."""

from __future__ import annotations

import argparse
import re
from importlib.metadata import metadata
from typing import Callable

import pytest
from packaging.requirements import Requirement
from snippets import ROOT, commands

from convai_rasa.cli import command_line


def convai(words: list[str]) -> None:
    command_line().parse_args(words)


def rasa(words: list[str]) -> None:
    from rasa.__main__ import create_argument_parser

    create_argument_parser().parse_args(words)


def make(words: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for word in words:
        variable, given, _ = word.partition("=")
        pattern = rf"^{variable} \?=" if given else rf"^{word}:"
        assert re.search(pattern, makefile, re.MULTILINE), f"the Makefile knows no {word}"


def python(words: list[str]) -> None:
    if words[0] == "-m":
        assert words[1] == "convai_rasa.quiet"
        return rasa(words[3:])
    script = ROOT / words[0]
    text = script.read_text(encoding="utf-8")
    for option in (word.strip("[]") for word in words[1:] if word.lstrip("[").startswith("-")):
        assert f'"{option}"' in text, f"{script.name} has no option {option}"
    return None


def pip(words: list[str]) -> None:
    assert words[0] == "install"
    if words[1] == "-r":
        assert (ROOT / words[2]).is_file()
        return
    for requirement in map(Requirement, words[1:]):
        if requirement.name == "convai-rasa":
            assert requirement.extras <= set(metadata("convai-rasa").get_all("Provides-Extra"))


def curl(words: list[str]) -> None:
    (address,) = [word for word in words if word.startswith("http")]
    route = address.rpartition("/webhooks/voice/")[2]
    assert f'"/{route}"' in (ROOT / "convai_rasa" / "voice" / "server.py").read_text()


PROGRAMS: dict[str, Callable[[list[str]], None]] = {
    "convai": convai,
    "rasa": rasa,
    "make": make,
    "python": python,
    "pip": pip,
    "curl": curl,
    "cd": lambda words: None,
}


@pytest.mark.parametrize(
    ("place", "words"), commands(), ids=lambda value: value if isinstance(value, str) else value[0]
)
def test_the_program_understands_it(place: str, words: list[str]) -> None:
    while re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    words = words[: words.index(">")] if ">" in words else words
    try:
        PROGRAMS[words[0]]([word for word in words[1:] if word != "…"])
    except SystemExit as error:
        assert not error.code, f"{place}: {' '.join(words)}"


def subcommands() -> dict[str, argparse.ArgumentParser]:
    (action,) = [action for action in command_line()._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(action.choices)


@pytest.mark.parametrize("name", ["add", "doctor", "models"])
def test_the_examples_in_the_help_are_understood(name: str) -> None:
    epilog = subcommands()[name].format_help().partition("examples:\n")[2]
    examples = [re.split(r"\s{3,}", line.strip())[0].split() for line in epilog.splitlines() if line.strip()]
    assert examples
    for words in examples:
        assert words[:2] == ["convai", name]
        convai(words[1:])


def test_there_are_commands_of_every_program() -> None:
    assert {words[0] for _, words in commands()} >= {"convai", "rasa", "make", "pip", "python", "curl"}
