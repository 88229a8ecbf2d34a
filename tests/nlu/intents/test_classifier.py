from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from convai_rasa.errors import ConfigurationError, ModelCorrupt, ModelError
from convai_rasa.nlu import IntentClassifier
from convai_rasa.nlu.encoder.checkpoint import read_checkpoint

pytestmark = pytest.mark.networks

Examples = tuple[list[str], list[str]]
FAST = {
    "epochs": 12,
    "learning_rate": 1e-3,
    "head_learning_rate": 1e-2,
    "batch_size": 8,
    "max_length": 32,
    "threads": 1,
}


@pytest.fixture(scope="module")
def trained(tiny_checkpoint: Path, examples: Examples) -> IntentClassifier:
    classifier = IntentClassifier()
    classifier.train(*examples, base_model=str(tiny_checkpoint), **FAST)
    return classifier


def test_it_learns_its_examples(trained: IntentClassifier, examples: Examples) -> None:
    texts, intents = examples
    assert [prediction.name for prediction in trained.predict(texts)] == intents
    assert trained.labels == ("greet", "leave", "order")


def test_the_ranking_is_complete_sorted_and_made_of_plain_floats(trained: IntentClassifier) -> None:
    prediction = trained.predict(["hello there"])[0]
    assert sorted(name for name, _ in prediction.ranking) == ["greet", "leave", "order"]
    confidences = [confidence for _, confidence in prediction.ranking]
    assert confidences == sorted(confidences, reverse=True)
    assert all(type(confidence) is float for confidence in confidences)
    assert prediction.ranking[0] == (prediction.name, prediction.confidence)
    json.dumps(confidences)


def test_empty_messages_have_no_intent(trained: IntentClassifier) -> None:
    empty, blank, spoken = trained.predict(["", "  \n", "bye bye"])
    assert (empty.name, empty.confidence, empty.ranking) == (None, 0.0, ())
    assert blank.name is None
    assert spoken.name == "leave"
    assert trained.predict([]) == []


def test_emoji_other_alphabets_and_long_messages_get_an_answer(trained: IntentClassifier) -> None:
    for prediction in trained.predict(["😀😀", "東京へ行きたい", "table " * 5000]):
        assert prediction.name in trained.labels


def test_saved_and_loaded_it_answers_the_same(trained: IntentClassifier, examples: Examples, tmp_path: Path) -> None:
    trained.save(tmp_path / "saved")
    loaded = IntentClassifier(tmp_path / "saved")
    loaded.save(tmp_path / "again")
    assert trained.predict(examples[0]) == loaded.predict(examples[0])
    assert loaded.predict(examples[0]) == IntentClassifier(str(tmp_path / "again")).predict(examples[0])


def test_the_same_seed_gives_the_same_model(tiny_checkpoint: Path, examples: Examples, tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        classifier = IntentClassifier()
        classifier.train(*examples, base_model=str(tiny_checkpoint), **FAST, seed=seed)
        classifier.save(tmp_path / name)
    for file in ("head.safetensors", "encoder/model.bin", "checkpoint/model.safetensors"):
        contents = [(tmp_path / name / file).read_bytes() for name in "abc"]
        assert contents[0] == contents[1]
        assert contents[0] != contents[2]


def test_frozen_trains_the_head_and_not_the_encoder(tiny_checkpoint: Path, examples: Examples, tmp_path: Path) -> None:
    classifier = IntentClassifier()
    classifier.train(*examples, base_model=str(tiny_checkpoint), strategy="frozen", max_length=32)
    hits = [found.name == intent for found, intent in zip(classifier.predict(examples[0]), examples[1])]
    assert np.mean(hits) > 0.9
    classifier.save(tmp_path / "frozen")
    before, after = read_checkpoint(tiny_checkpoint), read_checkpoint(tmp_path / "frozen" / "checkpoint")
    np.testing.assert_allclose(
        after.weights["transformer.layer.1.ffn.lin1.weight"],
        before.weights["transformer.layer.1.ffn.lin1.weight"],
        atol=1e-3,
    )


def test_two_intents_are_enough_for_either_strategy(tiny_checkpoint: Path) -> None:
    texts, labels = (
        ["hello there", "hi friend", "book a table", "a table for four"],
        ["greet", "greet", "order", "order"],
    )
    for strategy in ("fine_tune", "frozen"):
        classifier = IntentClassifier()
        classifier.train(texts, labels, base_model=str(tiny_checkpoint), **{**FAST, "strategy": strategy})
        assert [found.name for found in classifier.predict(texts)] == labels


def test_training_goes_on_with_a_new_intent(trained: IntentClassifier, examples: Examples, tmp_path: Path) -> None:
    trained.save(tmp_path / "first")
    texts, labels = examples
    thanks = ["thank you", "thanks a lot", "many thanks"]
    further = IntentClassifier(tmp_path / "first", trainable=True)
    further.train([*texts, *thanks], [*labels, *["thank"] * 3], incremental=True, **FAST)
    assert further.labels == ("greet", "leave", "order", "thank")
    assert further.predict(["thanks a lot"])[0].name == "thank"
    assert further.predict(["book a table"])[0].name == "order"

    with pytest.raises(ModelError, match="trainable=True"):
        IntentClassifier(tmp_path / "first").train(texts, labels, incremental=True)


def test_int8_is_given_up_when_it_changes_answers(
    tiny_checkpoint: Path, examples: Examples, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("convai_rasa.nlu.intents.training.int8_will_do", lambda *logits: False)
    classifier = IntentClassifier()
    classifier.train(*examples, base_model=str(tiny_checkpoint), **FAST)
    classifier.save(tmp_path)
    assert json.loads((tmp_path / "intent_classifier.json").read_text())["quantization"] == "float32"


@pytest.mark.parametrize(
    ("texts", "labels", "options", "message"),
    [
        (["a", "b"], ["x"], {}, "2 texts came with 1 labels"),
        (["a", "b"], ["x", "x"], {}, "only 'x'"),
        (["a", " "], ["x", "y"], {}, "only 'x'"),
        ([], [], {}, "there is none"),
        (["a", "b"], ["x", "y"], {"epoch": 3}, "did you mean 'epochs'"),
        (["a", "b"], ["x", "y"], {"epochs": 0}, "epochs"),
        (["a", "b"], ["x", "y"], {"strategy": "magic"}, "strategy"),
        (["a", "b"], ["x", "y"], {"max_length": 64}, "at most 40"),
        (["a", "b"], ["x", "y"], {"incremental": True}, "nothing to continue from"),
    ],
)
def test_impossible_training_is_refused_in_a_sentence(
    tiny_checkpoint: Path, texts: list[str], labels: list[str], options: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        IntentClassifier().train(texts, labels, base_model=str(tiny_checkpoint), **options)


def test_an_untrained_classifier_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not trained"):
        IntentClassifier().predict(["hello"])
    with pytest.raises(ModelError, match="not trained"):
        IntentClassifier().save(tmp_path)


def test_damaged_folders_are_refused(trained: IntentClassifier, tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt, match="is not a trained intent classifier: it is an empty folder"):
        IntentClassifier(tmp_path)
    trained.save(tmp_path)
    settings = json.loads((tmp_path / "intent_classifier.json").read_text())
    (tmp_path / "intent_classifier.json").write_text(json.dumps({**settings, "format": 99}))
    with pytest.raises(ModelCorrupt, match="another version"):
        IntentClassifier(tmp_path)
    (tmp_path / "intent_classifier.json").write_text("{}")
    with pytest.raises(ModelCorrupt, match="damaged"):
        IntentClassifier(tmp_path)
