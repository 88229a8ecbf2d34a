"""Encoders, classifiers and pipelines with a few weights, written by transformers and spaCy themselves."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

GREETINGS = ["hello there", "good morning", "hi friend", "hey you", "good evening to you", "hello my friend"]
ORDERS = ["book a table", "reserve a table for two", "a table for four please", "book for tonight", "table for six"]
MULTILINGUAL = [
    "guten Tag", "Guten Morgen", "hasta luego", "bonjour à tous", "добрый день", "你好", "再 见", "नमस्ते जी",
    "صباح الخير",
]  # fmt: skip
FAREWELLS = ["bye bye", "see you later", "good night", "goodbye now", "farewell", "see you soon"]


def save_encoder(folder: Path, *, dim: int = 32) -> Path:
    """Write a random DistilBERT with 2 layers, as ``save_pretrained`` does."""
    from transformers import DistilBertModel

    return _save(folder, DistilBertModel, dim=dim)


def save_classifier(folder: Path, labels: tuple[str, ...]) -> Path:
    """Write a random DistilBERT with a head that tells labels apart, as a fine-tuned one is saved."""
    from transformers import DistilBertForSequenceClassification

    named = dict(enumerate(labels))
    return _save(
        folder,
        DistilBertForSequenceClassification,
        dim=32,
        id2label=named,
        label2id={label: number for number, label in named.items()},
    )


def save_multilingual_distilbert(folder: Path) -> Path:
    """Write a random DistilBERT with a cased WordPiece tokenizer of several scripts, as the multilingual one has it."""
    from transformers import DistilBertConfig, DistilBertModel, DistilBertTokenizer

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = sorted({letter for text in MULTILINGUAL for letter in text if not letter.isspace()})
    words = sorted({word for text in MULTILINGUAL for word in text.split()} - set(letters))
    pieces = [*special, *letters, *words, *(f"##{letter}" for letter in letters)]
    tokenizer = DistilBertTokenizer({piece: number for number, piece in enumerate(pieces)}, do_lower_case=False)
    config = DistilBertConfig(
        vocab_size=len(pieces), dim=32, hidden_dim=64, n_layers=2, n_heads=4, max_position_embeddings=40
    )
    return _save_both(folder, DistilBertModel, config, tokenizer)


def save_multilingual_minilm(folder: Path) -> Path:
    """Write a random BERT with the sentencepiece tokenizer of XLM-R, as the multilingual MiniLM has it."""
    from transformers import BertConfig, BertModel, XLMRobertaTokenizer

    words = sorted({f"▁{word}" for text in MULTILINGUAL for word in text.split()})
    letters = sorted({letter for text in MULTILINGUAL for letter in text if not letter.isspace()})
    pieces = [*((piece, 0.0) for piece in ("<s>", "<pad>", "</s>", "<unk>")), ("▁", -4.0)]
    pieces += [*((word, -3.0) for word in words), *((letter, -6.0) for letter in letters)]
    config = BertConfig(
        vocab_size=len(pieces) + 3, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=40, pad_token_id=1,
    )  # fmt: skip
    return _save_both(folder, BertModel, config, XLMRobertaTokenizer(pieces))


def save_pipeline(folder: Path) -> Path:
    """Write a blank English spaCy pipeline whose small ner learned two labels, with a pipe nobody needs."""
    import spacy
    from spacy.training import Example

    pipeline = spacy.blank("en")
    pipeline.config["initialize"]["lookups"] = None
    pipeline.add_pipe("sentencizer")
    pipeline.add_pipe("ner")
    sentences = [
        (f"a flight to {city} for {name}", city, name) for city in ("Paris", "Rome") for name in ("Anna", "Bob")
    ]
    samples = []
    for text, city, name in sentences:
        spans = [
            (text.index(word), text.index(word) + len(word), label) for word, label in ((city, "GPE"), (name, "PERSON"))
        ]
        samples.append(Example.from_dict(pipeline.make_doc(text), {"entities": spans}))
    spacy.util.fix_random_seed(0)
    optimizer = pipeline.initialize(lambda: samples)
    for _ in range(30):
        pipeline.update(samples, sgd=optimizer)
    pipeline.to_disk(folder)
    return folder


def _save_both(folder: Path, architecture: Any, config: Any, tokenizer: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save_pretrained(folder)
    _save_random(folder, architecture, config)
    return folder


def _save(folder: Path, architecture: Any, *, dim: int, **config: Any) -> Path:
    from transformers import DistilBertConfig

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = DistilBertConfig(
        vocab_size=tokenizer.get_vocab_size(), dim=dim, hidden_dim=64, n_layers=2, n_heads=4,
        max_position_embeddings=40, **config,
    )  # fmt: skip
    _save_random(folder, architecture, settings)
    return folder


def _save_random(folder: Path, architecture: Any, config: Any) -> None:
    import torch

    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        model = architecture(config)
        for parameter in model.parameters():  # the default spread is so small that all texts look alike
            if parameter.ndim > 1:
                torch.nn.init.normal_(parameter, std=0.15)
        model.save_pretrained(folder, safe_serialization=True)


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    # Whole words and letters, in a fixed order: a trained vocabulary would be another one in each run.
    words = {word for text in GREETINGS + ORDERS + FAREWELLS for word in text.split()}
    letters = {letter for word in words for letter in word}
    pieces = [*special, *sorted(words | letters), *sorted("##" + letter for letter in letters)]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer
