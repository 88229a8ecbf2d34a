"""What a component that was not trained loads after another version was pinned."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from tiny_nlu import save_encoder

from convai_rasa import cli
from convai_rasa.nlu import HybridSentimentAnalyzer, SpacyModelEntityExtractor
from convai_rasa.nlu.component import NLUComponentError

pytestmark = pytest.mark.rasa


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONVAI_MODELS_DIR", raising=False)


def models(*words: str | Path) -> None:
    assert cli.main(["models", *map(str, words)]) == 0


def load(component: Any, tmp_path: Path, **config: Any) -> Any:
    (tmp_path / "storage").mkdir(exist_ok=True)
    storage = LocalModelStorage(tmp_path / "storage")
    context = ExecutionContext(GraphSchema({}))
    return component.load({**component.get_default_config(), **config}, storage, Resource("nothing"), context)


def test_an_entity_extractor_that_is_not_trained_takes_the_pipeline_that_is_current(
    tiny_pipeline: Path, tmp_path: Path
) -> None:
    import spacy

    ruled = spacy.blank("en")
    ruled.add_pipe("entity_ruler").add_patterns([{"label": "DRINK", "pattern": "tea"}])
    ruled.to_disk(tmp_path / "ruled")
    models("publish", tiny_pipeline, "spacy/pipeline")
    models("publish", tmp_path / "ruled", "spacy/pipeline")
    config = {"model": "spacy/pipeline"}
    keys = [SpacyModelEntityExtractor.fingerprint_addon({**config, "model": f"spacy/pipeline@v{n}.0"}) for n in (1, 2)]
    assert SpacyModelEntityExtractor.fingerprint_addon(config) == keys[0] != keys[1]
    assert load(SpacyModelEntityExtractor, tmp_path, map={"GPE": "city"}, **config)._extractor.labels == ("city",)
    models("pin", "spacy/pipeline@v2.0")
    assert SpacyModelEntityExtractor.fingerprint_addon(config) == keys[1]
    assert load(SpacyModelEntityExtractor, tmp_path, map={"DRINK": "tea"}, **config)._extractor.labels == ("tea",)
    # a bot whose configuration names a label of the old version is told, and does not go on without it
    with pytest.raises(NLUComponentError, match="the model has no label 'GPE'"):
        load(SpacyModelEntityExtractor, tmp_path, dimensions=["GPE"], **config)


@pytest.mark.networks
def test_the_packaged_sentiment_head_refuses_another_encoder_that_was_pinned(tmp_path: Path) -> None:
    another = save_encoder(tmp_path / "another", dim=384)
    models("publish", another, "nlu/moods")
    with pytest.raises(NLUComponentError, match=r"v1\.0/moods is not the encoder that the sentiment head"):
        load(HybridSentimentAnalyzer, tmp_path, model="nlu/moods")


@pytest.mark.models
def test_the_right_encoder_as_a_version_answers_as_it_does_outside_of_one(tmp_path: Path) -> None:
    from convai_rasa.store import resolve

    embedded = resolve("nlu/minilm", models_dir=Path(__file__).parents[2] / "models")
    shutil.copytree(embedded, tmp_path / "copy")
    models("publish", tmp_path / "copy", "nlu/moods")
    pinned, plain = (load(HybridSentimentAnalyzer, tmp_path, model=str(model)) for model in ("nlu/moods", embedded))
    texts = ["what a lovely evening", "the soup was cold"]
    assert pinned._analyzer.analyze(texts) == plain._analyzer.analyze(texts)
