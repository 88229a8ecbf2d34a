"""The patterns in the bot's yml files: each compiles, each is used, and what is asked for is there."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path

import pytest
import yaml

BOT = Path(__file__).resolve().parents[2] / "bot"
sys.path.insert(0, str(BOT))

from phrases import Phrases  # noqa: E402 - found only now

MODULES = sorted(
    path for path in BOT.rglob("*.py") if re.search(r"^\w+ = Phrases\(", path.read_text("utf-8"), re.MULTILINE)
)


def phrases_of(path: Path) -> tuple[str, Phrases]:
    module = import_module(".".join(path.relative_to(BOT).with_suffix("").parts))
    return next(
        (name, value)
        for name, value in vars(module).items()
        if isinstance(value, Phrases) and value.path == path.with_suffix(".yml")
    )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_pattern_compiles_and_is_used(path: Path) -> None:
    name, said = phrases_of(path)
    readers = [path] if name == "SAID" else BOT.rglob("*.py")
    own = "\n".join(reader.read_text("utf-8") for reader in readers)
    tables = yaml.safe_load(path.with_suffix(".yml").read_text("utf-8"))
    inside = str(tables)
    for pattern in said.names:
        assert isinstance(getattr(said, pattern), re.Pattern)
        assert re.search(rf"\b{name}\.{pattern}\b", own) or f"{{{pattern}}}" in inside, f"{pattern} is used nowhere"
    for part in tables.get("parts", ()):
        assert f"{{{part}}}" in inside or f'.part("{part}")' in own, f"{part} is used nowhere"
    for wanted in re.findall(rf"\b{name}\.(\w+)\b(?!\()", own):
        assert wanted in said.names, f"{path.name} asks for {wanted}"


def test_capitals_and_parts(tmp_path: Path) -> None:
    (tmp_path / "words.yml").write_text(
        "phrases: {late: 'late (?:at|by) {hour}', day: '{days}'}\nlower_case: {kind: [tea, '{hot} milk']}\n"
        "parts: {hour: '(?:one|two)', hot: 'warm'}\neach: {seen: ['{hour}', x]}\n"
        "rewrites: {short: [['{hour}ish', 'about \\1']]}\n"
    )
    said = Phrases(str(tmp_path / "words.py"), days="monday|tuesday")
    assert said.late.search("LATE by two")
    assert said.day.search("Tuesday")
    assert said.kind.search("warm milk")
    assert not said.kind.search("Tea")
    assert [pattern.pattern for pattern in said.each("seen")] == ["(?:one|two)", "x"]
    assert [(pattern.pattern, word) for pattern, word in said.rewrites("short")] == [("(?:one|two)ish", "about \\1")]
    assert said.names == ["late", "day", "kind"]


def test_a_pattern_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "words.yml").write_text("phrases: {late: 'late', later: '{much} later'}\n")
    said = Phrases(str(tmp_path / "words.py"))
    with pytest.raises(AttributeError, match="has no pattern 'early'"):
        said.early  # noqa: B018 - asked for on purpose
    with pytest.raises(AttributeError, match="has no pattern 'much'"):
        said.later  # noqa: B018 - as above
