from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from convai_rasa.errors import ConfigurationError, ModelCorrupt
from convai_rasa.store.manifest import PUBLISHED
from convai_rasa.store.publishing.provenance import Provenance, hash_data, main_metric, read_metrics, read_provenance


@pytest.mark.parametrize(
    ("report", "metric"),
    [
        (
            {"greet": {"f1-score": 1.0}, "accuracy": 0.9, "weighted avg": {"f1-score": 0.8}},
            ("r weighted avg f1-score", 0.8),
        ),
        ({"micro avg": {"f1-score": 0.7}, "macro avg": {"f1-score": 0.6}}, ("r micro avg f1-score", 0.7)),
        ({"accuracy": 1}, ("r accuracy", 1.0)),
        ({"fine": True, "wer": 0.12}, ("r wer", 0.12)),
        ({"fine": True, "weighted avg": "none"}, None),
    ],
)
def test_the_main_metric_is_the_weighted_f1_or_the_next_best(report: dict[str, Any], metric: Any) -> None:
    assert main_metric({"r.json": report}) == metric


def test_the_first_report_with_a_figure_counts() -> None:
    assert main_metric({"a.json": {}, "b.json": {"accuracy": 0.5}, "c.json": {"accuracy": 0.6}}) == ("b accuracy", 0.5)
    assert main_metric({}) is None


def test_the_hash_of_data_follows_contents_and_names_and_not_the_place(tmp_path: Path) -> None:
    for place in ("here", "there"):
        (tmp_path / place / "data/nlu").mkdir(parents=True)
        (tmp_path / place / "data/nlu/greet.yml").write_text("hello")
        (tmp_path / place / "data/rules.yml").write_text("rules")
    whole, files = hash_data([tmp_path / "here/data"])
    hello, rules = hashlib.sha256(b"hello").hexdigest(), hashlib.sha256(b"rules").hexdigest()
    assert files == {"data/nlu/greet.yml": hello, "data/rules.yml": rules}
    lines = f"{hello}  data/nlu/greet.yml\n{rules}  data/rules.yml\n"
    assert whole == hashlib.sha256(lines.encode()).hexdigest() == hash_data([tmp_path / "there/data"])[0]
    (tmp_path / "there/data/rules.yml").write_text("rulez")
    assert hash_data([tmp_path / "there/data"])[0] != whole
    one = hash_data([tmp_path / "here/data/rules.yml"])
    assert one[1] == {"rules.yml": rules}
    assert one[0] != whole
    assert hash_data([]) == (None, {})


def test_data_that_are_not_there_or_have_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="There is no training data in"):
        hash_data([tmp_path / "nothing"])
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "nlu.yml").write_text(place)
    with pytest.raises(ConfigurationError, match=r"called nlu\.yml"):
        hash_data([tmp_path / "a/nlu.yml", tmp_path / "b/nlu.yml"])


@pytest.mark.parametrize(
    ("content", "complaint"), [("{", "is not JSON"), ("[1]", "no figures by name"), (None, "cannot be read")]
)
def test_a_report_that_is_none_is_refused(tmp_path: Path, content: str | None, complaint: str) -> None:
    path = tmp_path / "report.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigurationError, match=complaint):
        read_metrics([path])


def test_two_reports_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("{}")
    with pytest.raises(ConfigurationError, match=r"Two reports are called r\.json"):
        read_metrics([tmp_path / "r.json", tmp_path / "r.json"])


def test_what_was_written_is_read(tmp_path: Path) -> None:
    assert read_provenance(tmp_path) is None
    written = Provenance(
        "nlu/x@v1.0", "2026-11-25T03:00:00+00:00", "a folder", {"r.json": {"accuracy": 1}}, ("r", 1.0), "ab", {"d": "c"}
    )
    written.write(tmp_path)
    assert read_provenance(tmp_path) == written
    for damaged in ("{", json.dumps({"name": "x"}), "[]"):
        (tmp_path / PUBLISHED).write_text(damaged)
        with pytest.raises(ModelCorrupt, match="cannot be read"):
            read_provenance(tmp_path)
