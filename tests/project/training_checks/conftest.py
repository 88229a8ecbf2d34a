"""Projects in order, each of another shape, for tests to break."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Callable

import pytest
from tiny import TinyModels

HERE = Path(__file__).parent
sys.path.append(str(HERE))  # pytest's importlib mode adds no folder to the path

from broken_projects import change, step  # noqa: E402 - found only now


@pytest.fixture
def project(
    request: pytest.FixtureRequest, tmp_path: Path, duckling_url: str, tiny_models: TinyModels
) -> Callable[[str], Path]:
    """Return a copy of one of the projects by its name."""

    def copied(name: str) -> Path:
        if name == "moodbot":
            folder: Path = request.getfixturevalue("moodbot")
            return folder
        folder = tmp_path / name
        shutil.copytree({"insurance": HERE.parent / "fixtures" / "insurance"}.get(name, HERE / name), folder)
        if name == "concierge":
            (folder / "spacy_model").symlink_to(tiny_models("spacy"))
        if name == "insurance":
            change(
                folder / "config.yml",
                lambda config: step(config, "Duckling").update(url=duckling_url, dimensions=["time"]),
            )
        return folder

    return copied
