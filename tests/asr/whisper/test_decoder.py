"""The tokens that Whisper may not write where the choice of words is closed."""

from __future__ import annotations

from convai_rasa.asr.whisper.decoder import all_but_figures

PIECES = [
    *(f" {figure}" for figure in range(10)),
    *map(str, range(10)),
    " K",
    "ilo",
    " Lima",
    "L",
    ",",
    ".",
    "-",
    " Lena",
]


class Tokenizer:
    """Cuts a text into the longest pieces that there are."""

    eot = len(PIECES)

    def encode(self, text: str) -> list[int]:
        """Return the numbers of the pieces."""
        found = []
        while text:
            pieces = [piece for piece in PIECES if text.startswith(piece)]
            found += [PIECES.index(max(pieces, key=len))] if pieces else []
            text = text[len(max(pieces, key=len)) :] if pieces else text[1:]
        return found


def written(suppressed: list[int]) -> list[str]:
    return [piece for token, piece in enumerate(PIECES) if token not in suppressed]


def test_nothing_but_figures_and_the_end_may_be_written() -> None:
    assert written(all_but_figures(Tokenizer())) == PIECES[:20]
    assert Tokenizer.eot not in all_but_figures(Tokenizer())


def test_words_are_written_with_all_their_pieces_and_what_separates_them() -> None:
    kept = written(all_but_figures(Tokenizer(), frozenset({"Kilo", "Lima"})))
    assert kept == [*PIECES[:20], " K", "ilo", " Lima", "L", ",", "."]
