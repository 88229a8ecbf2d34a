"""What came of a request is told to whoever still waits; who gets all cores is tested in test_recognition.py."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from convai_rasa.asr import Outcome, Transcript
from convai_rasa.asr.sharing import settle
from convai_rasa.errors import RecognitionError

TRANSCRIPT = Transcript("yes", 1.0, "en", 1.0, 0.0)
FAILURE = RecognitionError("The recognizer failed.")


@pytest.mark.parametrize("outcome", [TRANSCRIPT, FAILURE, None], ids=["words", "error", "unwanted"])
def test_what_came_of_it_is_told_and_nobody_minds_who_has_given_up(outcome: Outcome) -> None:
    waiting: Future[Transcript] = Future()
    gone: Future[Transcript] = Future()
    gone.cancel()
    for result in (waiting, gone):
        settle(result, outcome)
    assert gone.cancelled()
    assert waiting.cancelled() is (outcome is None)
    if outcome is FAILURE:
        assert waiting.exception() is FAILURE
    elif outcome is TRANSCRIPT:
        assert waiting.result() is TRANSCRIPT
