from __future__ import annotations

import json
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convai_rasa.errors import ModelCorrupt
from convai_rasa.nlu.encoder.ctranslate import load_tokenizer
from convai_rasa.nlu.encoder.sequence_classifier import SequenceClassifier

pytestmark = pytest.mark.networks

TEXTS = ["hello there", "", "book a table for two tonight please", "naïve café – 東京 😀", "table " * 100]
LABELS = {0: "greet", 1: "order", 2: "leave"}


def make_checkpoint(folder: Path, tokenizer: Path, kind: str) -> Path:
    """A random DistilBERT or BERT with a head of three labels, written by transformers itself."""
    import torch
    import transformers

    shutil.copy(tokenizer / "tokenizer.json", folder)
    vocabulary = load_tokenizer((folder / "tokenizer.json").read_text(), max_length=9).get_vocab_size()
    shared = {"vocab_size": vocabulary, "max_position_embeddings": 40, "id2label": LABELS}
    shared["label2id"] = {label: number for number, label in LABELS.items()}
    config: Any
    if kind == "bert":
        sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
        config = transformers.BertConfig(**shared, **sizes)
    else:
        config = transformers.DistilBertConfig(**shared, dim=32, hidden_dim=64, n_layers=2, n_heads=4)
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore")
        torch.manual_seed(1)
        model = transformers.AutoModelForSequenceClassification.from_config(config)
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter, std=0.15)
        model.save_pretrained(folder)
    return folder


def reference_logits(folder: Path) -> np.ndarray:
    import torch
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = load_tokenizer((folder / "tokenizer.json").read_text(), max_length=40)
    with torch.inference_mode():
        rows = [model(input_ids=torch.tensor([tokenizer.encode(text).ids])).logits[0].numpy() for text in TEXTS]
    return np.stack(rows)


@pytest.fixture(scope="module", params=["distilbert", "bert"])
def checkpoint(request: pytest.FixtureRequest, tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp(request.param), tiny_checkpoint, request.param)


@pytest.fixture
def copy(checkpoint: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(checkpoint, tmp_path / "copy"))


def change_config(folder: Path, **changes: Any) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **changes}))


def test_float_logits_equal_those_of_transformers(checkpoint: Path) -> None:
    classifier = SequenceClassifier.from_checkpoint(checkpoint, quantization="float32")
    logits = classifier.logits(TEXTS)
    assert classifier.labels == ("greet", "order", "leave")
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, reference_logits(checkpoint), atol=1e-4)


def test_int8_logits_are_near_those_of_transformers(checkpoint: Path) -> None:
    expected = reference_logits(checkpoint)
    apart = np.abs(SequenceClassifier.from_checkpoint(checkpoint).logits(TEXTS) - expected).max()
    assert apart < 0.1 * np.ptp(expected)


def test_a_saved_classifier_answers_alike(checkpoint: Path, tmp_path: Path) -> None:
    classifier = SequenceClassifier.from_checkpoint(checkpoint, max_length=5)
    expected = classifier.logits(TEXTS)
    classifier.save(tmp_path / "first")
    del classifier
    SequenceClassifier(tmp_path / "first").save(tmp_path / "second")
    shutil.rmtree(tmp_path / "first")
    np.testing.assert_array_equal(SequenceClassifier(tmp_path / "second").logits(TEXTS), expected)


def test_no_texts_have_no_logits(checkpoint: Path) -> None:
    assert SequenceClassifier.from_checkpoint(checkpoint).logits([]).shape == (0, 3)


@pytest.mark.parametrize("form", ["pytorch", "float16", "bfloat16", "shards", "vocabulary"])
def test_every_way_to_write_a_checkpoint_is_read(copy: Path, form: str) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    weights = load_file(copy / "model.safetensors")
    if form in ("float16", "bfloat16"):  # the reference computes in float32 with the rounded weights
        weights = {name: array.to(getattr(torch, form)) for name, array in weights.items()}
        rounded = {name: array.float() for name, array in weights.items()}
        save_file(rounded, copy / "model.safetensors", metadata={"format": "pt"})
    expected = reference_logits(copy)
    (copy / "model.safetensors").unlink()
    if form == "pytorch":
        torch.save(weights, copy / "pytorch_model.bin")
    elif form in ("float16", "bfloat16"):
        save_file(weights, copy / "model.safetensors")
    elif form == "shards":
        files = {name: f"model-0000{number % 2 + 1}-of-00002.safetensors" for number, name in enumerate(weights)}
        for file in set(files.values()):
            save_file({name: weights[name] for name in files if files[name] == file}, copy / file)
        (copy / "model.safetensors.index.json").write_text(json.dumps({"weight_map": files}))
    else:
        vocabulary = load_tokenizer((copy / "tokenizer.json").read_text(), max_length=9).get_vocab()
        (copy / "vocab.txt").write_text("\n".join(sorted(vocabulary, key=vocabulary.__getitem__)) + "\n")
        (copy / "tokenizer_config.json").write_text('{"do_lower_case": true}')
        (copy / "tokenizer.json").unlink()
        save_file(weights, copy / "model.safetensors")
    logits = SequenceClassifier.from_checkpoint(copy, quantization="float32").logits(TEXTS)
    np.testing.assert_allclose(logits, expected, atol=1e-4)


