"""A user's own models by their path, in Python and below a component in config.yml; what is none is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Callable

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from tiny import TinyModels

from convai_rasa.errors import ConvaiError, ModelCorrupt
from convai_rasa.nlu import (
    DistilBertIntentClassifier,
    EntityExtractor,
    HybridSentimentAnalyzer,
    IntentClassifier,
    SentimentAnalyzer,
    SpacyModelEntityExtractor,
)
from convai_rasa.nlu.component import NLUComponentError

pytestmark = [pytest.mark.needs("transformers"), pytest.mark.rasa]

Examples = tuple[list[str], list[str]]
CONTEXT = ExecutionContext(GraphSchema({}))
RESOURCE = Resource("component")
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 90868376\n"
WAYS = ["models/nlu/custom", "models/nlu/custom/", "nlu/custom", "nlu/custom/", "{}", "{}/"]


@pytest.fixture
def place(tiny_models: TinyModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a model into the models/ tree of the project that the test is in, as nlu/custom."""
    monkeypatch.chdir(tmp_path)
    return lambda kind: Path(shutil.copytree(tiny_models(kind), tmp_path / "models" / "nlu" / "custom"))


def processed(component: Any, text: str) -> dict[str, Any]:
    (message,) = component.process([Message(data={"text": text})])
    return dict(message.as_dict(only_output_properties=True))


@pytest.mark.parametrize("named", WAYS)
def test_intents(
    place: Callable[[str], Path], storage: LocalModelStorage, named: str, examples: Examples, tiny_models: TinyModels
) -> None:
    folder = place("intents")
    by_name = IntentClassifier(model_path=named.format(folder))
    assert by_name.labels == ("greet", "order", "leave")
    (expected,) = by_name.predict(["book a table"])
    config = {**DistilBertIntentClassifier.get_default_config(), "model": named.format(folder), "max_length": 32}
    data = TrainingData([Message.build(text, intent) for text, intent in zip(*examples)])
    DistilBertIntentClassifier.create(config, storage, RESOURCE, CONTEXT).train(data)
    shutil.rmtree(folder)  # the archive needs it no more
    component = DistilBertIntentClassifier.load(config, storage, RESOURCE, CONTEXT)
    assert processed(component, "book a table")["intent"]["name"] == expected.name


def test_intents_that_were_saved_and_those_in_a_bots_archive(
    place: Callable[[str], Path], examples: Examples, tmp_path: Path
) -> None:
    folder = place("distilbert")
    classifier = IntentClassifier()
    classifier.train(*examples, base_model="models/nlu/custom/", strategy="frozen", max_length=32)
    shutil.rmtree(folder)
    classifier.save(folder)
    for named in WAYS:
        assert IntentClassifier(named.format(folder)).predict(["hello there"]) == classifier.predict(["hello there"])


@pytest.mark.parametrize("named", WAYS)
def test_sentiments(place: Callable[[str], Path], storage: LocalModelStorage, named: str) -> None:
    folder = place("sentiments")
    expected = SentimentAnalyzer(model_path=named.format(folder)).analyze("hello my friend")
    config = {**HybridSentimentAnalyzer.get_default_config(), "model": named.format(folder)}
    component = HybridSentimentAnalyzer.load(config, storage, RESOURCE, CONTEXT)
    assert processed(component, "hello my friend")["sentiment"]["label"] == expected.label


@pytest.mark.parametrize("named", WAYS)
def test_entities(place: Callable[[str], Path], storage: LocalModelStorage, named: str) -> None:
    folder = place("spacy")
    (expected, *_) = EntityExtractor(model_path=named.format(folder)).extract("a flight to Paris for Anna")
    config = {**SpacyModelEntityExtractor.get_default_config(), "model": named.format(folder), "dimensions": ["GPE"]}
    component = SpacyModelEntityExtractor.load(config, storage, RESOURCE, CONTEXT)
    assert processed(component, "a flight to Paris for Anna")["entities"][0]["value"] == expected.text == "Paris"


TAKERS = {"intents": IntentClassifier, "sentiments": SentimentAnalyzer, "spacy": EntityExtractor}


def refusal(taker: Any, path: Path) -> str:
    with pytest.raises(ModelCorrupt) as refused:
        taker(path)
    sentence = str(refused.value)
    assert str(path) in sentence
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("taker", TAKERS.values())
def test_other_models_are_called_by_their_names(tiny_models: TinyModels, tmp_path: Path, taker: Any) -> None:
    whisper, voice = tmp_path / "whisper", tmp_path / "voice"
    for folder, config, weights in (
        (whisper, {"suppress_ids": [], "alignment_heads": []}, "model.bin"),
        (voice, {"model": "vits", "audio": {"sample_rate": 22050}}, "model.pth"),
    ):
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(config))
        (folder / weights).touch()
    assert refusal(taker, whisper).endswith("it is a Whisper model for CTranslate2; WhisperRecognizer takes it.")
    assert refusal(taker, voice).endswith("it is a Coqui voice (vits); TTSSynthesizer takes it.")
    (tmp_path / "empty").mkdir()
    assert refusal(taker, tmp_path / "empty").endswith("it is an empty folder.")
    (tmp_path / "run" / "checkpoint-500").mkdir(parents=True)
    assert refusal(taker, tmp_path / "run").endswith("it is a folder of folders (checkpoint-500).")
    other = tiny_models("spacy" if taker is not EntityExtractor else "distilbert")
    assert refusal(taker, other).endswith(
        "it is a spaCy pipeline; EntityExtractor takes it."
        if taker is not EntityExtractor
        else "it is a Hugging Face checkpoint of type 'distilbert' (DistilBertModel)."
    )


