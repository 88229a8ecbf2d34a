from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from convai_rasa.errors import ConfigurationError, ModelCorrupt
from convai_rasa.nlu import EntityExtractor
from convai_rasa.nlu.entities.extractor import Entity

pytestmark = pytest.mark.networks

TEXT = "a flight to Paris for Anna"


def test_entities_carry_offsets_text_and_label(tiny_pipeline: Path) -> None:
    paris, anna = EntityExtractor(tiny_pipeline).extract(TEXT)
    assert paris.confidence is not None
    assert 0.5 < paris.confidence <= 1
    assert paris == Entity(12, 17, "Paris", "GPE", confidence=paris.confidence, value="Paris", source="pretrained")
    assert (anna.label, TEXT[anna.start : anna.end]) == ("PERSON", "Anna")


def test_dimensions_filter_and_the_map_renames(tiny_pipeline: Path) -> None:
    extractor = EntityExtractor(tiny_pipeline, dimensions=["GPE"], mapping={"GPE": "city"})
    assert [entity.label for entity in extractor.extract(TEXT)] == ["city"]


def test_several_texts_at_once_give_the_same(tiny_pipeline: Path) -> None:
    extractor = EntityExtractor(tiny_pipeline)
    assert extractor.extract_all([TEXT, "", "hello"]) == [extractor.extract(TEXT), [], extractor.extract("hello")]


def test_only_the_pipes_that_find_entities_are_loaded(tiny_pipeline: Path) -> None:
    assert EntityExtractor(tiny_pipeline)._pipeline.pipe_names == ["ner"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"dimensions": ["GEP"]},
            r"dimensions: the model has no label 'GEP' \(did you mean 'GPE'\? it has GPE, PERSON\)",
        ),
        ({"mapping": {"CITY": "city"}}, "map: the model has no label 'CITY'"),
    ],
)
def test_unknown_labels_are_refused_with_the_known_ones(
    tiny_pipeline: Path, options: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        EntityExtractor(tiny_pipeline, **options)


def test_saved_and_loaded_it_finds_the_same(tiny_pipeline: Path, tmp_path: Path) -> None:
    extractor = EntityExtractor(tiny_pipeline, dimensions=["GPE"], mapping={"GPE": "city"})
    extractor.save(tmp_path / "saved")
    assert EntityExtractor.load(tmp_path / "saved").extract(TEXT) == extractor.extract(TEXT)


def test_span_categorisers_and_their_confidence_are_used(tmp_path: Path) -> None:
    import spacy
    from spacy.training import Example

    pipeline = spacy.blank("en")
    pipeline.config["initialize"]["lookups"] = None
    pipeline.add_pipe("spancat", config={"threshold": 0.3})
    document = pipeline.make_doc("fly to Paris")
    sample = Example.from_dict(document, {"spans": {"sc": [(7, 12, "GPE")]}})
    spacy.util.fix_random_seed(0)
    optimizer = pipeline.initialize(lambda: [sample])
    for _ in range(40):
        pipeline.update([sample], sgd=optimizer)
    pipeline.to_disk(tmp_path)
    (found,) = EntityExtractor(tmp_path).extract("fly to Paris")
    assert found.text == "Paris"
    assert found.confidence is not None
    assert 0.3 <= found.confidence <= 1


def test_other_folders_are_refused(tiny_pipeline: Path, tmp_path: Path) -> None:
    import spacy

    with pytest.raises(ModelCorrupt, match="is not a spaCy pipeline: it is an empty folder"):
        EntityExtractor(tmp_path)
    broken = Path(shutil.copytree(tiny_pipeline, tmp_path / "broken"))
    (broken / "ner" / "model").write_bytes(b"\x00")
    with pytest.raises(ModelCorrupt, match="cannot be loaded by spaCy"):
        EntityExtractor(broken)
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(ModelCorrupt, match="finds no entities"):
        EntityExtractor(tmp_path / "blank")
