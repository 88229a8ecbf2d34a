from __future__ import annotations

import asyncio
from typing import Dict

import numpy as np
import pytest
from standing_clock import Clock

from convai_rasa.voice.mouth.playback import Cut, Playback, SentReply

RATE = 8_000


@pytest.fixture
def playback(clock: Clock) -> Playback:
    return Playback(RATE, clock)


def sent(playback: Playback, reply_id: str, text: str, milliseconds: int, *, complete: bool = True) -> SentReply:
    reply = SentReply(reply_id, text)
    playback.start(reply)
    playback.sent(reply, np.arange(RATE * milliseconds // 1000, dtype=np.int16))
    reply.complete = complete
    return reply


def heard(playback: Playback) -> Dict[str, str]:
    return {cut.id: cut.heard for cut in playback.cut()}


def test_the_words_heard_follow_the_time_since_the_reply_was_sent(clock: Clock, playback: Playback) -> None:
    sent(playback, "1", "four five nine six", 2000)
    clock.now += 1.1
    assert heard(playback) == {"1": "four five"}


def test_long_words_take_longer_than_short_ones(clock: Clock, playback: Playback) -> None:
    sent(playback, "1", "a b unquestionably so", 2000)
    clock.now += 1.0
    assert heard(playback) == {"1": "a b"}


def test_what_the_client_reports_counts_more_than_the_clock(clock: Clock, playback: Playback) -> None:
    sent(playback, "1", "four five nine six", 2000)
    clock.now += 1.5
    playback.report("1", 500)
    assert heard(playback) == {"1": "four"}


def test_between_two_reports_the_client_plays_on(clock: Clock, playback: Playback) -> None:
    sent(playback, "1", "four five nine six", 2000)
    playback.report("1", 700)
    clock.now += 0.35
    assert heard(playback) == {"1": "four five"}


def test_replies_are_played_one_after_the_other(clock: Clock, playback: Playback) -> None:
    sent(playback, "1", "one two", 1000)
    sent(playback, "2", "four five", 1000)
    clock.now += 1.6
    assert playback.cut() == [Cut("2", "four", "five", pytest.approx(600))]


def test_nothing_is_cut_when_all_was_heard(clock: Clock, playback: Playback) -> None:
    sent(playback, "1", "one two", 1000)
    clock.now += 2
    assert playback.cut() == []
    assert playback.audible is None


def test_a_reply_that_is_still_being_made_is_not_over_and_its_length_is_estimated(
    clock: Clock, playback: Playback
) -> None:
    sent(playback, "1", "this is a sentence of which only the beginning was made so far", 500, complete=False)
    clock.now += 5
    (cut,) = playback.cut()
    assert cut.at_ms == 500
    assert cut.heard.startswith("this")
    assert cut.unheard.endswith("so far")


def test_the_rest_begins_where_it_was_stopped(clock: Clock, playback: Playback) -> None:
    reply = sent(playback, "1", "one two", 1000)
    clock.now += 0.25
    (cut,) = playback.cut()
    assert playback.rest(cut)[1][0] == RATE // 4
    playback.start(reply, cut.at_ms)
    playback.sent(reply, playback.rest(cut)[1], again=True)
    clock.now += 0.5
    assert playback.audible is reply
    assert playback.cut()[0].at_ms == pytest.approx(750)


def test_a_client_that_stopped_by_itself_is_not_waited_for_for_ever(clock: Clock, playback: Playback) -> None:
    sent(playback, "1", "one two", 5000)
    playback.report("1", 800)
    clock.now += 5
    assert playback.audible is not None
    clock.now += 3
    assert playback.audible is None


def test_how_far_the_sound_is_ahead(clock: Clock, playback: Playback) -> None:
    assert playback.ahead_s == 0
    sent(playback, "1", "one two", 3000)
    clock.now += 1
    assert playback.ahead_s == pytest.approx(2)
    clock.now += 10
    assert playback.ahead_s == 0


def test_a_report_for_an_unknown_reply_is_harmless() -> None:
    playback = Playback(RATE, Clock())
    playback.report("nobody", 5)
    assert playback.cut() == []


async def test_the_end_of_a_conversation_waits_for_what_is_played_but_not_for_a_client_that_went_silent(
    clock: Clock, playback: Playback
) -> None:
    sent(playback, "1", "goodbye", 100)
    playback.report("1", 50)
    ending = asyncio.ensure_future(playback.finished())
    await asyncio.sleep(0.05)
    assert not ending.done()
    clock.now += 0.06
    await asyncio.wait_for(ending, 5)

    sent(playback, "2", "goodbye", 3000)
    playback.report("2", 50)
    ending = asyncio.ensure_future(playback.finished())
    clock.now += 3.0
    await asyncio.sleep(0.05)
    assert not ending.done()
    clock.now += 5.1
    await asyncio.wait_for(ending, 5)
