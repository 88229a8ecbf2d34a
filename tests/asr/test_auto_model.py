"""Which model `asr.model: auto` means, for models that take as long as a test says."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List

import pytest

from convai_rasa.asr import auto_model, choose_model
from convai_rasa.errors import ModelNotFound

MEGABYTES = {"whisper/tiny": 75, "whisper/tiny.en": 75, "whisper/base": 145, "whisper/small": 484}


class Machine:
    """Has some models, of which each megabyte takes so many seconds."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.installed: List[str] = list(MEGABYTES)
        self.seconds_per_mb = 0.001
        self.slower: Dict[str, float] = {}
        self.timed: List[str] = []
        for name, megabytes in MEGABYTES.items():
            model = folder / name / "model.bin"
            model.parent.mkdir(parents=True)
            with model.open("wb") as file:
                file.truncate(megabytes * 1_000_000)
        found = {name: folder / name for name in MEGABYTES}
        monkeypatch.setattr(auto_model, "find_installed", lambda name: found[name] if name in self.installed else None)
        monkeypatch.setattr(auto_model, "_timed", self._time)

    def _time(self, name: str) -> float:
        self.timed.append(name)
        return MEGABYTES[name] * self.seconds_per_mb * self.slower.get(name, 1.0)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("seconds_per_mb", "model"),
    [(0.0001, "whisper/small"), (0.001, "whisper/base"), (0.004, "whisper/tiny"), (0.1, "whisper/tiny")],
)
def test_the_largest_that_answers_in_time_is_chosen_and_no_hopeless_one_is_loaded(
    machine: Machine, seconds_per_mb: float, model: str
) -> None:
    machine.seconds_per_mb = seconds_per_mb
    chosen = choose_model()
    assert chosen.model == model
    assert set(machine.timed) == {"whisper/tiny", model}
    assert model in chosen.why
    assert f"{1000 * chosen.seconds:.0f} ms" in chosen.why
    assert ("too slow" in chosen.why) == (seconds_per_mb == 0.1)


def test_one_that_is_slower_than_its_size_promised_is_not_chosen(machine: Machine) -> None:
    machine.slower = {"whisper/base": 5.0}
    assert choose_model().model == "whisper/tiny"
    assert machine.timed == ["whisper/tiny", "whisper/base"]


@pytest.mark.parametrize(
    ("installed", "language", "model"),
    [
        (["whisper/tiny", "whisper/tiny.en"], "en", "whisper/tiny.en"),
        (["whisper/tiny", "whisper/tiny.en"], "auto", "whisper/tiny"),
        (["whisper/tiny", "whisper/tiny.en"], "de", "whisper/tiny"),
        (["whisper/tiny.en", "whisper/base"], "en", "whisper/base"),
        (["whisper/tiny.en"], "auto", "whisper/tiny.en"),
    ],
)
def test_english_comes_first_for_the_english_alone(
    machine: Machine, installed: List[str], language: str, model: str
) -> None:
    machine.installed = installed
    assert choose_model(language).model == model


@pytest.mark.parametrize(
    ("installed", "language", "says"),
    [([], "auto", "is installed; fetch one with"), (["whisper/tiny.en"], "de", "that knows the language 'de'; fetch")],
)
def test_where_none_is_installed_it_says_what_to_fetch(
    machine: Machine, installed: List[str], language: str, says: str
) -> None:
    machine.installed = installed
    with pytest.raises(ModelNotFound, match=says):
        choose_model(language)


@pytest.mark.models
def test_the_installed_models_are_really_timed() -> None:
    chosen = choose_model("en")
    assert chosen.model in ("whisper/tiny.en", "whisper/base")
    assert chosen.seconds > 0
