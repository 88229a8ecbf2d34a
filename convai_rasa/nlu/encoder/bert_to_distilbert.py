"""The conversion of a published BERT encoder to a DistilBERT one, exactly, for texts of one segment."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np

from convai_rasa.errors import ModelError
from convai_rasa.nlu.encoder.bert import distilbert_config, distilbert_weights, weight_names
from convai_rasa.nlu.encoder.bert_forward import bert_states, distilbert_states

TOLERANCE = 1e-5  # of a hidden state; both are computed in double precision, so that only the weights can differ
_CONFIG_FILE, _WEIGHTS_FILE, _TOKENIZER_FILE = "config.json", "model.safetensors", "tokenizer.json"
_LONGEST_CHECKED = 128  # word pieces
_CHECK_TEXTS = [
    "hi",
    "Book a table for two at eight tonight, please.",
    "I've waited for 45 minutes and nobody came!!! That is terrible",
    "naïve café – 東京",
    "word " * 200,
]


def convert(source: Path, target: Path) -> float:
    """Rewrite a BERT checkpoint folder as a DistilBERT one and compare the two.

    Args:
        source: folder with config.json, model.safetensors and the tokenizer's files; README.md if it has one.
        target: empty folder.

    Returns:
        The largest absolute difference between the last hidden states of the two, over a few texts.

    Raises:
        ModelError: the checkpoint has a part DistilBERT cannot express, or the result differs from it.
    """
    from safetensors.numpy import load_file, save_file

    bert = json.loads((source / _CONFIG_FILE).read_text(encoding="utf-8"))
    config = {
        **distilbert_config(bert, source),
        "architectures": ["DistilBertModel"],
        "pad_token_id": bert.get("pad_token_id", 0),
    }
    (target / _CONFIG_FILE).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    weights = distilbert_weights(load_file(source / _WEIGHTS_FILE))
    absent = [name for name in weight_names(config["n_layers"]) if name not in weights]
    if absent:
        raise ModelError(f"the checkpoint lacks the weight {absent[0]!r}")
    kept = {name: weights[name] for name in weight_names(config["n_layers"])}
    save_file(kept, target / _WEIGHTS_FILE, metadata={"format": "pt"})
    _copy_tokenizer(source, target)
    if (source / "README.md").is_file():
        shutil.copyfile(source / "README.md", target / "MODEL_CARD.md")
    return _compare(source, target)


def _copy_tokenizer(source: Path, target: Path) -> None:
    """Copy what there is: tokenizer.json alone will do, which newer checkpoints and those with sentencepiece have."""
    for name in (_TOKENIZER_FILE, "vocab.txt", "special_tokens_map.json"):
        if name == _TOKENIZER_FILE or (source / name).is_file():
            shutil.copyfile(source / name, target / name)
    config = json.loads((source / "tokenizer_config.json").read_text(encoding="utf-8"))
    config.pop("name_or_path", None)
    if str(config.get("tokenizer_class")).startswith("Bert"):  # a sentencepiece tokenizer keeps its class
        config["tokenizer_class"] = "DistilBertTokenizer"
    config["model_input_names"] = ["input_ids", "attention_mask"]
    (target / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def _compare(source: Path, target: Path) -> float:
    """Run what was published and what was written, each from its own folder, and compare their hidden states."""
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    bert, distilbert = (load_file(folder / _WEIGHTS_FILE) for folder in (source, target))
    given, made = (json.loads((folder / _CONFIG_FILE).read_text(encoding="utf-8")) for folder in (source, target))
    heads = [given["num_attention_heads"], made["n_heads"]]
    difference = 0.0
    pieces: list[list[list[int]]] = []
    for folder in (source, target):
        tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER_FILE))
        tokenizer.enable_truncation(min(_LONGEST_CHECKED, made["max_position_embeddings"]))
        tokenizer.no_padding()
        pieces.append([encoding.ids for encoding in tokenizer.encode_batch(_CHECK_TEXTS)])
    if pieces[0] != pieces[1]:
        raise ModelError("the converted tokenizer splits texts differently from the original")
    try:
        for ids in pieces[0]:
            apart = distilbert_states(distilbert, ids, heads=heads[1]) - bert_states(bert, ids, heads=heads[0])
            difference = max(difference, float(np.nan_to_num(np.abs(apart), nan=np.inf).max()))
    except KeyError as error:
        raise ModelError(f"the checkpoint lacks the weight {error}") from error
    if difference > TOLERANCE:
        raise ModelError(
            f"the converted encoder differs from the original by {difference:.2g}, but at most {TOLERANCE} is allowed"
        )
    return difference
