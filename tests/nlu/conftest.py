"""Tiny genuine models, built in a second, for tests that need no download."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

import pytest
import yaml
from tiny import TinyModels
from tiny_nlu import FAREWELLS, GREETINGS, ORDERS

if TYPE_CHECKING:
    from rasa.engine.storage.local_model_storage import LocalModelStorage


@pytest.fixture(scope="session")
def examples() -> tuple[list[str], list[str]]:
    """Sixteen-odd messages of three intents."""
    groups = {"greet": GREETINGS, "order": ORDERS, "leave": FAREWELLS}
    pairs = [(text, intent) for intent, texts in groups.items() for text in texts]
    return [text for text, _ in pairs], [intent for _, intent in pairs]


@pytest.fixture(scope="session")
def tiny_checkpoint(tiny_models: TinyModels) -> Path:
    """A random DistilBERT with 2 layers and 32 dimensions, written by transformers itself."""
    return tiny_models("distilbert")


@pytest.fixture(scope="session")
def tiny_pipeline(tiny_models: TinyModels) -> Path:
    """A blank English spaCy pipeline whose small ner learned two labels, with a pipe nobody needs."""
    return tiny_models("spacy")


@pytest.fixture
def train_pipeline(tmp_path: Path) -> Callable[..., str]:
    """Trains the components of a pipeline on examples, and gives the archive."""

    def train(nlu: str, *steps: dict[str, Any]) -> str:
        from rasa.model_training import train_nlu

        config = {"recipe": "default.v1", "assistant_id": "test", "language": "en", "pipeline": list(steps)}
        (tmp_path / "config.yml").write_text(yaml.safe_dump(config))
        (tmp_path / "nlu.yml").write_text(nlu)
        archive = train_nlu(str(tmp_path / "config.yml"), str(tmp_path / "nlu.yml"), str(tmp_path))
        assert archive
        return archive

    return train


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    """Where Rasa's components leave what they learned; empty."""
    from rasa.engine.storage.local_model_storage import LocalModelStorage

    folder = tmp_path / "storage"
    folder.mkdir()
    return LocalModelStorage(folder)
