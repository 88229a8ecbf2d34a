"""Engines that packages bring by entry points."""

from __future__ import annotations

from pathlib import Path

import pytest

from convai_rasa.engines import find_engine
from convai_rasa.errors import ConfigurationError


@pytest.fixture
def two_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install two packages that bring a recognizer of the same name."""
    for name in ("one", "two"):
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[convai_rasa.recognizers]\nears = {name}:Ears\n")
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("two_packages")
def test_two_engines_of_one_name_are_refused_and_both_named() -> None:
    with pytest.raises(ConfigurationError, match=r"Two packages bring an engine .ears. .*one:Ears, two:Ears.*uninst"):
        find_engine("convai_rasa.recognizers", "ears", {})
