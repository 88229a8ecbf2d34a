from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from convai_rasa.errors import ConfigurationError, ModelCorrupt, ModelError
from convai_rasa.nlu import SentimentAnalyzer
from convai_rasa.nlu.sentiment_analyzer import DEFAULT_HEAD, Half, _lean_on_vader
from convai_rasa.nlu.sentiment_head import SentimentHead, vader_features

TEXTS = [
    "hello my friend good morning",
    "book a table",
    "goodbye now",
    "good evening to you",
    "table for six",
    "bye bye",
]
LABELS = ["positive", "neutral", "negative"] * 2


@pytest.fixture
def analyzer(tiny_checkpoint: Path) -> SentimentAnalyzer:
    made = SentimentAnalyzer(tiny_checkpoint, trained=False)
    made.train(TEXTS, LABELS)
    return made


def test_the_product_over_the_prior_is_computed_as_documented() -> None:
    head = SentimentHead.load(DEFAULT_HEAD)
    vader, bert, kinds = np.array([[0.2, 0.5, 0.3]]), np.array([[0.1, 0.3, 0.6]]), np.eye(len(head.kind_share))[:1]
    logits = head.prior_weight[:, 0] + head.prior_bias
    product = vader * bert / (np.exp(logits) / np.exp(logits).sum())
    np.testing.assert_allclose(head.combine(vader, bert, kinds), product / product.sum(), atol=1e-4)


def test_vader_is_trusted_where_it_was_right() -> None:
    random = np.random.RandomState(0)
    kinds, classes = np.repeat([0, 1], 300), np.tile([0, 1, 2], 200)
    embeddings = np.eye(4, dtype=np.float32)[kinds]  # tell the kind and nothing else
    compound = np.where(kinds == 0, classes - 1.0, random.choice([-1.0, 0.0, 1.0], 600))
    scores = [{"compound": c, "pos": max(c, 0), "neg": max(-c, 0), "neu": 1 - abs(c)} for c in compound]
    head = SentimentHead.fit(vader_features(scores), embeddings, classes, kinds)
    praised = vader_features([{"compound": 1.0, "pos": 1.0, "neg": 0.0, "neu": 0.0}] * 2)
    right, random_there = head.vader(praised, head.kinds(np.eye(4, dtype=np.float32)[[0, 1]]))
    assert right[2] > 0.8
    assert random_there[2] < 0.5


def test_one_kind_needs_no_name(tiny_checkpoint: Path) -> None:
    named, unnamed = (SentimentAnalyzer(tiny_checkpoint, trained=False) for _ in range(2))
    named.train(TEXTS, LABELS, kinds=["requests"] * 6)
    unnamed.train(TEXTS, LABELS)
    assert named.analyze(TEXTS) == unnamed.analyze(TEXTS)


def test_several_kinds_are_saved_too(tiny_checkpoint: Path, tmp_path: Path) -> None:
    analyzer = SentimentAnalyzer(tiny_checkpoint, trained=False)
    analyzer.train(TEXTS, LABELS, kinds=["short", "long"] * 3)
    analyzer.save(tmp_path)
    assert SentimentAnalyzer(tmp_path).analyze(TEXTS) == analyzer.analyze(TEXTS)


def test_the_default_head_stays_under_a_megabyte_with_its_card_beside_it() -> None:
    assert DEFAULT_HEAD.stat().st_size < 1_000_000
    assert "held_out_half" in DEFAULT_HEAD.with_suffix(".json").read_text()


def test_vader_features_have_six_columns_even_without_rows() -> None:
    assert vader_features([]).shape == (0, 6)


def test_it_shows_both_halves(analyzer: SentimentAnalyzer) -> None:
    sentiment = analyzer.analyze("what a great and lovely day")
    assert sentiment.label in ("negative", "neutral", "positive")
    assert -1 <= sentiment.score <= 1
    assert sentiment.vader.label == "positive"
    assert -1 <= sentiment.bert.score <= 1
    assert set(dataclasses.asdict(sentiment)) == {"label", "score", "vader", "bert", "novelty"}


def test_one_text_or_several_give_the_same(analyzer: SentimentAnalyzer) -> None:
    assert analyzer.analyze(["bye bye", ""])[1] == analyzer.analyze("")
    assert analyzer.analyze("  ").label == "neutral"
    assert analyzer.analyze([]) == []


def test_ratings_are_labels_or_numbers(tiny_checkpoint: Path) -> None:
    by_label, by_number = (SentimentAnalyzer(tiny_checkpoint, trained=False) for _ in range(2))
    by_label.train(TEXTS, LABELS)
    by_number.train(TEXTS, [{"positive": 2.5, "neutral": 0.5, "negative": -0.6}[label] for label in LABELS])
    assert by_label.analyze(TEXTS) == by_number.analyze(TEXTS)


def test_saved_and_loaded_it_answers_the_same(analyzer: SentimentAnalyzer, tmp_path: Path) -> None:
    analyzer.save(tmp_path / "saved")
    loaded = SentimentAnalyzer(tmp_path / "saved")
    loaded.save(tmp_path / "again")
    assert analyzer.analyze(TEXTS) == loaded.analyze(TEXTS) == SentimentAnalyzer(tmp_path / "again").analyze(TEXTS)


def test_impossible_training_is_refused_in_a_sentence(analyzer: SentimentAnalyzer) -> None:
    with pytest.raises(ConfigurationError, match="6 texts came with 1 ratings"):
        analyzer.train(TEXTS, ["positive"])
    with pytest.raises(ConfigurationError, match="6 texts came with 1 kinds"):
        analyzer.train(TEXTS, LABELS, kinds=["a"])
    with pytest.raises(ConfigurationError, match="'happy' is not a sentiment"):
        analyzer.train(TEXTS, ["happy"] * 6)
    with pytest.raises(ConfigurationError, match="none that is negative, neutral"):
        analyzer.train(TEXTS, ["positive"] * 6)


def test_an_encoder_the_default_head_cannot_read_is_refused(tiny_checkpoint: Path) -> None:
    with pytest.raises(ModelError, match=r"384 numbers.*32.*nlu/minilm"):
        SentimentAnalyzer(tiny_checkpoint)
    with pytest.raises(ModelError, match=r"train\(\) first"):
        SentimentAnalyzer(tiny_checkpoint, trained=False).analyze("hello")


def test_a_damaged_head_is_refused(analyzer: SentimentAnalyzer, tmp_path: Path) -> None:
    analyzer.save(tmp_path)
    (tmp_path / "sentiment_head.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelCorrupt, match="not a sentiment head"):
        SentimentAnalyzer(tmp_path)


def test_text_unlike_the_training_texts_gets_vaders_own_answer() -> None:
    half, other = Half("positive", 0.6), Half("negative", -0.9)
    leaning = [_lean_on_vader(np.array([0.9, 0.1, 0.0]), half, other, novelty=novelty) for novelty in (0.0, 0.3, 1.0)]
    assert [sentiment.label for sentiment in leaning] == ["negative", "negative", "positive"]
    np.testing.assert_allclose([sentiment.score for sentiment in leaning], [-0.9, -0.45, 0.6])
