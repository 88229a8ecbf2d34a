"""Rasa projects to work on: the one `rasa init` makes, and a larger one with everything a real bot collects."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from duckling_server import duckling_server

from convai_rasa.store import resolve

FIXTURES = Path(__file__).parent / "fixtures"


@functools.cache
def _validated_once() -> Callable[..., Any]:
    from rasa.shared.utils import validation

    return functools.cache(validation.validate_yaml_schema)  # what it raises is not kept


@pytest.fixture(autouse=True)
def every_file_is_right_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Rasa hold what it has found right no second time against its schema: that is half of reading a project."""
    once = _validated_once()
    monkeypatch.setattr("rasa.shared.utils.validation.validate_yaml_schema", once)


@pytest.fixture
def moodbot(tmp_path: Path) -> Path:
    """What `rasa init` leaves, before training."""
    from rasa.cli.scaffold import create_initial_project

    folder = tmp_path / "moodbot"
    folder.mkdir()
    create_initial_project(str(folder))
    return folder


@pytest.fixture
def insurance(tmp_path: Path) -> Path:
    """Custom actions, a form, DIET, CRF, lookups, Duckling, retrieval intents, and comments everywhere."""
    return Path(shutil.copytree(FIXTURES / "insurance", tmp_path / "insurance"))


@pytest.fixture(params=["moodbot", "insurance"])
def either(request: pytest.FixtureRequest) -> Path:
    """One of them after the other."""
    folder: Path = request.getfixturevalue(request.param)
    return folder


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The embedded models, wherever the project is."""
    tree = resolve("nlu/minilm").parents[1]
    monkeypatch.setenv("CONVAI_MODELS_DIR", str(tree))
    return tree


@pytest.fixture(scope="session")
def duckling_url() -> Iterator[str]:
    """Where something answers as Duckling does."""
    with duckling_server() as url:
        yield url
