from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tiny_nlu import save_encoder

from convai_rasa.errors import ConfigurationError, ModelCorrupt, ModelError
from convai_rasa.nlu import SentimentAnalyzer
from convai_rasa.nlu.encoder.checkpoint import read_checkpoint
from convai_rasa.nlu.encoder.ctranslate import export_encoder, normalise
from convai_rasa.nlu.sentiment.analyzer import DEFAULT_HEAD
from convai_rasa.nlu.sentiment.halves import LABELS as NAMES, SentimentHead, vader_features, valences

pytestmark = pytest.mark.networks

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


KINDS, CLASSES = np.repeat([0, 1], 300), np.tile([0, 1, 2], 200)


def scored(compounds: np.ndarray) -> np.ndarray:
    return vader_features([{"compound": c, "pos": max(c, 0), "neg": max(-c, 0), "neu": 1 - abs(c)} for c in compounds])


@pytest.fixture
def two_kinds() -> SentimentHead:
    """VADER is right on the first kind of text and guesses on the second; embeddings tell the kind and nothing else."""
    embeddings = np.eye(4, dtype=np.float32)[KINDS]
    guesses = np.random.RandomState(0).choice([-1.0, 0.0, 1.0], 600)
    return SentimentHead.fit(scored(np.where(KINDS == 0, CLASSES - 1.0, guesses)), embeddings, CLASSES, KINDS)


def test_vader_is_trusted_where_it_was_right(two_kinds: SentimentHead) -> None:
    embeddings = np.eye(4, dtype=np.float32)[[0, 1]]
    kinds = two_kinds.kinds(embeddings)
    bert, _ = two_kinds.bert(embeddings, kinds)
    trusted, guessed = two_kinds.combine(two_kinds.vader(scored(np.ones(2))), bert, kinds)
    assert trusted[2] > 0.8
    assert guessed[2] < 0.5


def test_combined_probabilities_are_those_of_unseen_texts() -> None:
    random = np.random.RandomState(0)
    noise = 10 * normalise(random.normal(size=(600, 100)).astype(np.float32))  # to be learned by heart
    features, classes = scored(random.uniform(-1, 1, 600)), random.randint(0, 3, 300)
    head = SentimentHead.fit(features[:300], noise[:300], classes)
    unseen = noise[300:]
    bert, _ = head.bert(unseen, head.kinds(unseen))
    both = head.combine(head.vader(features[300:]), bert, head.kinds(unseen))
    assert bert.max(axis=1).mean() > 0.6  # sure of what is chance
    assert both.max(axis=1).mean() < 0.45


def test_rare_labels_are_weighed_by_the_root_of_the_prior() -> None:
    head = SentimentHead.load(DEFAULT_HEAD)
    both, kinds = np.array([[0.2, 0.3, 0.5]]), np.eye(len(head.trust))[:1]
    weight, bias = head.regressions["prior"]
    logits = weight[:, 0] + bias
    weighed = both / np.sqrt(np.exp(logits) / np.exp(logits).sum())
    np.testing.assert_allclose(head.weigh_rare_labels(both, kinds), weighed / weighed.sum(), atol=1e-4)


def test_one_example_of_each_label_is_enough(tiny_checkpoint: Path) -> None:
    analyzer = SentimentAnalyzer(tiny_checkpoint, trained=False)
    analyzer.train(TEXTS[:3], LABELS[:3])
    assert -1 <= analyzer.analyze(TEXTS[0]).score <= 1


def test_one_kind_needs_no_name(tiny_checkpoint: Path) -> None:
    named, unnamed = (SentimentAnalyzer(tiny_checkpoint, trained=False) for _ in range(2))
    named.train(TEXTS, LABELS, kinds=["requests"] * 6)
    unnamed.train(TEXTS, LABELS)
    assert named.analyze(TEXTS) == unnamed.analyze(TEXTS)


def test_several_kinds_are_saved_too(tiny_checkpoint: Path, tmp_path: Path) -> None:
    analyzer = SentimentAnalyzer(tiny_checkpoint, trained=False)
    analyzer.train(TEXTS, LABELS, kinds=["short", "long"] * 3, parts={"long": 2})
    analyzer.save(tmp_path)
    assert SentimentAnalyzer(tmp_path).analyze(TEXTS) == analyzer.analyze(TEXTS)


