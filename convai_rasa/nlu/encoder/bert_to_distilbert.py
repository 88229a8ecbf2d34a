"""The conversion of a published BERT encoder to a DistilBERT one, exactly, for texts of one segment."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from convai_rasa.errors import ModelError
from convai_rasa.nlu.encoder.bert_forward import BERT_NAMES, DISTILBERT_NAMES, hidden_states
from convai_rasa.nlu.encoder.checkpoint import (
    CONFIG_FILE,
    TOKENIZER_CONFIG_FILE,
    TOKENIZER_FILE,
    VOCABULARY_FILE,
    read_checkpoint,
    read_tokenizer,
)
from convai_rasa.nlu.encoder.ctranslate import load_tokenizer
from convai_rasa.nlu.encoder.weights import SAFETENSORS_FILE

TOLERANCE = 1e-5  # of a hidden state; both are computed in double precision, so that only the weights can differ
_LONGEST_CHECKED = 128  # word pieces
_CHECK_TEXTS = [
    "hi",
    "Book a table for two at eight tonight, please.",
    "I've waited for 45 minutes and nobody came!!! That is terrible",
    "naïve café – 東京",
    "word " * 200,
]


def convert(source: Path, target: Path) -> float:
    """Rewrite a BERT checkpoint folder, with its README.md if it has one, as a DistilBERT one in an empty folder.

    Returns:
        The largest absolute difference between the last hidden states of the two, over a few texts.

    Raises:
        ModelError: the checkpoint has a part DistilBERT cannot express, or the result differs from it.
    """
    from safetensors.numpy import save_file

    checkpoint = read_checkpoint(source)
    config = {**checkpoint.config, "pad_token_id": _read(source / CONFIG_FILE).get("pad_token_id", 0)}
    (target / CONFIG_FILE).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    save_file(checkpoint.weights, target / SAFETENSORS_FILE, metadata={"format": "pt"})
    _copy_tokenizer(source, target)
    if (source / "README.md").is_file():
        shutil.copyfile(source / "README.md", target / "MODEL_CARD.md")
    return _compare(source, target)


def _copy_tokenizer(source: Path, target: Path) -> None:
    """Copy what there is: tokenizer.json alone will do, which newer checkpoints and those with sentencepiece have."""
    for name in (TOKENIZER_FILE, VOCABULARY_FILE, "special_tokens_map.json"):
        if name == TOKENIZER_FILE or (source / name).is_file():
            shutil.copyfile(source / name, target / name)
    config = _read(source / TOKENIZER_CONFIG_FILE)
    config.pop("name_or_path", None)
    if str(config.get("tokenizer_class")).startswith("Bert"):  # a sentencepiece tokenizer keeps its class
        config["tokenizer_class"] = "DistilBertTokenizer"
    config["model_input_names"] = ["input_ids", "attention_mask"]
    (target / TOKENIZER_CONFIG_FILE).write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def _compare(source: Path, target: Path) -> float:
    """Run what was published and what was written, each from its own folder, and compare their hidden states."""
    from safetensors.numpy import load_file

    bert, distilbert = (load_file(folder / SAFETENSORS_FILE) for folder in (source, target))
    given, made = (_read(folder / CONFIG_FILE) for folder in (source, target))
    longest = min(_LONGEST_CHECKED, made["max_position_embeddings"])
    tokenizers = [load_tokenizer(read_tokenizer(folder), max_length=longest) for folder in (source, target)]
    pieces = [[encoding.ids for encoding in each.encode_batch(_CHECK_TEXTS)] for each in tokenizers]
    if pieces[0] != pieces[1]:
        raise ModelError("the converted tokenizer splits texts differently from the original")
    difference = 0.0
    try:
        for ids in pieces[0]:
            apart = hidden_states(distilbert, ids, DISTILBERT_NAMES, heads=made["n_heads"])
            apart = apart - hidden_states(bert, ids, BERT_NAMES, heads=given["num_attention_heads"])
            difference = max(difference, float(np.nan_to_num(np.abs(apart), nan=np.inf).max()))
    except KeyError as error:
        raise ModelError(f"the checkpoint lacks the weight {error}") from error
    if difference > TOLERANCE:
        raise ModelError(
            f"the converted encoder differs from the original by {difference:.2g}, but at most {TOLERANCE} is allowed"
        )
    return difference


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
