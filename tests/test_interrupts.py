"""Ctrl-C and SIGTERM wait until what they would lose is noted."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from convai_rasa.interrupts import handled, interrupts_held


def test_ctrl_c_comes_when_the_block_is_over() -> None:
    done: list[str] = []

    def interrupted() -> None:
        with interrupts_held():
            os.kill(os.getpid(), signal.SIGINT)
            done.append("noted")

    with handled({signal.SIGINT: signal.default_int_handler}):
        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert done == ["noted"]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_sigterm_waits_where_the_program_handles_it() -> None:
    heard: list[int] = []
    with handled({signal.SIGTERM: lambda number, frame: heard.append(number)}):
        with interrupts_held():
            os.kill(os.getpid(), signal.SIGTERM)
            assert heard == []
        assert heard == [signal.SIGTERM]


def test_what_is_ignored_stays_ignored() -> None:
    with handled({signal.SIGINT: signal.SIG_IGN}), interrupts_held():
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_thread_has_no_interrupts_to_hold() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    def work() -> None:
        with interrupts_held():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
