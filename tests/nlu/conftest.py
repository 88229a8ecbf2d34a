"""Tiny genuine models, built in a second, for tests that need no download."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

GREETINGS = ["hello there", "good morning", "hi friend", "hey you", "good evening to you", "hello my friend"]
ORDERS = ["book a table", "reserve a table for two", "a table for four please", "book for tonight", "table for six"]
FAREWELLS = ["bye bye", "see you later", "good night", "goodbye now", "farewell", "see you soon"]


@pytest.fixture(scope="session")
def examples() -> tuple[list[str], list[str]]:
    """Sixteen-odd messages of three intents."""
    groups = {"greet": GREETINGS, "order": ORDERS, "leave": FAREWELLS}
    pairs = [(text, intent) for intent, texts in groups.items() for text in texts]
    return [text for text, _ in pairs], [intent for _, intent in pairs]


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random DistilBERT with 2 layers and 32 dimensions, written by transformers itself."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import DistilBertConfig, DistilBertModel

    folder = tmp_path_factory.mktemp("tiny-distilbert")
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
    tokenizer.save(str(folder / "tokenizer.json"))
    config = DistilBertConfig(
        vocab_size=tokenizer.get_vocab_size(), dim=32, hidden_dim=64, n_layers=2, n_heads=4, max_position_embeddings=40
    )
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        model = DistilBertModel(config)
        for parameter in model.parameters():  # the default spread is so small that all texts look alike
            if parameter.ndim > 1:
                torch.nn.init.normal_(parameter, std=0.15)
        model.save_pretrained(folder, safe_serialization=True)
    return folder


@pytest.fixture(scope="session")
def tiny_pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A blank English spaCy pipeline whose small ner learned two labels, with a tagger nobody needs."""
    import spacy
    from spacy.training import Example

    folder = tmp_path_factory.mktemp("tiny-spacy")
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
