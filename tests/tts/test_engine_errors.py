from __future__ import annotations

from typing import Callable

import numpy as np
import pytest
from voice_processes import LETTER, wait_until

from convai_rasa.errors import SynthesisError
from convai_rasa.tts import SynthesisWorker, load_synthesizer
from convai_rasa.tts.engine_errors import is_about_the_engine

processes = pytest.mark.processes


def check_fails(one: SynthesisWorker, text: str) -> None:
    with pytest.raises(SynthesisError, match=r"failed|could not speak"):
        one.synthesize(text)


def check_speaks(one: SynthesisWorker) -> None:
    assert len(one.synthesize("ok")) == 2 * LETTER


@pytest.mark.parametrize("error", [RuntimeError("no primitive"), MemoryError(), OSError(24, "no files"), SystemError()])
def test_what_the_machine_lacks_is_no_fault_of_the_text(error: Exception) -> None:
    assert is_about_the_engine(error)
    wrapped = SynthesisError("The voice could not speak.")
    wrapped.__cause__ = error
    assert is_about_the_engine(wrapped)


@pytest.mark.parametrize("error", [ValueError(), KeyError(), IndexError(), RecursionError(), SynthesisError("NaN")])
def test_other_errors_may_be_the_fault_of_the_text(error: Exception) -> None:
    assert not is_about_the_engine(error)


@processes
def test_an_engine_that_never_recovers_is_replaced(
    moody: Callable[..., SynthesisWorker], caplog: pytest.LogCaptureFixture
) -> None:
    one = moody()
    check_speaks(one)
    check_fails(one, "starve")
    check_speaks(one)
    assert one.restarts == 1
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith("The voice process ended (its engine failed: could not speak: could not create a primitive)")


@processes
def test_others_hear_the_rest_when_the_engine_fails_at_one_text(
    moody: Callable[..., SynthesisWorker], moody_voice: str
) -> None:
    one = moody(seconds_per_word=0.02)
    text = "a " * 40
    chunks = one.stream(text)
    begun = next(chunks)
    check_fails(one, "starve")
    sound = np.concatenate([begun, *chunks])
    np.testing.assert_array_equal(sound, load_synthesizer(moody_voice).synthesize(text))


@processes
def test_a_text_at_which_every_process_fails_ends_only_the_first(moody: Callable[..., SynthesisWorker]) -> None:
    one = moody()
    for _ in range(4):
        check_fails(one, "poison")
        check_speaks(one)
    assert one.restarts == 1


@processes
def test_two_errors_with_no_sound_between_end_the_process(moody: Callable[..., SynthesisWorker]) -> None:
    one = moody()
    for _ in range(2):
        check_fails(one, "nonsense")
        check_speaks(one)
    assert one.restarts == 0
    check_fails(one, "nonsense")
    check_fails(one, "other nonsense")
    wait_until(lambda: one.restarts == 1)
    check_fails(one, "nonsense")  # the first of the new process
    check_speaks(one)
    assert one.restarts == 1
