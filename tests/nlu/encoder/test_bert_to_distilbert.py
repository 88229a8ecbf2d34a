"""The conversion on a tiny BERT with random weights, and on the model it was written for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from convai_rasa.errors import ModelError
from convai_rasa.nlu.encoder import bert, bert_to_distilbert
from convai_rasa.nlu.encoder.bert_forward import BERT_NAMES, hidden_states
from convai_rasa.store import resolve
from convai_rasa.store.conversions import run_conversion

pytestmark = pytest.mark.processes

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "book", "a", "table", "word", "hi", "##s", "!", "."]


def make_bert(folder: Path, **changes: object) -> Path:
    """Write a BERT checkpoint of 2 layers and 16 dimensions, with its tokenizer, as a publisher would."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
    config = BertConfig(vocab_size=len(WORDS), max_position_embeddings=128, **{**sizes, **changes})
    BertModel(config).save_pretrained(folder)
    tokenizer = Tokenizer(models.WordPiece({word: row for row, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    special = {"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]"}
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    (folder / "special_tokens_map.json").write_text(json.dumps(special))
    own = {"tokenizer_class": "BertTokenizer", "name_or_path": "somewhere", "model_max_length": 128}
    (folder / "tokenizer_config.json").write_text(json.dumps({**special, **own}))
    return folder


def test_a_tiny_bert_gives_the_same_as_a_distilbert(tmp_path: Path) -> None:
    source = make_bert(tmp_path / "bert")
    target = tmp_path / "distilbert"
    target.mkdir()
    assert 0 <= run_conversion("bert_to_distilbert", source, target) < 1e-5
    config = json.loads((target / "config.json").read_text())
    assert (config["model_type"], config["n_layers"], config["dim"]) == ("distilbert", 2, 16)
    tokenizer = json.loads((target / "tokenizer_config.json").read_text())
    assert tokenizer["tokenizer_class"] == "DistilBertTokenizer"
    assert "name_or_path" not in tokenizer


def test_neither_torch_nor_transformers_is_asked_for(tmp_path: Path) -> None:
    source, target = make_bert(tmp_path / "bert"), tmp_path / "distilbert"
    target.mkdir()
    code = (
        "import sys; from pathlib import Path; sys.modules.update(dict.fromkeys(['torch', 'transformers']));"
        "from convai_rasa.nlu.encoder.bert_to_distilbert import convert;"
        "print(convert(*map(Path, sys.argv[1:])))"
    )
    command = [sys.executable, "-c", code, str(source), str(target)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    assert float(run.stdout) < 1e-6


def test_what_the_result_is_measured_against_is_what_transformers_computes(tmp_path: Path) -> None:
    import torch
    from safetensors.numpy import load_file
    from transformers import BertModel

    source = make_bert(tmp_path / "bert", initializer_range=0.5)
    ids = [2, 5, 6, 7, 12, 3]
    with torch.inference_mode():
        theirs = BertModel.from_pretrained(source).eval()(torch.tensor([ids])).last_hidden_state[0].numpy()
    ours = hidden_states(load_file(source / "model.safetensors"), ids, BERT_NAMES, heads=2)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_wrong_weight_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swapped = {**bert.LAYER_NAMES, "attention.self.query": "attention.k_lin"}
    swapped["attention.self.key"] = "attention.q_lin"
    swapped["attention.self.value"] = "attention.out_lin"
    swapped["attention.output.dense"] = "attention.v_lin"
    monkeypatch.setattr(bert, "LAYER_NAMES", swapped)
    source = make_bert(tmp_path / "bert", initializer_range=0.5)
    (tmp_path / "target").mkdir()
    with pytest.raises(ModelError, match=r"differs from the original by"):
        bert_to_distilbert.convert(source, tmp_path / "target")


def test_what_distilbert_cannot_express_is_refused(tmp_path: Path) -> None:
    source = make_bert(tmp_path / "bert", hidden_act="relu")
    (tmp_path / "target").mkdir()
    with pytest.raises(ModelError, match=r"hidden_act 'relu'; only 'gelu' is supported"):
        bert_to_distilbert.convert(source, tmp_path / "target")


@pytest.mark.models
def test_the_installed_minilm_loads_with_transformers_and_understands() -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer, DistilBertModel

    folder = resolve("nlu/minilm")
    model, tokenizer = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    assert isinstance(model, DistilBertModel)
    texts = ["I want to book a table", "reserve a place for dinner", "my card was stolen"]
    with torch.inference_mode():
        encoded = tokenizer(texts, padding=True, return_tensors="pt")
        mask = encoded["attention_mask"].unsqueeze(-1)
        hidden = (model(**encoded).last_hidden_state * mask).sum(1) / mask.sum(1)
    same, other = torch.nn.functional.cosine_similarity(hidden[:1], hidden[1:])
    assert same > other + 0.1
