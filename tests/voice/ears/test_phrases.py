from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any, Dict

import pytest

from convai_rasa.voice.ears.phrases import BotPhrases, read_phrases


def archive(folder: Path, name: str, files: Dict[str, Any]) -> Path:
    """A trained model as Rasa lays it out."""
    path = folder / name
    with tarfile.open(path, "w:gz") as tar:
        for member, content in files.items():
            data = json.dumps(content).encode()
            info = tarfile.TarInfo(member)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def test_the_sentences_are_read_from_the_archive(tmp_path: Path) -> None:
    model = archive(
        tmp_path, "m.tar.gz", {"metadata.json": {}, "./components/train_X0/phrases.json": ["a table", "hi"]}
    )
    assert read_phrases(model) == ["a table", "hi"]


def test_a_bot_that_stores_none_is_recognised_without(tmp_path: Path) -> None:
    assert read_phrases(archive(tmp_path, "m.tar.gz", {"metadata.json": {}, "data/phrases.json": ["no"]})) == []


async def test_another_model_brings_other_sentences(tmp_path: Path) -> None:
    phrases = BotPhrases()
    await phrases.follow(None)
    assert phrases.chosen == []
    await phrases.follow(archive(tmp_path, "one.tar.gz", {"components/c/phrases.json": ["a table for two"]}))
    assert phrases.chosen == ["a table for two"]
    await phrases.follow(archive(tmp_path, "two.tar.gz", {"components/c/phrases.json": ["cancel it"]}))
    assert phrases.chosen == ["cancel it"]


async def test_a_bot_without_a_vocabulary_is_told_which_line_is_missing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files: Dict[str, Any] = {"components/c/phrases.json": ["a table"]}
    with caplog.at_level("INFO"):
        await BotPhrases().follow(archive(tmp_path, "one.tar.gz", files))
        assert "one.tar.gz has no vocabulary" in caplog.text
        assert "'- name: convai_rasa.nlu.Vocabulary'" in caplog.text
        caplog.clear()
        files["components/v/sentences.json"] = {"words": [], "trigrams": {}}
        await BotPhrases().follow(archive(tmp_path, "two.tar.gz", files))
    assert caplog.text == ""


async def test_the_words_are_known_where_something_judges_by_them(tmp_path: Path) -> None:
    phrases = BotPhrases()
    files: Dict[str, Any] = {"components/c/phrases.json": ["A table, please"]}
    await phrases.follow(archive(tmp_path, "one.tar.gz", files))
    assert phrases.ends.words == frozenset()
    files["components/v/sentences.json"] = {"words": ["latte"], "trigrams": {}}
    await phrases.follow(archive(tmp_path, "two.tar.gz", files))
    assert phrases.ends.words == {"a", "table", "please", "latte"}


@pytest.mark.e2e
def test_the_trained_bot_carries_its_sentences() -> None:
    """The archive alone is enough to know what people say to the bot."""
    newest = max(
        (Path(__file__).parents[3] / "bot" / "models").glob("*.tar.gz"), key=lambda model: model.stat().st_mtime
    )
    phrases = read_phrases(newest)
    assert len(phrases) > 300
    assert any("table for" in phrase for phrase in phrases)