def test_the_default_head_is_small_with_its_card_beside_it() -> None:
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
    with pytest.raises(ConfigurationError, match="None of the sentiment examples is negative, neutral"):
        analyzer.train(TEXTS, ["positive"] * 6)


def test_an_encoder_the_default_head_cannot_read_is_refused(tiny_checkpoint: Path) -> None:
    with pytest.raises(ModelError, match=r"384 numbers.*32.*nlu/minilm"):
        SentimentAnalyzer(tiny_checkpoint)
    with pytest.raises(ModelError, match=r"train\(\) first"):
        SentimentAnalyzer(tiny_checkpoint, trained=False).analyze("hello")


def test_an_encoder_of_the_right_shape_that_the_default_head_was_not_trained_on_is_refused(tmp_path: Path) -> None:
    another = save_encoder(tmp_path / "another", dim=384)
    with pytest.raises(ModelError, match=r"another is not the encoder .*use model: nlu/minilm, or train a head"):
        SentimentAnalyzer(another)
    retrained = SentimentAnalyzer(another, trained=False)
    retrained.train(TEXTS, LABELS)
    retrained.save(tmp_path / "saved")
    assert SentimentAnalyzer(tmp_path / "saved").analyze(TEXTS) == retrained.analyze(TEXTS)


def test_support_vectors_answer_for_what_was_written(tmp_path: Path) -> None:
    spots = np.random.RandomState(0).permutation(np.tile([0, 1, 2], 20))  # each direction has a label, in no order
    embeddings = np.eye(62, dtype=np.float32)[np.r_[np.tile(np.arange(60), 10), np.repeat(60, 600)]]
    classes, kinds = np.r_[np.tile(spots, 10), np.tile([0, 1, 2], 200)], np.repeat([0, 1], 600)
    head = SentimentHead.fit(scored(np.zeros(1200)), embeddings, classes, kinds, written=[0])
    head.save(tmp_path / "head.safetensors")
    loaded = SentimentHead.load(tmp_path / "head.safetensors")
    asked = np.eye(62, dtype=np.float32)
    found, novelty = loaded.bert(asked, loaded.kinds(asked))
    np.testing.assert_array_equal(found[:60].argmax(axis=1), spots)
    assert (novelty[:61] == 0.0).all()
    assert novelty[61] == 1.0
    np.testing.assert_array_equal(found, head.bert(asked, head.kinds(asked))[0])


