from __future__ import annotations

from pathlib import Path

from convai_rasa.data_files import read_words, read_yaml


def test_words_are_text_whatever_they_look_like(tmp_path: Path) -> None:
    file = tmp_path / "words.yml"
    file.write_text("no: [no, 7, é]\n", encoding="utf-8")
    assert read_yaml(file) == {False: [False, 7, "é"]}
    assert read_words(file) == {"no": ["no", "7", "é"]}
