"""A language is a file: what it may hold, and that nothing else is needed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from convai_rasa.errors import ConfigurationError
from convai_rasa.languages import language_file, languages_known, lexicon_of
from convai_rasa.tts import with_buttons
from convai_rasa.voice.ears.by_dialogue import silence_to_wait
from convai_rasa.voice.ears.ending import Pause
from convai_rasa.voice.ears.floor import is_back_channel
from convai_rasa.voice.options import TurnOptions

DUTCH = """
open: een de het en of maar voor met (ik|wij)_wil
closed_by: {de: jij}
closed_after: {op: bel\\w*}
fillers: eh even_kijken
digits: een twee drie
back_channels: ja precies klopt (dat_)?is_goed
you_can_say: U kunt zeggen
or_else: of
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of languages that has English alone."""
    shutil.copy(Path(language_file.__file__).parent / "en.yml", tmp_path)
    monkeypatch.setattr(language_file, "_HERE", tmp_path)
    forget()
    yield tmp_path
    forget()


def forget() -> None:
    languages_known.cache_clear()
    language_file._read.cache_clear()


@pytest.mark.parametrize("code", sorted(languages_known()))
def test_every_file_can_be_read(code: str) -> None:
    lexicon = lexicon_of(code)
    assert lexicon.you_can_say
    assert lexicon.or_else
    assert lexicon.turns is None or not lexicon.turns.leave_open("")


@pytest.mark.parametrize("code", ["de-AT", "de_AT", "DE", " de "])
def test_a_country_says_nothing(code: str) -> None:
    assert lexicon_of(code) is lexicon_of("de")


def test_without_a_language_it_is_english() -> None:
    assert lexicon_of(None) is lexicon_of("") is lexicon_of("en")


@pytest.mark.parametrize("code", ["xx", "../en", "*", "klingon"])
def test_a_language_without_a_file_is_all_but_empty(code: str) -> None:
    lexicon = lexicon_of(code)
    assert (lexicon.turns, lexicon.you_can_say, lexicon.sorry, lexicon.goodbye) == (None, "", "", "")
    assert lexicon.questions.match("what is it") is None
    assert is_back_channel("mhm, ok", code)


def test_a_new_language_is_a_new_file(folder: Path) -> None:
    turn = TurnOptions()
    waits = [silence_to_wait(Pause("ik wil een tafel voor", "nl"), turn)]
    (folder / "nl.yml").write_text(DUTCH, encoding="utf-8")
    forget()
    waits += [silence_to_wait(Pause("ik wil een tafel voor", "nl-BE"), turn)]
    assert waits == [turn.end_ms, turn.late_ms]
    turns = lexicon_of("nl").turns
    assert turns is not None
    assert all(map(turns.leave_open, ["Ik wil", "een tafel, eh", "Even kijken.", "voor de", "het", "op tafel met"]))
    assert not any(map(turns.leave_open, ["Ik bel u morgen op.", "met jij de", "een tafel", "", "wil"]))
    assert is_back_channel("Ja, precies, dat is goed.", "nl")
    assert not is_back_channel("exactly", "nl")
    assert with_buttons("", ["Ja", "Nee"], "nl") == "U kunt zeggen: Ja of Nee."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("opne: een", r"xx\.yml: unknown key 'opne' \(did you mean 'open'\?\)"),
        ("open: (een", r"xx\.yml: open: '\(een' is not a regular expression"),
        ("open: een\nclosed_by: {on: een}", r"xx\.yml: closed_by: YAML takes a bare .* quote it"),
        ("open: een\nclosed_by: {een: '*x'}", r"xx\.yml: closed_by: '\*x' is not a regular expression"),
    ],
)
def test_a_mistake_in_a_file_is_told_in_a_sentence(folder: Path, text: str, sentence: str) -> None:
    (folder / "xx.yml").write_text(text, encoding="utf-8")
    forget()
    with pytest.raises(ConfigurationError, match=sentence):
        lexicon_of("xx")
