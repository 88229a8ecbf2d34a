"""What everything that decides when a turn is over must do; a new strategy is added to the list."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from convai_rasa.errors import ConfigurationError
from convai_rasa.voice.bot import Expectation, Understanding
from convai_rasa.voice.ears import Pause, PhraseEnds, TurnEnding, load_turn_ending
from convai_rasa.voice.options import TurnOptions

pytestmark = pytest.mark.slow

SAID = [
    "",
    "?",
    "Yes.",
    "a table for",
    "I'd like a table for four",
    "five five five",
    "我想预订一张桌子",
    "word " * 500,
]


@pytest.fixture(params=["dialogue", "silence", "tiny"])
def ending(request: pytest.FixtureRequest, tiny_voice: str) -> TurnEnding:
    return load_turn_ending(TurnOptions(decided_by=request.param))


def pauses() -> list[Pause]:
    sound = np.zeros(16_000, np.float32)
    return [
        Pause(words, language, understanding, expectation, PhraseEnds(["a table for four"] * 5), alarm, sound)
        for words in SAID
        for language in ("en", "de", "es-MX", "xx", "", None)
        for understanding in (Understanding("book", 0.9), Understanding(None, 0.0), None)
        for expectation in (Expectation(), Expectation("name"), Expectation("story", free_text=True))
        for alarm in (False, True)
    ]


async def test_every_pause_is_judged_within_the_patience_and_always_the_same(ending: TurnEnding) -> None:
    assert isinstance(ending, TurnEnding)
    assert ending.patience_ms >= TurnOptions().pause_ms
    alone = [await ending.silence_to_wait(pause) for pause in pauses()]
    assert all(0 < silence_ms <= ending.patience_ms for silence_ms in alone)
    together = await asyncio.gather(*(ending.silence_to_wait(pause) for pause in reversed(pauses())))
    assert together[::-1] == alone, "it keeps nothing of any caller"


async def test_a_verdict_needs_what_the_bot_makes_of_the_words_only_where_it_says_so(ending: TurnEnding) -> None:
    told = Pause("a table for two", "en", Understanding("book", 0.99))
    untold = Pause("a table for two", "en")
    assert ending.asks_bot or await ending.silence_to_wait(told) == await ending.silence_to_wait(untold)


@pytest.mark.usefixtures("tiny_voice")
async def test_its_own_keys_are_passed_on() -> None:
    patient = load_turn_ending(TurnOptions(decided_by="tiny", ending={"per_word_ms": 300}))
    assert await patient.silence_to_wait(Pause("two words")) == 900


@pytest.mark.parametrize(
    ("turn", "sentence"),
    [
        ({"decided_by": "dialog"}, r"no engine 'dialog' in convai_rasa\.turn_endings \(did you mean 'dialogue'\?\)"),
        ({"decided_by": "clairvoyance"}, r"\(installed are: dialogue, silence, tiny\)"),
        ({"decided_by": "tiny", "ending": {"per_wrd_ms": 1}}, r"has no option 'per_wrd_ms' \(did you mean 'per_word_"),
        ({"ending": {"per_word_ms": 1}}, r"'dialogue' has no option 'per_word_ms'"),
    ],
)
@pytest.mark.usefixtures("tiny_voice")
def test_an_unknown_name_or_key_is_refused_in_a_sentence(turn: dict[str, object], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        load_turn_ending(TurnOptions.parse_obj(turn))
