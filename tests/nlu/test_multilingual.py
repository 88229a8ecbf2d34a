"""Encoders of many languages: the sentencepiece tokenizer of XLM-R, and a cased WordPiece one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tiny import TinyModels
from tiny_nlu import MULTILINGUAL

from convai_rasa.errors import ConfigurationError
from convai_rasa.nlu import IntentClassifier
from convai_rasa.nlu.encoder import bert_to_distilbert
from convai_rasa.nlu.encoder.checkpoint import read_checkpoint
from convai_rasa.nlu.encoder.ctranslate import encoder_from_checkpoint, normalise
from convai_rasa.nlu.encoder.unknown_pieces import lost_share, tokenizer_of

pytestmark = [pytest.mark.needs("transformers"), pytest.mark.rasa]
KINDS = ("multilingual-minilm", "multilingual-distilbert")


@pytest.mark.parametrize("kind", KINDS)
def test_an_encoder_of_many_languages_gives_what_transformers_gives(tiny_models: TinyModels, kind: str) -> None:
    import torch
    import transformers

    folder = tiny_models(kind)
    encoder = encoder_from_checkpoint(read_checkpoint(folder), max_length=40, quantization="float32")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder).eval()
    with torch.no_grad():
        expected = [
            model(torch.tensor([tokenizer(text)["input_ids"]])).last_hidden_state[0].mean(dim=0).numpy()
            for text in MULTILINGUAL
        ]
    np.testing.assert_allclose(encoder.encode(MULTILINGUAL), normalise(np.stack(expected)), atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns_intents_in_languages_that_an_english_one_refuses(
    tiny_models: TinyModels, tiny_checkpoint: Path, tmp_path: Path, kind: str
) -> None:
    texts = [text for text in MULTILINGUAL if not text.isascii()]
    intents = ["hello" if number % 2 else "bye" for number in range(len(texts))]
    classifier = IntentClassifier()
    with pytest.raises(ConfigurationError, match="does not know the language of this bot's examples"):
        classifier.train(texts, intents, base_model=str(tiny_checkpoint), strategy="frozen", max_length=30)
    classifier.train(texts, intents, base_model=str(tiny_models(kind)), strategy="frozen", max_length=30)
    classifier.save(tmp_path / "saved")
    loaded = IntentClassifier(tmp_path / "saved")
    assert [found.name for found in loaded.predict(texts)] == intents


def test_what_the_sentencepiece_vocabulary_lacks_is_lost(tiny_models: TinyModels) -> None:
    tokenizer = tokenizer_of(tiny_models("multilingual-minilm"))
    assert lost_share(tokenizer, MULTILINGUAL) == 0
    assert lost_share(tokenizer, ["ქართული", "ქართული ენა"]) == 1


def test_a_multilingual_bert_is_converted_with_its_tokenizer(tiny_models: TinyModels, tmp_path: Path) -> None:
    import transformers

    assert bert_to_distilbert.convert(tiny_models("multilingual-minilm"), tmp_path) < 1e-5
    assert json.loads((tmp_path / "tokenizer_config.json").read_text())["tokenizer_class"] != "DistilBertTokenizer"
    before, after = (
        encoder_from_checkpoint(read_checkpoint(folder), max_length=40, quantization="float32").encode(MULTILINGUAL)
        for folder in (tiny_models("multilingual-minilm"), tmp_path)
    )
    np.testing.assert_allclose(before, after, atol=1e-6)
    pieces = [
        transformers.AutoTokenizer.from_pretrained(folder)(MULTILINGUAL)["input_ids"]
        for folder in (tiny_models("multilingual-minilm"), tmp_path)
    ]
    assert pieces[0] == pieces[1]
