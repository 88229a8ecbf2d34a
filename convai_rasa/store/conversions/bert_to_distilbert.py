"""BERT encoder → DistilBERT encoder, exactly, for texts of one segment.

The two compute the same but for three things: BERT adds an embedding of the segment (for one segment always row 0, so
it can be added to every position embedding once), DistilBERT has no pooler, and the layers have other names.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from convai_rasa.errors import ModelError

if TYPE_CHECKING:
    import torch
    from transformers import BertConfig, DistilBertConfig

TOLERANCE = 1e-4
LAYER_NAMES = {
    "attention.self.query": "attention.q_lin",
    "attention.self.key": "attention.k_lin",
    "attention.self.value": "attention.v_lin",
    "attention.output.dense": "attention.out_lin",
    "attention.output.LayerNorm": "sa_layer_norm",
    "intermediate.dense": "ffn.lin1",
    "output.dense": "ffn.lin2",
    "output.LayerNorm": "output_layer_norm",
}
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
    from transformers import BertModel, DistilBertModel

    bert = BertModel.from_pretrained(source, attn_implementation="eager").eval()
    distilbert = DistilBertModel(distilbert_config(bert.config)).eval()
    distilbert.load_state_dict(distilbert_weights(bert.state_dict(), bert.config.num_hidden_layers), strict=True)
    distilbert.save_pretrained(target)
    _copy_tokenizer(source, target)
    if (source / "README.md").is_file():
        shutil.copyfile(source / "README.md", target / "MODEL_CARD.md")
    return _compare(source, target)


def distilbert_config(bert: BertConfig) -> DistilBertConfig:
    """Translate the configuration.

    Raises:
        ModelError: the encoder uses something DistilBERT has fixed otherwise.
    """
    from transformers import DistilBertConfig

    if bert.layer_norm_eps != 1e-12 or bert.hidden_act != "gelu":
        raise ModelError(
            f"DistilBERT needs layer_norm_eps 1e-12 and gelu, this BERT has {bert.layer_norm_eps} and {bert.hidden_act}"
        )
    return DistilBertConfig(
        vocab_size=bert.vocab_size,
        max_position_embeddings=bert.max_position_embeddings,
        sinusoidal_pos_embds=False,
        n_layers=bert.num_hidden_layers,
        n_heads=bert.num_attention_heads,
        dim=bert.hidden_size,
        hidden_dim=bert.intermediate_size,
        dropout=bert.hidden_dropout_prob,
        attention_dropout=bert.attention_probs_dropout_prob,
        activation=bert.hidden_act,
        initializer_range=bert.initializer_range,
        pad_token_id=bert.pad_token_id,
    )


def distilbert_weights(bert: dict[str, torch.Tensor], layers: int) -> dict[str, torch.Tensor]:
    """Rename BERT's weights and fold the embedding of the first segment into the position embeddings."""
    segment = bert["embeddings.token_type_embeddings.weight"][0].double()
    positions = bert["embeddings.position_embeddings.weight"].double() + segment
    weights = {
        "embeddings.word_embeddings.weight": bert["embeddings.word_embeddings.weight"].clone(),
        "embeddings.position_embeddings.weight": positions.float(),
    }
    for kind in ("weight", "bias"):
        weights[f"embeddings.LayerNorm.{kind}"] = bert[f"embeddings.LayerNorm.{kind}"].clone()
        for layer in range(layers):
            for theirs, ours in LAYER_NAMES.items():
                original = bert[f"encoder.layer.{layer}.{theirs}.{kind}"]
                weights[f"transformer.layer.{layer}.{ours}.{kind}"] = original.clone()
    return weights


def _copy_tokenizer(source: Path, target: Path) -> None:
    for name in ("tokenizer.json", "vocab.txt", "special_tokens_map.json"):
        shutil.copyfile(source / name, target / name)
    config = json.loads((source / "tokenizer_config.json").read_text(encoding="utf-8"))
    config.pop("name_or_path", None)
    config["tokenizer_class"] = "DistilBertTokenizer"
    config["model_input_names"] = ["input_ids", "attention_mask"]
    (target / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def _compare(source: Path, target: Path) -> float:
    """Compare both folders as anybody would load them: alone, padded in a batch, and cut at the longest input."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    bert, distilbert = (AutoModel.from_pretrained(folder).eval() for folder in (source, target))
    bert_tokenizer, tokenizer = (AutoTokenizer.from_pretrained(folder) for folder in (source, target))
    difference = 0.0
    with torch.inference_mode():
        for texts in ([_CHECK_TEXTS[1]], _CHECK_TEXTS):
            options = {"padding": True, "truncation": True, "max_length": 128, "return_tensors": "pt"}
            encoded, bert_encoded = tokenizer(texts, **options), bert_tokenizer(texts, **options)
            if not torch.equal(encoded["input_ids"], bert_encoded["input_ids"]):
                raise ModelError("the converted tokenizer splits texts differently from the original")
            real = encoded["attention_mask"].bool()
            apart = distilbert(**encoded).last_hidden_state - bert(**bert_encoded).last_hidden_state
            difference = max(difference, float(apart[real].abs().max()))
    if not difference <= TOLERANCE:  # also true for nan
        raise ModelError(f"the converted encoder differs from the original by {difference:.2g}, allowed is {TOLERANCE}")
    return difference