def test_a_saved_head_is_not_used_with_another_encoder(
    analyzer: SentimentAnalyzer, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    analyzer.save(tmp_path / "saved")
    mixed = shutil.copytree(tmp_path / "saved", tmp_path / "mixed")
    checkpoint = read_checkpoint(tiny_checkpoint)
    other = {name: weight[..., ::-1] for name, weight in checkpoint.weights.items()}
    export_encoder(dataclasses.replace(checkpoint, weights=other), mixed / "encoder", quantization="int8")
    with pytest.raises(ModelError, match="not the encoder"):
        SentimentAnalyzer(mixed)
    (mixed / "sentiment_head.npy").write_bytes(b"nothing")
    with pytest.raises(ModelCorrupt, match=r"sentiment_head\.npy cannot be read"):
        SentimentAnalyzer(mixed)


def test_a_damaged_head_is_refused(analyzer: SentimentAnalyzer, tmp_path: Path) -> None:
    analyzer.save(tmp_path)
    (tmp_path / "sentiment_head.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelCorrupt, match="not a sentiment head"):
        SentimentAnalyzer(tmp_path)


def by_evidence(head: SentimentHead, compound: float, bert: list[float], *, novelty: float) -> str:
    """Return the label that the evidence alone gives, the embedding's regressions all saying the same."""
    probabilities, kinds = np.array([bert]), np.eye(len(head.trust))[:1]
    valence = valences(np.array([compound]))
    found = head.weigh_evidence(valence, probabilities, probabilities, kinds, np.array([novelty]))
    assert found.sum() == pytest.approx(1.0)
    return NAMES[int(found.argmax())]


@pytest.mark.parametrize("novelty", [0.0, 0.5, 1.0])
def test_whoever_has_evidence_is_followed(two_kinds: SentimentHead, novelty: float) -> None:
    unsure, certain = [0.34, 0.33, 0.33], [0.98, 0.01, 0.01]
    assert by_evidence(two_kinds, 0.0, certain, novelty=novelty) == "negative"  # VADER knows no word
    assert by_evidence(two_kinds, 0.4, certain, novelty=novelty) == "negative"  # one word
    assert by_evidence(two_kinds, 0.95, certain, novelty=novelty) == "positive"  # many
    assert by_evidence(two_kinds, 0.6, unsure, novelty=novelty) == "positive"
    assert by_evidence(two_kinds, -0.6, unsure, novelty=novelty) == "negative"
    assert by_evidence(two_kinds, 0.0, unsure, novelty=novelty) == "neutral"


def test_a_compound_score_is_turned_back_into_the_sum_it_was_made_of() -> None:
    sums = np.array([-4.0, -0.5, 0.0, 1.9, 9.0])
    np.testing.assert_allclose(valences(sums / np.sqrt(sums * sums + 15.0)), sums)
    assert np.isfinite(valences(np.array([1.0, -1.0]))).all()


def test_how_often_vader_is_right_is_not_learned_from_examples_that_were_written() -> None:
    embeddings = np.eye(4, dtype=np.float32)[KINDS]
    wrong = scored(np.where(KINDS == 0, CLASSES - 1.0, 1.0 - CLASSES))  # on the second kind always
    learned = SentimentHead.fit(wrong, embeddings, CLASSES, KINDS)
    written = SentimentHead.fit(wrong, embeddings, CLASSES, KINDS, written=[1])
    np.testing.assert_array_equal([learned.sampled, written.sampled], [[1, 1], [1, 0]])
    alone = SentimentHead.fit(wrong, embeddings, CLASSES, KINDS, written=[0, 1])
    np.testing.assert_array_equal(alone.sampled, [0, 0])  # nothing to learn the weights from: the evidence decides
    second = np.eye(4, dtype=np.float32)[[1]]
    kinds = written.kinds(second)
    combined = [
        head.combine(head.vader(scored(np.ones(1))), head.bert(second, kinds)[0], kinds)[0]
        for head in (learned, written)
    ]
    assert combined[0][2] < combined[1][2]


def test_vader_counts_for_less_where_it_is_often_wrong() -> None:
    guesses = np.random.RandomState(0).choice([-0.5, 0.0, 0.5], 600)
    features = scored(np.where(KINDS == 0, 0.5 * (CLASSES - 1), guesses))
    head = SentimentHead.fit(features, np.eye(4, dtype=np.float32)[KINDS], CLASSES, KINDS)
    np.testing.assert_allclose(head.trust, [1.0, 0.05])


def test_rated_words_teach_what_the_examples_do_not(tiny_checkpoint: Path) -> None:
    plain, taught = (SentimentAnalyzer(tiny_checkpoint, trained=False) for _ in range(2))
    plain.train(TEXTS, LABELS)
    taught.train(TEXTS, LABELS, words={"nobody": -2.0, "six": 3.0, "now": 0.0})
    assert plain.analyze("hello my friend").bert == taught.analyze("hello my friend").bert
    assert plain._head is not None
    assert taught._head is not None
    before, after = (head.regressions["general"][0] for head in (plain._head, taught._head))
    assert not np.allclose(before, after)


@pytest.mark.processes
def test_it_answers_without_rasa_torch_or_scikit_learn(analyzer: SentimentAnalyzer, tmp_path: Path) -> None:
    analyzer.save(tmp_path)
    code = (
        "import sys; from convai_rasa.nlu import SentimentAnalyzer; SentimentAnalyzer(sys.argv[1]).analyze('hello')\n"
        "print({'rasa', 'torch', 'transformers', 'sklearn', 'tensorflow'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "set()"
