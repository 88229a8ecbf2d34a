"""Ten utterances, spoken by the project's own voice to the running bot: all words heard, every answer right."""

from __future__ import annotations

import re
from typing import List, Tuple

import pytest

from convai_rasa.launch import RunningBot
from convai_rasa.tts import SharedVoice, normalise
from convai_rasa.voice.wire import messages as m
from convai_rasa.voice.wire.client import VoiceClient

pytestmark = pytest.mark.e2e

# The bot believes that it is Tuesday the 24th of November 2026, three in the afternoon.
CONVERSATIONS: List[List[Tuple[str, List[str]]]] = [
    [("When are you open on Sunday?", ["Sunday the 29th of November", "noon", "9 in the evening"])],
    [("Are you open on Monday?", ["closed", "Tuesday the 1st of December"])],
    [("What desserts do you have?", ["chocolate cake", "apple tart", "lemon sorbet"])],
    [("Does the lasagna contain gluten?", ["yes", "lasagna", "gluten"])],
    [("How do I get to the restaurant by train?", ["Central Station", "five minute walk"])],
    [
        ("I would like to book a table for four people tomorrow.", ["time"]),
        ("At half past seven.", ["name"]),
        ("My name is Martha.", ["4 people", "Wednesday the 25th of November", "7:30", "Martha"]),
        ("Yes, please.", ["booked", "4 people", "7:30", "Martha"]),
    ],
    [("I want to complain. The soup was cold and the waiter was rude.", ["sorry", "manager", "name"])],
]


def as_words(text: str) -> List[str]:
    """Words as they sound: no case, no punctuation, numbers and times spelled out."""
    return re.findall(r"[a-z]+", normalise(text).lower().replace("'", ""))


def test_there_are_ten() -> None:
    assert sum(len(conversation) for conversation in CONVERSATIONS) == 10


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda conversation: conversation[0][0])
async def test_every_word_is_heard_and_answered(
    running_bot: RunningBot, voice: SharedVoice, conversation: List[Tuple[str, List[str]]]
) -> None:
    async with VoiceClient(running_bot.url, m.Start(sample_rate=voice.sample_rate)) as client:
        for utterance, facts in conversation:
            turn = await client.say(voice.synthesize(utterance))
            assert as_words(turn.transcript or "") == as_words(utterance)
            for fact in facts:
                assert fact.lower() in turn.text.lower(), (utterance, turn.text)
            assert len(turn.sound) > client.sample_rate / 2
