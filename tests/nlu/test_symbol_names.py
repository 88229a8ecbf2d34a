from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tiny import TinyModels

from convai_rasa.nlu import IntentClassifier
from convai_rasa.nlu.symbol_names import SymbolNames

tokenizers = pytest.importorskip("tokenizers")
pytestmark = [pytest.mark.needs("emoji"), pytest.mark.rasa]


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    """Knows letters, digits and two symbols."""
    known = [*map(chr, range(33, 127)), "♥", "€"]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *known, *("##" + piece for piece in known)]
    return tokenizers.implementations.BertWordPieceTokenizer({piece: number for number, piece in enumerate(pieces)})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("👍", "thumbs up"),
        ("👍🏽 👍🏿", "thumbs up thumbs up"),  # whatever the color of the skin
        ("great👎thanks", "great thumbs down thanks"),  # the word next to it is not lost
        ("❤️ ❤", "red heart red heart"),
        ("👨‍👩‍👧", "family man woman girl"),
        ("👩🏽‍💻", "woman technologist"),
        ("🧑‍🚀‍🔥", "person rocket fire"),  # a sequence that nobody has named
        ("🇩🇪", "Germany"),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "England"),
        ("1️⃣", "keycap 1"),
        ("✓ done", "check mark done"),
        ("(👍)", "( thumbs up )"),
        ("🏽", "medium skin tone"),
        ("I ♥ 5 €", "I ♥ 5 €"),  # known
        (":-) :D <3 ^^", ":-) :D <3 ^^"),
        ("(╯°□°)╯︵ ┻━┻", "(╯°□°)╯︵ ┻━┻"),
        ("(❤ω❤) ¯\\_(ツ)_/¯", "(❤ω❤) ¯\\_(ツ)_/¯"),
        ("two  spaces, café, 東京", "two  spaces, café, 東京"),
        ("", ""),
    ],
)
def test_what_is_unknown_gets_a_name(tokenizer: Any, text: str, named: str) -> None:
    names = SymbolNames(tokenizer, "en")
    assert names([text]) == [named]
    assert names(names([text])) == [named]  # naming twice changes nothing


@pytest.mark.parametrize(
    ("language", "named"),
    [("de", "daumen hoch"), ("es-MX", "pulgar hacia arriba"), ("FR", "pouce vers le haut"), ("zh", "thumbs up")],
)
def test_names_are_in_the_bots_language_where_there_are_any(tokenizer: Any, language: str, named: str) -> None:
    assert SymbolNames(tokenizer, language)(["👍"]) == [named]


def test_emoji_are_told_apart_after_saving_and_a_model_of_before_loads(tiny_models: TinyModels, tmp_path: Path) -> None:
    texts = ["👍", "👍👍", "👎", "👎👎", "😢", "😢😢"]
    classifier = IntentClassifier()
    settings = {"strategy": "frozen", "max_length": 30, "intent_names": False}
    classifier.train(texts, [text[0] for text in texts], base_model=str(tiny_models("minilm")), **settings)
    classifier.save(tmp_path / "new")
    loaded = IntentClassifier(tmp_path / "new")
    assert [found.name for found in loaded.predict(["👍🏿", "👎🏻", "😢"])] == ["👍", "👎", "😢"]
    file = tmp_path / "new" / "intent_classifier.json"
    written = file.read_text(encoding="utf-8")
    file.write_text(written.replace('"symbols": "en",', ""), encoding="utf-8")  # as earlier versions wrote it
    assert file.read_text(encoding="utf-8") != written
    earlier = IntentClassifier(tmp_path / "new").predict(["👍", "👎", "😢"])
    assert len({(found.name, found.confidence) for found in earlier}) == 1  # to it they are one piece, as they were


@pytest.mark.models
def test_three_intents_of_emoji_are_told_apart_by_the_real_encoder() -> None:
    classifier = IntentClassifier()
    texts = ["👍", "👌", "yes", "👎", "no", "😢", "😭", "I am sad"]
    intents = ["affirm", "affirm", "affirm", "deny", "deny", "sad", "sad", "sad"]
    classifier.train(texts, intents, base_model="nlu/minilm", strategy="frozen")
    found = classifier.predict(["👍🏽", "👎🏿", "😢", "yes 👍", "😞"])
    assert [one.name for one in found] == ["affirm", "deny", "sad", "affirm", "sad"]
