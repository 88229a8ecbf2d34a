"""``--deep``: models of every kind are loaded and run in a process of their own, and what is damaged is found."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from tiny import KIND_OF_ROW, TinyModels

from convai_rasa.cli import main
from convai_rasa.commands.models import deep
from convai_rasa.commands.models.deep import deep_check
from convai_rasa.errors import MissingExtra, ModelCorrupt
from convai_rasa.store import resolve
from convai_rasa.store.catalogue import load_catalogue

pytestmark = [pytest.mark.processes, pytest.mark.needs("faster_whisper", "gruut", "transformers", "pkg_resources")]

SECONDS = r"\d+(\.\d)? m?s"
SAID = {
    "whisper": rf"heard (no words,|'.*') in {SECONDS}",
    "whisper-english": rf"heard (no words,|'.*') in {SECONDS}",
    "whisper-128-mels": rf"heard (no words,|'.*') in {SECONDS}",
    "tacotron2": rf"spoke for \d\.\d s in {SECONDS}",
    "glow_tts": rf"spoke for \d\.\d s in {SECONDS}",
    "vits": rf"spoke for \d\.\d s in {SECONDS}",
    "voice": rf"spoke for \d\.\d s in {SECONDS}",
    "distilbert": rf"embedded a text in 32 numbers in {SECONDS}",
    "minilm": rf"embedded a text in 384 numbers in {SECONDS}",
    "multilingual-minilm": rf"embedded a text in 32 numbers in {SECONDS}",
    "multilingual-distilbert": rf"embedded a text in 32 numbers in {SECONDS}",
    "intents": rf"took a text for '(greet|order|leave)' \(\d\.\d\d\) in {SECONDS}",
    "spacy": rf"found (no entities in a text|'.*' \(.*\)) in {SECONDS}",
}
WEIGHTS = {
    "whisper": "model.bin",
    "glow_tts": "vocoder/model.pth",
    "voice": "wave.onnx",
    "distilbert": "model.safetensors",
    "spacy": "ner/model",
}


@pytest.fixture(autouse=True)
def generated_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    """No voice is asked for a sentence: that is the test of the real models."""
    monkeypatch.setattr(deep, "_voices", lambda tree: [])
    deep._sentence.cache_clear()


@pytest.mark.parametrize("kind", SAID)
def test_every_kind_runs(tiny_models: TinyModels, kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tiny_models(kind)
    capfd.readouterr()
    rows = [row for row in load_catalogue().models.values() if KIND_OF_ROW.get(row.name) == kind]
    assert re.fullmatch(f"mine: {SAID[kind]}", deep_check("mine", folder, rows[0].component if rows else None))
    assert capfd.readouterr() == ("", "")


def test_every_row_of_the_catalogue_is_of_a_kind_that_runs() -> None:
    assert {KIND_OF_ROW[name] for name in load_catalogue().models} <= set(SAID)


def test_what_this_package_saves_runs(tiny_models: TinyModels, tmp_path: Path) -> None:
    from tiny_nlu import GREETINGS, ORDERS

    from convai_rasa.nlu import EntityExtractor, IntentClassifier, SentimentAnalyzer

    classifier = IntentClassifier()
    labels = ["greet"] * len(GREETINGS) + ["order"] * len(ORDERS)
    base = str(tiny_models("distilbert"))
    classifier.train([*GREETINGS, *ORDERS], labels, base_model=base, strategy="frozen", max_length=32)
    classifier.save(tmp_path / "intents")
    analyzer = SentimentAnalyzer(base, trained=False)
    analyzer.train(["hello my friend", "book a table", "goodbye now"], ["positive", "neutral", "negative"])
    analyzer.save(tmp_path / "sentiments")
    EntityExtractor(tiny_models("spacy")).save(tmp_path / "entities")
    assert re.fullmatch(rf"a: took a text for '(greet|order)' .*in {SECONDS}", deep_check("a", tmp_path / "intents"))
    assert re.fullmatch(r"b: found a text (negative|neutral|positive) .*", deep_check("b", tmp_path / "sentiments"))
    assert re.fullmatch(rf"c: found .* in {SECONDS}", deep_check("c", tmp_path / "entities"))
    assert re.fullmatch(rf"c: found .* in {SECONDS}", deep_check("c", tmp_path / "entities", "spacy"))


@pytest.mark.parametrize("damage", ["cut", "garbage"])
@pytest.mark.parametrize("kind", WEIGHTS)
def test_damaged_weights_are_found(tiny_models: TinyModels, tmp_path: Path, kind: str, damage: str) -> None:
    folder = Path(shutil.copytree(tiny_models(kind), tmp_path / kind))
    weights = folder / WEIGHTS[kind]
    whole = weights.read_bytes()
    noise = np.random.default_rng(1).bytes(len(whole))
    weights.write_bytes(whole[: len(whole) // 2] if damage == "cut" else noise)
    with pytest.raises(ModelCorrupt, match=re.escape(str(folder))) as found:
        deep_check("mine", folder)
    assert "\n" not in str(found.value)


def no_numbers(folder: Path, kind: str) -> None:
    """Make weights of a model something that no training gives: NaN."""
    import torch
    from safetensors.numpy import load_file, save_file

    weights = folder / WEIGHTS.get(kind, "model.safetensors")
    if kind == "spacy":
        import spacy

        pipeline = spacy.load(folder)
        layer = next(node for node in pipeline.get_pipe("ner").model.walk() if node.has_param("W"))
        layer.set_param("W", np.full_like(layer.get_param("W"), np.nan))
        pipeline.to_disk(folder)
    elif weights.suffix == ".onnx":
        import onnx

        graph = onnx.load(weights)
        values = next(weight for weight in graph.graph.initializer if len(weight.dims) > 1)
        values.raw_data = np.full(tuple(values.dims), np.nan, np.float32).tobytes()
        onnx.save(graph, weights)
    elif weights.suffix == ".safetensors":
        arrays = load_file(weights)
        name = next(name for name in arrays if name.endswith(("fc1.weight", "lin1.weight")))
        save_file({**arrays, name: np.full_like(arrays[name], np.nan)}, weights, metadata={"format": "pt"})
    else:
        checkpoint = torch.load(weights, weights_only=True)
        name = next(name for name, value in checkpoint["model"].items() if value.ndim > 1 and "weight" in name)
        checkpoint["model"][name].fill_(np.nan)
        torch.save(checkpoint, weights)


@pytest.mark.parametrize("kind", ["whisper-transformers", *list(WEIGHTS)[1:]])
def test_weights_that_are_no_numbers_are_found(tiny_models: TinyModels, tmp_path: Path, kind: str) -> None:
    from tiny_whisper import convert

    folder = Path(shutil.copytree(tiny_models(kind), tmp_path / "mine"))
    no_numbers(folder, kind)
    if kind == "whisper-transformers":
        folder = convert(folder, tmp_path / "converted")
    with pytest.raises(ModelCorrupt, match=re.escape(str(folder))):
        deep_check("mine", folder)


def test_a_folder_that_is_no_model_is_refused(tiny_models: TinyModels, tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt, match="is not a model that can be run: it is an empty folder"):
        deep_check("mine", tmp_path)
    with pytest.raises(ModelCorrupt, match="it is a spaCy pipeline; EntityExtractor takes it"):
        deep_check("mine", tiny_models("spacy"), "asr")
    with pytest.raises(ModelCorrupt, match=r"it is a Coqui vocoder \(hifigan_generator\)"):
        deep_check("mine", tiny_models("tacotron2") / "vocoder")


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("kill -SEGV $$", "cannot be loaded and run (its process was ended by SIGSEGV)."),
        (
            "kill -KILL $$",
            "cannot be loaded and run (its process was ended by SIGKILL, perhaps because memory",
        ),
        ("echo out of luck >&2; exit 3", "cannot be loaded and run (out of luck)"),
        ("exec sleep 60", "cannot be loaded and run (it was not done within 0.3 s)."),
    ],
)
def test_whatever_becomes_of_the_process_is_told(
    tiny_models: TinyModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, sentence: str
) -> None:
    folder = tiny_models("distilbert")
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\n{program}\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    with pytest.raises(ModelCorrupt, match=re.escape(f"mine in {folder} {sentence}")):
        deep_check("mine", folder, limit_s=0.3 if "sleep" in program else 60)


def test_a_missing_package_is_not_the_models_fault(
    tiny_models: TinyModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ctranslate2.py").write_text("raise ImportError('not here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(MissingExtra, match=r"pip install 'convai-rasa\[rasa,nlu\]'"):
        deep_check("mine", tiny_models("distilbert"))


def test_the_command_runs_a_users_own_folder_and_says_what_is_wrong_with_another(
    tiny_models: TinyModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "models" / "nlu").mkdir(parents=True)
    (tmp_path / "models" / "nlu" / "custom").symlink_to(tiny_models("intents"))
    monkeypatch.chdir(tmp_path)
    assert main(["models", "--verify", "--deep", "models/nlu/custom/"]) == 0
    out = capsys.readouterr().out
    assert re.search(rf"models/nlu/custom/: {SAID['intents']}\n1 model verified\.", out)
    assert main(["models", "--verify", "models/nlu/custom/"]) == 1
    assert "nothing to compare it with" in capsys.readouterr().err
    assert main(["models", "--verify", "--deep", "models/nlu/"]) == 1
    assert "is not a model that can be run: it is a folder of folders (custom)." in capsys.readouterr().err


@pytest.mark.models
def test_the_real_models_do_what_they_are_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    said = {
        "whisper/tiny.en": "heard 'I would like to book a table for four people.' in ",
        "whisper/base": "heard 'I would like to book a table for four people.' in ",
        "tts/vits-joe": "spoke for 2.",
        "nlu/minilm": "embedded a text in 384 numbers in ",
        "spacy/en_core_web_sm": "found 'Paris' (GPE), 'Anna' (PERSON), ",
    }
    for name, beginning in said.items():
        line = deep_check(name, resolve(name), load_catalogue().models[name].component)
        assert line.startswith(f"{name}: {beginning}")