def test_the_old_names_of_layer_norms_are_read(tmp_path: Path, tiny_checkpoint: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = make_checkpoint(tmp_path, tiny_checkpoint, "bert")
    expected = reference_logits(folder)
    weights = load_file(folder / "model.safetensors")
    for now, then in (("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta")):
        weights = {name.replace(now, then): array for name, array in weights.items()}
    save_file(weights, folder / "model.safetensors")
    logits = SequenceClassifier.from_checkpoint(folder, quantization="float32").logits(TEXTS)
    np.testing.assert_allclose(logits, expected, atol=1e-4)


def test_a_cased_vocabulary_stays_cased(tmp_path: Path, tiny_checkpoint: Path) -> None:
    folder = make_checkpoint(tmp_path, tiny_checkpoint, "bert")
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    size = json.loads((folder / "config.json").read_text())["vocab_size"]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "Paris", "paris"]
    (folder / "vocab.txt").write_text("\n".join([*pieces, *(f"##{number}" for number in range(size - len(pieces)))]))
    upper, lower = SequenceClassifier.from_checkpoint(folder, quantization="float32").logits(["Paris", "paris"])
    assert not np.allclose(upper, lower)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model_type": "roberta"}, "type 'roberta'"),
        ({"architectures": ["BertModel"]}, "no sequence-classification head"),
        ({"problem_type": "multi_label_classification"}, "multi_label_classification head"),
        ({"id2label": {"0": "a", "1": "b"}}, "names 2 labels in id2label, the weights have 3"),
    ],
)
def test_other_checkpoints_are_refused(copy: Path, changes: dict[str, Any], message: str) -> None:
    change_config(copy, **changes)
    with pytest.raises(ModelCorrupt, match=message):
        SequenceClassifier.from_checkpoint(copy)


def test_labels_without_names_are_numbered(copy: Path) -> None:
    change_config(copy, id2label=None)
    assert SequenceClassifier.from_checkpoint(copy).labels == ("LABEL_0", "LABEL_1", "LABEL_2")


def test_a_bert_with_another_epsilon_is_refused(tmp_path: Path, tiny_checkpoint: Path) -> None:
    folder = make_checkpoint(tmp_path, tiny_checkpoint, "bert")
    change_config(folder, layer_norm_eps=1e-5)
    with pytest.raises(ModelCorrupt, match="layer_norm_eps 1e-05"):
        SequenceClassifier.from_checkpoint(folder)


@pytest.mark.parametrize("content", [b"", b"not weights", b"\x80\x04cos\nsystem\n."])
def test_damaged_pytorch_weights_are_refused(copy: Path, content: bytes) -> None:
    (copy / "model.safetensors").unlink()
    (copy / "pytorch_model.bin").write_bytes(content)
    with pytest.raises(ModelCorrupt, match=r"pytorch_model\.bin cannot be read"):
        SequenceClassifier.from_checkpoint(copy)


def test_a_missing_shard_is_named(copy: Path) -> None:
    (copy / "model.safetensors").rename(copy / "spare")
    (copy / "model.safetensors.index.json").write_text('{"weight_map": {"a": "model-1.safetensors"}}')
    with pytest.raises(ModelCorrupt, match=r"lacks model-1\.safetensors"):
        SequenceClassifier.from_checkpoint(copy)


def test_a_folder_with_something_else_is_no_saved_classifier(tiny_checkpoint: Path) -> None:
    with pytest.raises(ModelCorrupt, match="is not a saved classifier"):
        SequenceClassifier(tiny_checkpoint)


@pytest.mark.processes
def test_neither_torch_nor_transformers_is_imported(checkpoint: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from convai_rasa.nlu.encoder import SequenceClassifier;"
        "SequenceClassifier.from_checkpoint(Path(sys.argv[1])).logits(['hello']);"
        "print([name for name in ('torch', 'transformers') if name in sys.modules])"
    )
    command = [sys.executable, "-W", "ignore", "-c", code, str(checkpoint)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "[]"
