"""Files of labelled texts: what is read, and how a bad line is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from convai_rasa.errors import ConfigurationError
from convai_rasa.nlu.sentiment.labeled_texts import examples_hash, label_of, read_examples

GOOD = (
    '{"text": "lovely", "label": "Positive"}\n\n{"text": "a table", "score": 0.5}\n{"text": "awful", "score": -0.6}\n'
)


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("e.jsonl", GOOD),
        ("e.jsonl", "\ufeff" + GOOD),
        ("e.CSV", 'text,label,score\nlovely,positive,\n"a table",,0.5\nawful,negative,3\n'),
    ],
)
def test_texts_and_labels_are_read(tmp_path: Path, name: str, content: str) -> None:
    expected = (["lovely", "a table", "awful"], ["positive", "neutral", "negative"])
    assert read_examples(write(tmp_path, name, content)) == expected


def test_a_text_may_hold_commas_and_line_breaks(tmp_path: Path) -> None:
    content = 'label,text\npositive,"good, very\ngood"\nneutral,a\nnegative,b\n'
    assert read_examples(write(tmp_path, "e.csv", content))[0][0] == "good, very\ngood"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("e.jsonl", GOOD + "text\n", r"e\.jsonl, line 5: not JSON"),
        ("e.jsonl", GOOD + '["a"]\n', r"e\.jsonl, line 5: expected an object"),
        ("e.jsonl", GOOD + '{"label": "positive"}\n', r"e\.jsonl, line 5: there is no text"),
        ("e.jsonl", GOOD + '{"text": " ", "label": "positive"}\n', r"e\.jsonl, line 5: there is no text"),
        ("e.jsonl", GOOD + '{"text": "a"}\n', r"e\.jsonl, line 5: there is neither"),
        ("e.jsonl", GOOD + '{"text": "a", "label": "happy"}\n', r"e\.jsonl, line 5: 'happy'.*negative, neutral"),
        ("e.jsonl", GOOD + '{"text": "a", "score": "much"}\n', r"e\.jsonl, line 5: the score 'much' is not a number"),
        ("e.jsonl", GOOD + '{"text": "a", "score": NaN}\n', r"e\.jsonl, line 5: The score nan is not between -4 and 4"),
        ("e.jsonl", GOOD + '{"text": "a", "score": 5}\n', r"e\.jsonl, line 5: The score 5.0 is not between -4 and 4"),
        ("e.jsonl", "", r"e\.jsonl has no example that is negative, neutral, positive"),
        ("e.csv", "", r"e\.csv, line 1: expected column names"),
        ("e.csv", "text,mood\na,b\n", r"e\.csv, line 1: expected column names"),
        ("e.csv", "text,label\na,positive\nb,c,neutral\n", r"e\.csv, line 3: more values than columns"),
        ("e.csv", 'text,label\na,positive\n"b,neutral\n', r"e\.csv, line \d: not CSV"),
        ("e.csv", "text,label\na,positive\nb,\n", r"e\.csv, line 3: there is neither"),
        ("e.txt", GOOD, r"neither \.jsonl nor \.csv"),
    ],
)
def test_a_bad_file_is_refused_naming_the_line(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_examples(write(tmp_path, name, content))


def test_a_missing_file_and_one_in_another_encoding_are_refused(tmp_path: Path) -> None:
    for read in (read_examples, examples_hash):
        with pytest.raises(ConfigurationError, match=r"gone\.jsonl cannot be read \(No such file"):
            read(tmp_path / "gone.jsonl")
    path = tmp_path / "e.csv"
    path.write_bytes("text,label\ncafé,positive\n".encode("latin-1"))
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        read_examples(path)


def test_ratings_become_labels() -> None:
    assert [label_of(rating) for rating in (-4, -0.51, -0.5, 0.5, 0.51, " NEUTRAL ")] == [
        "negative",
        "negative",
        "neutral",
        "neutral",
        "positive",
        "neutral",
    ]
