"""What the tokenizer of a checkpoint makes of a project's texts: pieces of words, or letters and ``[UNK]``.

An encoder learned its language through the pieces of its vocabulary. Where a text falls into pieces that say nothing,
the encoder cannot tell its meaning, however many examples there are. Two kinds of letters say nothing:

- one in a piece that stands for anything unknown (``[UNK]``, or single bytes);
- one that is a piece by itself within a longer word: the vocabulary holds the script's letters, but none of its words.
  A Han character is a word of its own, so it counts as known; and to a vocabulary of letters alone every word is
  spelled, which says nothing about it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from convai_rasa.errors import ConfigurationError
from convai_rasa.nlu.encoder.checkpoint import read_tokenizer
from convai_rasa.nlu.encoder.ctranslate import load_tokenizer

# Above it character n-grams tell intents better than the encoder: chosen on French mixed with six other languages, and
# confirmed on German and Spanish mixed with the same (docs/languages.md).
MOST_LOST = 0.4
REMEDY = (
    "set its 'model' to a multilingual checkpoint, by name (convai models --set multilingual fetches "
    "nlu/multilingual-minilm) or by path, or keep the classifier you had (convai add --no-intents)"
)
_ANYTHING = ("[UNK]", "<unk>", *(f"<0x{byte:02X}>" for byte in range(256)))
_LETTERS_ALONE = 2_000  # pieces; a vocabulary of words has ten times as many
_SPACE = "\u2581"
_LONGEST = 512  # word pieces of a text that are looked at


def tokenizer_of(folder: Path) -> Any:
    """Return the tokenizer of a checkpoint folder.

    Raises:
        ModelCorrupt: it has none that can be read.
    """
    return load_tokenizer(read_tokenizer(folder), max_length=_LONGEST)


def lost_share(tokenizer: Any, texts: Sequence[str]) -> float:
    """Return the share of letters, 0 to 1, that say nothing to an encoder, on average over the texts that have any.

    ``tokenizer`` is a ``tokenizers.Tokenizer``.
    """
    anything = unknown_ids(tokenizer)
    spells = tokenizer.get_vocab_size() < _LETTERS_ALONE
    shares = []
    for text, encoding in zip(texts, tokenizer.encode_batch(list(texts)), strict=True):
        words: dict[int, list[int]] = {}
        for index, word in enumerate(encoding.word_ids):
            if word is not None:
                words.setdefault(word, []).append(index)
        counts = [_of_word(text, encoding, pieces, anything, spells=spells) for pieces in words.values()]
        letters = sum(letters for letters, _ in counts)
        if letters:
            shares.append(sum(lost for _, lost in counts) / letters)
    return sum(shares) / len(shares) if shares else 0.0


def check_language(tokenizer: Any, texts: Sequence[str], *, model: str) -> None:
    """Refuse a bot's examples if they are in a language or script that an encoder, the ``model``, does not know.

    Raises:
        ConfigurationError: what share of them is lost on it, and what to do.
    """
    lost = lost_share(tokenizer, texts)
    if lost > MOST_LOST:
        raise ConfigurationError(f"{cannot_read(model, lost)}; {REMEDY}.")


def cannot_read(model: str, lost: float) -> str:
    """Return the sentence that says how much is lost on an encoder, without what to do."""
    return (
        f"The encoder {model} does not know the language of this bot's examples: its tokenizer breaks "
        f"{100 * lost:.0f} % of them into unknown pieces and single letters"
    )


def unknown_ids(tokenizer: Any) -> frozenset[int]:
    """Return the numbers of the pieces that stand for anything: the one for all that is lacking, and single bytes."""
    numbers = map(tokenizer.token_to_id, _ANYTHING)
    return frozenset(number for number in numbers if number is not None)


def _of_word(
    text: str, encoding: Any, pieces: Sequence[int], anything: frozenset[int], *, spells: bool
) -> tuple[int, int]:
    """Return the number of letters of a word, and of those that are lost."""
    total = lost = alone = 0
    for piece in pieces:
        if encoding.tokens[piece] == _SPACE:  # sentencepiece gives it the place of the first letter
            continue
        # marks belong to the letter before them
        letters = [one for one in text[slice(*encoding.offsets[piece])] if unicodedata.category(one).startswith("L")]
        total += len(letters)
        if encoding.ids[piece] in anything:
            lost += len(letters)
        elif len(letters) == 1 and not spells and not unicodedata.name(letters[0], "").startswith("CJK "):
            alone += 1
    return total, lost + (alone if total > 1 else 0)