def test_an_encoder_knows_no_intents_yet(tiny_models: TinyModels) -> None:
    sentence = refusal(IntentClassifier, tiny_models("distilbert"))
    assert "train it on some: IntentClassifier().train(texts, labels, base_model=...)" in sentence


LOST = {
    "intents": {
        "tokenizer.json": "lacks tokenizer.json or vocab.txt.",
        "model.safetensors": "lacks model.safetensors or pytorch_model.bin.",
    },
    "sentiments": {"tokenizer.json": "lacks tokenizer.json or vocab.txt."},
    "spacy": {
        "tokenizer": "is not a spaCy pipeline: it lacks tokenizer.",
        "meta.json": "is not a spaCy pipeline: it lacks meta.json.",
        "config.cfg": "is not a spaCy pipeline: it lacks config.cfg.",
        "ner/model": "cannot be loaded by spaCy (",
    },
}


@pytest.mark.parametrize(("kind", "lost"), [(kind, file) for kind, files in LOST.items() for file in files])
def test_what_is_missing_is_named(place: Callable[[str], Path], kind: str, lost: str) -> None:
    folder = place(kind)
    (folder / lost).unlink()
    assert LOST[kind][lost] in refusal(TAKERS[kind], folder)


@pytest.mark.parametrize("kind", ["intents", "sentiments"])
def test_a_pointer_is_no_model(place: Callable[[str], Path], kind: str) -> None:
    folder = place(kind)
    (folder / "model.safetensors").write_text(POINTER)
    said = "model.safetensors is a git-LFS pointer instead of the file of 90,868,376 bytes; fetch that with: "
    assert said in refusal(TAKERS[kind], folder)


@pytest.mark.parametrize("damage", ["cut", "garbage"])
@pytest.mark.parametrize(("kind", "weights"), [("intents", "model.safetensors"), ("spacy", "ner/model")])
def test_damaged_weights_are_named(place: Callable[[str], Path], kind: str, weights: str, damage: str) -> None:
    folder = place(kind)
    whole = (folder / weights).read_bytes()
    (folder / weights).write_bytes(whole[:-100] if damage == "cut" else b"\x5a" * len(whole))
    assert "cannot be" in refusal(TAKERS[kind], folder)


@pytest.mark.parametrize(("made_for", "major"), [(">=2.3.0,<2.4.0", 2), ("==4.0.0", 4), ("~=2.1", 2)])
def test_a_pipeline_for_another_spacy_says_which(place: Callable[[str], Path], made_for: str, major: int) -> None:
    folder = place("spacy")
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps({**meta, "spacy_version": made_for}))
    assert f"was made for spaCy {major}, and spaCy 3." in refusal(EntityExtractor, folder)


def test_the_pipeline_inside_a_package_or_a_training_run_is_pointed_at(tiny_models: TinyModels, tmp_path: Path) -> None:
    shutil.copytree(tiny_models("spacy"), tmp_path / "output" / "model-best")
    assert refusal(EntityExtractor, tmp_path / "output").endswith(
        f"there is a pipeline in {tmp_path / 'output' / 'model-best'}."
    )


@pytest.mark.parametrize(
    ("component", "kind"),
    [(SpacyModelEntityExtractor, "intents"), (HybridSentimentAnalyzer, "spacy"), (DistilBertIntentClassifier, "spacy")],
)
def test_in_a_pipeline_the_same_sentence_is_printed(
    place: Callable[[str], Path], storage: LocalModelStorage, examples: Examples, component: Any, kind: str
) -> None:
    folder = place(kind)
    config = {**component.get_default_config(), "model": "models/nlu/custom/"}

    def use() -> None:
        if component is DistilBertIntentClassifier:
            data = TrainingData([Message.build(text, intent) for text, intent in zip(*examples)])
            component.create(config, storage, RESOURCE, CONTEXT).train(data)
        else:
            component.load(config, storage, RESOURCE, CONTEXT)

    with pytest.raises(NLUComponentError, match=rf"{folder} is not a .*: it lacks .*, and it is a ") as refused:
        use()
    assert isinstance(refused.value.__cause__, ConvaiError)
