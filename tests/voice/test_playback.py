from __future__ import annotations

from convai_rasa.voice.playback import Playback


class Clock:
    """A clock that stands still until it is moved."""

    now = 50.0

    def __call__(self) -> float:
        return self.now


def sent(playback: Playback, reply_id: str, text: str, milliseconds: float) -> None:
    playback.start(reply_id, text)
    playback.sent(reply_id, milliseconds)


def test_the_words_heard_follow_the_time_since_the_reply_was_sent() -> None:
    clock = Clock()
    playback = Playback(clock)
    sent(playback, "1", "one two three four", 2000)
    clock.now += 1.0
    assert playback.interrupt() == {"1": "one two"}


def test_what_the_client_reports_counts_more_than_the_clock() -> None:
    clock = Clock()
    playback = Playback(clock)
    sent(playback, "1", "one two three four", 2000)
    clock.now += 10
    playback.report("1", 500)
    assert playback.interrupt() == {"1": "one"}


def test_replies_are_played_one_after_the_other() -> None:
    clock = Clock()
    playback = Playback(clock)
    sent(playback, "1", "one two", 1000)
    sent(playback, "2", "three four", 1000)
    clock.now += 1.5
    assert playback.interrupt() == {"2": "three"}


def test_nothing_is_cut_when_all_was_heard() -> None:
    clock = Clock()
    playback = Playback(clock)
    sent(playback, "1", "one two", 1000)
    clock.now += 2
    assert playback.interrupt() == {}
    assert playback.interrupt() == {}


def test_a_report_for_an_unknown_reply_is_harmless() -> None:
    playback = Playback(Clock())
    playback.report("nobody", 5)
    assert playback.interrupt() == {}
