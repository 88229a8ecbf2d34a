"""Every command line in the documentation is one that its program understands."""

from __future__ import annotations

import argparse
import functools
import re
import shlex
import subprocess
import sys
from importlib.metadata import metadata
from pathlib import Path
from typing import Callable

import pytest
import yaml
from packaging.requirements import Requirement
from snippets import ROOT, commands

from convai_rasa import cli
from convai_rasa.cli import parse
from convai_rasa.store.conversions import CONVERSIONS

command_line = functools.cache(cli.command_line)


@pytest.fixture(autouse=True)
def one_parser_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """To make it takes longer than a hundred times to use it."""
    monkeypatch.setattr(cli, "command_line", command_line)


def convai(words: list[str]) -> None:
    parse(words)


@functools.cache
def command_line_of_rasa() -> argparse.ArgumentParser:
    from rasa.__main__ import create_argument_parser

    return create_argument_parser()


def rasa(words: list[str]) -> None:
    command_line_of_rasa().parse_args(words)


def make(words: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for word in words:
        variable, given, _ = word.partition("=")
        pattern = rf"^{variable} \?=" if given else rf"^{word}:"
        assert re.search(pattern, makefile, re.MULTILINE), f"the Makefile knows no {word}"


def python(words: list[str]) -> None:
    if words[0] == "-m":
        return MODULES[words[1]](words[2:])
    script = ROOT / words[0]
    text = script.read_text(encoding="utf-8")
    for option in (word.strip("[]") for word in words[1:] if word.lstrip("[").startswith("-")):
        assert f'"{option}"' in text, f"{script.name} has no option {option}"
    return None


def program(*start: str) -> Callable[[list[str]], None]:
    """Check the options of somebody else's program against its own help."""

    def understands(words: list[str]) -> None:
        command = [str(Path(sys.executable).with_name(start[0])), *start[1:], "--help"]
        known = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        for option in (word for word in words if word.startswith("-")):
            assert option in known, f"{' '.join(start)} has no option {option}"

    return understands


def spacy(words: list[str]) -> None:
    # What begins with a section of the configuration overrides it: every one that spacy init writes has these.
    given = [word for word in words[1:] if not word.startswith("--paths.")]
    program("python", "-m", "spacy", words[0])(given)


def conversion(words: list[str]) -> None:
    assert words[0] in CONVERSIONS
    assert len(words) == 3


MODULES: dict[str, Callable[[list[str]], None]] = {
    "convai_rasa.quiet": lambda words: rasa(words[1:]),
    "convai_rasa.store.conversions": conversion,
    "spacy": spacy,
    "venv": lambda words: None,
}


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
    speech, _, route = address.rpartition("/v1/")
    if speech:
        assert f'"/v1/{route}"' in (ROOT / "convai_rasa" / "speech" / "app.py").read_text()
        return
    route = address.rpartition("/webhooks/voice/")[2]
    assert f'"/{route}"' in (ROOT / "convai_rasa" / "voice" / "http" / "server.py").read_text()


def docker(words: list[str]) -> None:
    if words[0] == "compose":
        return docker_compose(words[1:])
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for name in (words[at + 1].partition("=")[0] for at, word in enumerate(words) if word == "--build-arg"):
        assert re.search(rf"^ARG {name}\b", dockerfile, re.MULTILINE), f"the Dockerfile has no argument {name}"
    if words[0] == "build":
        assert words[-1] == "."
        return None
    assert words[0] == "run"
    return in_image(words[words.index("convai-rasa:cpu") + 1 :])


def docker_compose(words: list[str]) -> None:
    files = [ROOT / words[at + 1] for at, word in enumerate(words) if word == "-f"] or [ROOT / "docker-compose.yml"]
    services = {name for path in files for name in yaml.safe_load(path.read_text(encoding="utf-8"))["services"]}
    command, *rest = words[2 * words.count("-f") :]
    assert command in {"up", "run", "exec", "restart", "down"}
    named = [word for word in rest if not word.startswith("-")]
    if named:
        assert named[0] in services
    if command == "run":
        in_image(named[1:2] + rest[rest.index(named[1]) + 1 :])


def in_image(words: list[str]) -> None:
    modules = {"convai_rasa.cli": convai, "rasa": rasa}
    if words:
        modules[words[0]](words[1:])


def ray_serve(words: list[str]) -> None:
    assert words == ["run", "convai_rasa.speech.ray:app"]
    assert "def app(" in (ROOT / "convai_rasa" / "speech" / "ray.py").read_text()


PROGRAMS: dict[str, Callable[[list[str]], None]] = {
    "convai": convai,
    "rasa": rasa,
    "make": make,
    "python": python,
    "python3.10": python,
    "source": lambda words: None,
    "pip": pip,
    "ct2-transformers-converter": program("ct2-transformers-converter"),
    "curl": curl,
    "serve": ray_serve,
    "cd": lambda words: None,
    "cp": lambda words: None,
    "docker": docker,
}


def asks_a_program(words: list[str]) -> bool:
    return "ct2-transformers-converter" in words or words[:3] == ["python", "-m", "spacy"]


def understand(place: str, words: list[str]) -> None:
    while re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    words = words[: words.index(">")] if ">" in words else words
    try:
        PROGRAMS[words[0]]([word for word in words[1:] if word != "…"])
    except SystemExit as error:
        assert not error.code, f"{place}: {' '.join(words)}"


PAGES = sorted({place.partition(":")[0] for place, _ in commands()})


@pytest.mark.parametrize("page", PAGES)
def test_every_command_on_a_page_is_understood(page: str) -> None:
    for place, words in commands():
        if place.partition(":")[0] == page and not asks_a_program(words):
            understand(place, words)


@pytest.mark.processes
def test_every_command_for_another_package_is_understood() -> None:
    for place, words in commands():
        if asks_a_program(words):
            understand(place, words)


def subcommands() -> dict[str, argparse.ArgumentParser]:
    (action,) = [action for action in command_line()._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(action.choices)


@pytest.mark.parametrize("name", ["", *subcommands()])
def test_the_examples_in_the_help_are_understood(name: str) -> None:
    parser = subcommands()[name] if name else command_line()
    epilog = parser.format_help().partition("examples:\n")[2]
    examples = [shlex.split(re.split(r"\s{3,}", line.strip())[0]) for line in epilog.splitlines() if line.strip()]
    assert examples
    for words in examples:
        called = ["convai", *name.split()]
        assert words[: len(called)] == called
        if "COMMAND" not in words:
            convai(words[1:])


def test_there_are_commands_of_every_program() -> None:
    assert {words[0] for _, words in commands()} >= {"convai", "rasa", "make", "pip", "python", "curl"}
