from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from convai_rasa.errors import ConfigurationError, ModelCorrupt
from convai_rasa.nlu.encoder.unknown_pieces import MOST_LOST, check_language, lost_share, tokenizer_of
from convai_rasa.store import resolve

tokenizers = pytest.importorskip("tokenizers")
PROJECTS = Path(__file__).parents[2] / "project" / "projects"
UNREAD = ("arabic", "chinese", "hindi", "japanese", "russian", "urdu")
READ = ("french", "german", "spanish")


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    """Knows English words, three Greek letters one by one, and a Han character."""
    pieces = ["book", "a", "table", "##s", "2", "中", *"αβγ", *("##" + letter for letter in "αβγ")]
    return word_pieces([*pieces, *(f"word{number}" for number in range(2_000))])


def word_pieces(pieces: list[str]) -> Any:
    numbered = {piece: number for number, piece in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *pieces])}
    return tokenizers.implementations.BertWordPieceTokenizer(numbered)


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("book a table", 0.0),
        ("tables", 1 / 6),  # a letter by itself at the end of a word
        ("βαγ", 1.0),
        ("a β", 0.0),  # words of one letter
        ("中 中", 0.0),
        ("国国中", 2 / 3),
        ("book ηθ", 2 / 6),
        ("2 2 !? 😀", 0.0),
        ("", 0.0),
    ],
)
def test_letters_in_unknown_pieces_and_letters_by_themselves_are_lost(tokenizer: Any, text: str, lost: float) -> None:
    assert lost_share(tokenizer, [text]) == pytest.approx(lost)


def test_a_vocabulary_of_letters_spells_every_word_and_knows_it() -> None:
    assert lost_share(word_pieces([*"αβγ", *("##" + letter for letter in "αβγ")]), ["βαγ", "ωωω"]) == 0.5


def test_each_text_counts_the_same_however_long_it_is(tokenizer: Any) -> None:
    assert lost_share(tokenizer, ["book a table " * 20, "国", "2", "βαγ", "a"]) == 0.5
    assert lost_share(tokenizer, []) == 0.0


def test_a_single_byte_says_nothing() -> None:
    pieces = {"<unk>": 0, "▁": 1, "a": 2, **{f"<0x{byte:02X}>": 3 + byte for byte in range(256)}}
    model = tokenizers.models.BPE(pieces, [], unk_token="<unk>", byte_fallback=True)
    assert lost_share(tokenizers.Tokenizer(model), ["é", "a"]) == 0.5


def test_a_language_that_is_lost_is_refused_with_what_to_do(tokenizer: Any) -> None:
    check_language(tokenizer, ["book a table", "tables", "国"], model="nlu/minilm")
    with pytest.raises(ConfigurationError) as refused:
        check_language(tokenizer, ["book a table", "国国", "国"], model="nlu/minilm")
    assert str(refused.value).startswith("The encoder nlu/minilm does not know the language of this bot's examples: ")
    assert "67 % of them" in str(refused.value)
    assert "multilingual" in str(refused.value)


def test_a_folder_without_a_tokenizer_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt, match=str(tmp_path)):
        tokenizer_of(tmp_path)


@pytest.mark.models
@pytest.mark.parametrize("name", [*READ, *UNREAD])
def test_the_real_encoder_reads_languages_of_the_latin_script_and_no_others(name: str) -> None:
    content = yaml.safe_load((PROJECTS / name / "data" / "nlu.yml").read_text(encoding="utf-8"))["nlu"]
    texts = [line.removeprefix("- ") for item in content for line in item["examples"].splitlines()]
    assert (lost_share(tokenizer_of(resolve("nlu/minilm")), texts) > MOST_LOST) == (name in UNREAD)
