"""What a folder looks like, told by its names and small files alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from convai_rasa.errors import ModelCorrupt
from convai_rasa.store.files import find_file
from convai_rasa.store.formats import FORMATS, Format, check_files, kind_of, listed, refusal
from convai_rasa.store.resolving import how_to_mend

WEIGHTS = ["model.safetensors"]


@pytest.mark.parametrize(
    ("config", "names", "kind", "words"),
    [
        ({"suppress_ids": []}, ["model.bin"], "whisper", "a Whisper model for CTranslate2"),
        ({}, ["model.bin", "vocabulary.txt"], "whisper", "a Whisper model for CTranslate2"),
        ({"model_type": "whisper"}, WEIGHTS, "whisper-transformers", "a Whisper model as transformers saves it"),
        (None, ["tiny.pt"], "whisper-openai", "a folder with tiny.pt, a PyTorch file, as OpenAI's whisper keeps"),
        (None, ["ggml-tiny.bin"], "whisper-cpp", "a model of whisper.cpp"),
        ({"model": "vits", "audio": {}}, ["model.pth"], "coqui", "a Coqui voice (vits)"),
        ({"generator_model": "x", "model": "gan", "audio": {}}, [], "vocoder", "a Coqui vocoder (x)"),
        (None, ["voice.json", "text.onnx", "wave.onnx"], "voice", "a voice for onnxruntime"),
        (None, ["a.onnx", "a.onnx.json"], "piper", "a folder with a.onnx.json, a Piper voice"),
        ({"model_type": "bert"}, WEIGHTS, "checkpoint", "a Hugging Face checkpoint of type 'bert'"),
        (
            {"model_type": "bert", "architectures": ["BertForSequenceClassification"]},
            WEIGHTS,
            "classifier",
            "a Hugging Face checkpoint of type 'bert' (BertForSequenceClassification)",
        ),
        (None, ["config.cfg"], "spacy", "a spaCy pipeline"),
        (None, ["intent_classifier.json"], "intents", "what IntentClassifier.save wrote"),
        (None, ["sentiment.json"], "sentiments", "what SentimentAnalyzer.save wrote"),
        (None, ["entity_extractor.json", "config.cfg"], "entities", "what EntityExtractor.save wrote"),
        (None, [], "empty", "an empty folder"),
        (None, [".git"], "empty", "an empty folder"),
        (None, ["b", "a"], "unknown", "a folder with a and b"),
        (None, list("abcdefgh"), "unknown", "a folder with a, b, c, d, e, f and 2 more"),
        ([1], ["model.bin"], "unknown", "a folder whose config.json is not a JSON object"),
    ],
)
def test_a_folder_is_told_by_its_files(tmp_path: Path, config: Any, names: list[str], kind: str, words: str) -> None:
    for name in names:
        (tmp_path / name).touch()
    if config is not None:
        (tmp_path / "config.json").write_text(json.dumps(config))
    found = kind_of(tmp_path)
    assert found.name == kind
    assert found.words.startswith(words)


def test_a_file_is_told_by_its_ending(tmp_path: Path) -> None:
    for name, kind in {"bot.tar.gz": "archive", "base.pt": "whisper-openai", "weights.bin": "file"}.items():
        (tmp_path / name).touch()
        assert kind_of(tmp_path / name).name == kind


def test_a_refusal_names_the_path_what_is_missing_what_it_is_and_who_takes_it(tmp_path: Path) -> None:
    (tmp_path / "config.cfg").touch()
    said = str(refusal(tmp_path, FORMATS["coqui"], ["config.json", "model.pth"]))
    assert said == (
        f"{tmp_path} is not a Coqui voice: it lacks config.json and model.pth, and it is a spaCy pipeline; "
        "EntityExtractor takes it."
    )
    assert str(refusal(tmp_path, FORMATS["spacy"], ["meta.json"])) == (
        f"{tmp_path} is not a spaCy pipeline: it lacks meta.json."
    )
    assert str(refusal(tmp_path, Format("", "a voice"), advice="sing it")) == (
        f"{tmp_path} is not a voice: it is a spaCy pipeline; sing it."
    )


def test_of_alternatives_one_is_enough_and_a_file_may_have_an_older_name(tmp_path: Path) -> None:
    (tmp_path / "config.json").touch()
    assert FORMATS["checkpoint"].lacks(tmp_path) == [
        "tokenizer.json or vocab.txt",
        "model.safetensors or pytorch_model.bin",
    ]
    assert FORMATS["coqui"].lacks(tmp_path) == ["model.pth"]
    for name in ("vocab.txt", "pytorch_model.bin.index.json", "best_model.pth"):
        (tmp_path / name).touch()
    assert FORMATS["checkpoint"].lacks(tmp_path) == FORMATS["coqui"].lacks(tmp_path) == []
    assert find_file(tmp_path, "model.pth") == tmp_path / "best_model.pth"
    (tmp_path / "model.pth").touch()
    assert find_file(tmp_path, "model.pth") == tmp_path / "model.pth"


def test_what_is_lacking_is_told_with_advice_and_pointers_before_anything_else(tmp_path: Path) -> None:
    (tmp_path / "voice.json").touch()
    (tmp_path / "wave.onnx").touch()
    with pytest.raises(ModelCorrupt, match=r"is not a voice for onnxruntime: it lacks text\.onnx; export it again\."):
        check_files(tmp_path, FORMATS["voice"], lambda path, missing: "export it again")
    (tmp_path / "text.onnx").touch()
    check_files(tmp_path, FORMATS["voice"])
    (tmp_path / "text.onnx").unlink()
    (tmp_path / "wave.onnx").write_text(
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
    )
    with pytest.raises(ModelCorrupt, match=r"wave\.onnx is a git-LFS pointer"):
        check_files(tmp_path, FORMATS["voice"])


@pytest.mark.parametrize("row", FORMATS.values(), ids=FORMATS)
def test_what_can_be_published_says_what_it_needs_and_what_runs_it(row: Format) -> None:
    assert not row.kinds or (row.needs and row.job)
    assert row.includes(row)
    assert not row.component or row.has == row.needs.split()[0]


def test_a_format_with_more_files_is_one_with_fewer_too() -> None:
    assert FORMATS["entities"].includes(FORMATS["spacy"])
    assert FORMATS["classifier"].includes(FORMATS["checkpoint"])
    assert not FORMATS["spacy"].includes(FORMATS["entities"])
    assert not FORMATS["whisper"].includes(FORMATS["coqui"])


def test_only_what_was_fetched_is_to_be_fetched_again(tmp_path: Path) -> None:
    assert how_to_mend(tmp_path) == "copy it again from where it came, or recreate it"
    (tmp_path / "convai-model.json").write_text('{"name": "whisper/base"}')
    assert how_to_mend(tmp_path) == "fetch it again with: convai models --force whisper/base"
    (tmp_path / "convai-model.json").write_text('{"name": "nlu/mine"}')
    assert how_to_mend(tmp_path) == "copy it again from where it came, or recreate it"


def test_names_are_listed_as_a_person_does() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
