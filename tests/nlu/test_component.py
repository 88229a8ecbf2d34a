"""What all components share, on one that only notes what it is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource

from convai_rasa.errors import ModelCorrupt
from convai_rasa.nlu.component import Component, NLUComponentError
from convai_rasa.options import Options

pytestmark = pytest.mark.rasa

RESOURCE = Resource("parrot")


class ParrotOptions(Options):
    words: int = 3


class Parrot(Component[ParrotOptions]):
    keys = ParrotOptions
    learned: Optional[str] = None

    def restore(self, trained: Optional[Path]) -> None:
        self.learned = (trained / "words").read_text(encoding="ascii") if trained else "nothing"
        if self.learned == "hiss":
            raise ModelCorrupt("A parrot does not hiss; train it again.")


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    return LocalModelStorage(tmp_path)


def load(storage: LocalModelStorage, config: Optional[dict[str, Any]] = None) -> Parrot:
    given = {**Parrot.get_default_config(), **(config or {})}
    return Parrot.load(given, storage, RESOURCE, ExecutionContext(GraphSchema({})))


def test_the_keys_and_their_defaults_are_those_of_the_options() -> None:
    assert Parrot.get_default_config() == {"words": 3}


def test_nothing_is_loaded_for_a_training(storage: LocalModelStorage) -> None:
    made = Parrot.create({"words": 5}, storage, RESOURCE, ExecutionContext(GraphSchema({})))
    assert (made.learned, made._options.words) == (None, 5)


def test_rasas_own_keys_are_no_mistake_and_others_are_one_sentence(storage: LocalModelStorage) -> None:
    load(storage, {"finetuning_epoch_fraction": 0.5})
    with pytest.raises(NLUComponentError, match=r"config.yml, Parrot: unknown key 'word' .did you mean 'words'"):
        load(storage, {"word": 1})


def test_what_was_stored_comes_back(storage: LocalModelStorage) -> None:
    assert load(storage).learned == "nothing"
    with storage.write_to(RESOURCE) as folder:
        assert load(storage).learned == "nothing"
        (folder / "words").write_text("hello", encoding="ascii")
    assert load(storage).learned == "hello"


def test_an_archive_that_cannot_be_read_is_never_taken_for_none(storage: LocalModelStorage) -> None:
    with storage.write_to(RESOURCE) as folder:
        (folder / "words").write_text("hiss", encoding="ascii")
    with pytest.raises(NLUComponentError, match="A parrot does not hiss"):
        load(storage)
    with storage.write_to(RESOURCE) as folder:
        (folder / "words").write_bytes(b"\xff")
    with pytest.raises(UnicodeDecodeError):  # a ValueError, as Rasa raises for a component that stored nothing
        load(storage)
