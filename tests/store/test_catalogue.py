from __future__ import annotations

from typing import Any

import pytest

from convai_rasa.errors import ConfigurationError, ModelNotFound
from convai_rasa.store.catalogue import load_catalogue, parse_model
from convai_rasa.store.files import is_plain
from convai_rasa.store.names import Name, parse_name


def test_the_real_catalogue_is_valid_and_its_embedded_set_is_complete() -> None:
    catalogue = load_catalogue()
    assert [model.name for model in catalogue.members("embedded")] == [
        "whisper/tiny.en",
        "whisper/base",
        "tts/vits-joe",
        "nlu/minilm",
        "spacy/en_core_web_sm",
    ]
    assert catalogue.fetchable("nlu/intent_classifier").name == "nlu/minilm"
    assert catalogue.fetchable("nlu/entity_extractor").name == "spacy/en_core_web_sm"


@pytest.mark.parametrize("name", load_catalogue().models)
def test_every_entry_says_what_is_needed_to_fetch_it_and_stays_in_its_folder(name: str) -> None:
    model = load_catalogue().models[name]
    assert parse_name(name) == Name(*name.split("/"))
    assert all(is_plain(file) for file in model.files)
    assert model.size or (model.files and all(file.size for file in model.files.values())), "say about how much it is"
    for source in model.sources:
        assert sum(place is not None for _, place in source) == 1
        if source.hugging_face:
            assert source.hugging_face.prefix == "" or is_plain(source.hugging_face.prefix.removesuffix("/"))


def test_sets_and_jobs_are_made_of_models() -> None:
    catalogue = load_catalogue()
    named = [*catalogue.sets.values(), *([*job.models, job.fetch] for job in catalogue.jobs.values())]
    assert {name for names in named for name in names} <= catalogue.models.keys()


def test_the_tree_of_the_models_page_is_in_the_catalogue() -> None:
    catalogue = load_catalogue()
    whisper = ["tiny", "tiny.en", "base", "small", "medium", "large-v3", "large-v3-turbo"]
    voices = ["tacotron2-DDC", "vits", "glow-tts", "vits-joe"]
    voices += [f"vits-{name}" for name in ("thorsten", "davefx", "siwis", "paola", "faber", "dmitri")]
    assert [name for name in catalogue.models if name.startswith("whisper/")] == [f"whisper/{name}" for name in whisper]
    assert [name for name in catalogue.models if name.startswith("tts/")] == [f"tts/{name}" for name in voices]
    assert set(catalogue.jobs) == {"nlu/intent_classifier", "nlu/entity_extractor", "nlu/sentiment"}
    assert "spacy/en_core_web_sm" in catalogue.models


def test_the_multilingual_set_hears_and_understands_and_there_are_voices_for_it() -> None:
    catalogue = load_catalogue()
    assert all(model.languages == ["multilingual"] for model in catalogue.members("multilingual"))
    voices = {language: catalogue.voice_of(language) for language in ("de", "es", "fr", "it", "pt", "ru", "zh")}
    assert voices.pop("zh") is None
    assert all(voices.values())


def test_every_file_of_a_recogniser_has_a_size_and_a_hash() -> None:
    for model in load_catalogue().models.values():
        if model.component == "asr":
            assert all(file.size and file.sha256 for file in model.files.values()), model.name


def test_the_joe_voice_repeats_both_statements_about_its_licence() -> None:
    joe = load_catalogue().models["tts/vits-joe"]
    for text in (joe.licence, joe.notice):
        assert "CC0" in text
        assert "lessac" in text


def test_sizes_of_fetched_and_installed_are_told_apart(entry: dict[str, Any]) -> None:
    plain = parse_model("toy/echo", entry, where="test")
    assert plain.installed_bytes == plain.fetched_bytes == 1_024_014
    entry["conversion"] = {"name": "bert_to_distilbert", "bytes": 77}
    assert parse_model("toy/echo", entry, where="test").installed_bytes == 77


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("purpse", "x", "unknown key 'purpse' (did you mean 'purpose'?)"),
        ("component", "ears", "component"),
        ("files", {"a": {"bytes": 1, "sha256": "abc"}}, "files.a.sha256"),
        ("files", {"a": {"bytes": 0, "sha256": "0" * 64}}, "files.a.bytes"),
        ("sources", [], "sources"),
        ("conversion", {"name": "magic", "bytes": 1}, "conversion.name"),
    ],
)
def test_a_wrong_entry_is_refused_naming_the_key(entry: dict[str, Any], key: str, value: Any, complaint: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        parse_model("toy/echo", {**entry, key: value}, where="catalogue.yml, toy/echo")
    assert str(error.value).startswith("catalogue.yml, toy/echo: ")
    assert complaint in str(error.value)


@pytest.mark.parametrize("name", ["echo", "../echo", "toy/../echo", "toy/echo/deep", "toy/.hidden"])
def test_a_name_that_is_no_folder_of_two_parts_is_refused(entry: dict[str, Any], name: str) -> None:
    with pytest.raises(ConfigurationError, match="test: name: "):
        parse_model(name, entry, where="test")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("whsper/base", "'whisper/base'"),
        ("en_core_web_sm", "'spacy/en_core_web_sm'"),
        ("joe", "the models are: whisper/tiny, whisper/tiny.en"),
        ("embedded", "--set embedded"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_right_one(wrong: str, right: str) -> None:
    with pytest.raises(ModelNotFound) as error:
        load_catalogue().fetchable(wrong)
    assert right in str(error.value)


def test_an_unknown_set_is_answered_with_the_sets() -> None:
    with pytest.raises(ModelNotFound, match="the sets are: default, embedded"):
        load_catalogue().members("embeded")
