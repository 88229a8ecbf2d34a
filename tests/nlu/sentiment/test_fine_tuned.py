"""A fine-tuned sentiment checkpoint instead of the head of the package."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_nlu import save_classifier

from convai_rasa.errors import ModelError
from convai_rasa.nlu import SentimentAnalyzer
from convai_rasa.nlu.sentiment.fine_tuned import CheckpointHead

pytestmark = pytest.mark.networks

TEXTS = ["hello my friend", "book a table", "goodbye now", "what a great day"]
STARS = [f"{number} star{'s' if number > 1 else ''}" for number in range(1, 6)]


class Known:
    """Stands in for a classifier with known logits."""

    def __init__(self, labels: list[str], probabilities: Any) -> None:
        self.labels = tuple(labels)
        self._logits = np.log(np.array(probabilities))

    def logits(self, texts: list[str]) -> np.ndarray:
        return self._logits


def test_five_stars_are_folded_into_three_labels() -> None:
    head = CheckpointHead(Known(STARS, [[0.1, 0.2, 0.3, 0.25, 0.15]]), "stars")  # type: ignore[arg-type]  # as above
    np.testing.assert_allclose(head.probabilities(["a"]), [[0.3, 0.3, 0.4]])


@pytest.mark.parametrize("labels", [["POSITIVE", "NEGATIVE"], ["pos", "neg"], ["very_positive", "very_negative"]])
def test_the_order_of_the_labels_is_read_from_their_names(labels: list[str]) -> None:
    head = CheckpointHead(Known(labels, [[0.9, 0.1]]), "two")  # type: ignore[arg-type]  # as above
    np.testing.assert_allclose(head.probabilities(["a"]), [[0.1, 0.0, 0.9]])
    assert not head.knows_neutral


def test_two_labels_leave_neutral_to_vader() -> None:
    head = CheckpointHead(Known(["negative", "positive"], [[0.2, 0.8]]), "two")  # type: ignore[arg-type]  # as above
    vader = np.array([[0.1, 0.6, 0.3]])
    both = head.combine(vader, head.probabilities(["a"]))
    shared = np.array([0.1 * 0.2, 0.3 * 0.8]) / (0.1 * 0.2 + 0.3 * 0.8)
    np.testing.assert_allclose(both, [[0.4 * shared[0], 0.6, 0.4 * shared[1]]], atol=1e-4)
    np.testing.assert_allclose(vader, [[0.1, 0.6, 0.3]])


def test_three_labels_go_by_the_product() -> None:
    names = ["neutral", "positive", "negative"]
    head = CheckpointHead(Known(names, [[0.2, 0.7, 0.1]]), "three")  # type: ignore[arg-type]  # as above
    vader = np.array([[0.3, 0.5, 0.2]])
    product = vader * [[0.1, 0.2, 0.7]]
    np.testing.assert_allclose(head.combine(vader, head.probabilities(["a"])), product / product.sum(), atol=1e-4)


@pytest.mark.parametrize("labels", [["LABEL_0", "LABEL_1"], ["negative", "neutral"], ["joy", "anger", "negative"]])
def test_labels_that_say_nothing_about_sentiment_are_refused(labels: list[str]) -> None:
    with pytest.raises(ModelError, match=f"{labels[0]}.*id2label in its config.json"):
        CheckpointHead(Known(labels, [[1.0]]), "odd")  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize("labels", [["NEGATIVE", "POSITIVE"], ["negative", "neutral", "positive"], STARS])
def test_a_checkpoint_is_used_and_saved_as_it_is(tmp_path: Path, labels: list[str]) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerFast

    folder = save_classifier(tmp_path / "checkpoint", tuple(labels))
    analyzer = SentimentAnalyzer(folder)
    answers = analyzer.analyze([*TEXTS, ""])
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), pad_token="[PAD]")
    for text, answer in zip(TEXTS, answers):
        with torch.no_grad():
            ids = tokenizer(text, return_tensors="pt", return_token_type_ids=False)
            by_torch = torch.softmax(model(**ids).logits[0], dim=0).numpy()
        folded = CheckpointHead(Known(labels, [by_torch]), "torch").probabilities([text])[0]  # type: ignore[arg-type]  # as above
        assert answer.bert.score == pytest.approx(folded[2] - folded[0], abs=0.02)  # int8
        assert answer.novelty == 0.0
    assert answers[3].vader.label == "positive"
    assert answers[4].label == "neutral"

    analyzer.save(tmp_path / "saved")
    shutil.rmtree(folder)
    assert SentimentAnalyzer(tmp_path / "saved").analyze([*TEXTS, ""]) == answers


def test_its_encoder_can_be_trained_on_instead(tmp_path: Path) -> None:
    folder = save_classifier(tmp_path / "checkpoint", ("NEGATIVE", "POSITIVE"))
    ratings = ["positive", "neutral", "negative", "positive"]
    with pytest.raises(ModelError, match="trained=False"):
        SentimentAnalyzer(folder).train(TEXTS, ratings)
    analyzer = SentimentAnalyzer(folder, trained=False)
    analyzer.train(TEXTS, ratings)
    analyzer.save(tmp_path / "saved")
    assert SentimentAnalyzer(tmp_path / "saved").analyze(TEXTS) == analyzer.analyze(TEXTS)
