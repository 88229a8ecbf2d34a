"""Who is spoken to next: one chunk after the other in a thread, the most urgent first."""

from __future__ import annotations

import concurrent.futures
import heapq
import itertools
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Callable, Literal

from convai_rasa.errors import SynthesisError

Urgency = Literal["first", "more", "idle"]

CLOSED = "This voice is closed; create a new one."
_RANK = {"first": 0, "more": 1, "idle": 2}
_MOST_HANGING = 3  # threads left behind; an engine that holds so many will hold the next one too
# Recognition comes first. At 19 a thread that holds the interpreter is away so long that the event loop notices:
# its delays (99 %, on an overloaded machine) were 21 ms without, 25 ms at 10 and 41 ms at 19.
_IDLE_NICE = 10
CLOSE_TIMEOUT_S = 5.0  # the chunk in work is finished: below a second on a machine that is not overloaded


@dataclass(order=True)
class _Job:
    rank: int
    number: int
    work: Callable[[], Any] = field(compare=False)
    future: concurrent.futures.Future[Any] = field(compare=False, default_factory=concurrent.futures.Future)


class _Lane:
    """Jobs of one kind, the thread that does them, and the one it does now."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.waiting: list[_Job] = []
        self.thread: threading.Thread | None = None
        self.in_work: _Job | None = None
        self.began = 0.0


class Scheduler:
    """Does the jobs of all callers of an engine in turns.

    Jobs that are ``idle`` have a thread apart and begin only while no other job waits or is done, so that nobody ever
    waits for one. A thread that hangs in a job is left behind, and another takes its place. It cannot be ended: it
    keeps what it holds until it comes back by itself, if it does.

    Args:
        stall_timeout_s: after which a job is taken to hang.
    """

    def __init__(self, stall_timeout_s: float) -> None:
        self._stall_timeout_s = stall_timeout_s
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._live, self._idle = _Lane("voice"), _Lane("voice idle")
        self._hanging: set[threading.Thread] = set()
        self._closed = False

    def start(self) -> None:
        """Start the threads.

        Raises:
            RuntimeError: the machine has no room for a thread.
        """
        with self._changed:
            for lane in (self._live, self._idle):
                self._start(lane)

    def do(self, work: Callable[[], Any], urgency: Urgency) -> Any:
        """Do a job when its turn has come, and return its result or raise its error.

        Args:
            work: makes one chunk.
            urgency: ``first`` overtakes what waits with ``more``, as somebody waits in silence.

        Raises:
            SynthesisError: the job hangs, too many others do, or the scheduler is closed.
        """
        lane = self._idle if urgency == "idle" else self._live
        job = _Job(_RANK[urgency], next(self._numbers), work)
        with self._changed:
            if self._closed:
                raise SynthesisError(CLOSED)
            if len(self._hanging) >= _MOST_HANGING:
                raise SynthesisError(f"The voice hangs in {len(self._hanging)} texts; restart the server.")
            heapq.heappush(lane.waiting, job)
            self._changed.notify_all()
        while not job.future.done():
            concurrent.futures.wait([job.future], self._stall_timeout_s)
            self._leave_behind_if_it_hangs(job, lane)
        return job.future.result()

    def close(self) -> bool:
        """Fail all jobs at once and end the threads.

        Returns:
            Whether they have ended: not where one hangs.
        """
        with self._changed:
            self._closed = True
            lanes = (self._live, self._idle)
            for job in [job for lane in lanes for job in (*lane.waiting, lane.in_work) if job is not None]:
                _fail(job, CLOSED)
            self._changed.notify_all()
            threads = [lane.thread for lane in lanes if lane.thread is not None] + list(self._hanging)
        give_up_at = time.monotonic() + CLOSE_TIMEOUT_S
        for thread in threads:
            thread.join(max(0.0, give_up_at - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _start(self, lane: _Lane) -> None:
        lane.in_work = None
        lane.thread = threading.Thread(target=self._work, args=(lane,), name=lane.name, daemon=True)
        lane.thread.start()

    def _work(self, lane: _Lane) -> None:
        if lane is self._idle and sys.platform == "linux":  # where a thread has a priority of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _IDLE_NICE)
        me = threading.current_thread()
        while (job := self._next(lane, me)) is not None:
            result, error = None, None
            try:
                result = job.work()
            # Whatever it is, it is for the one who asked.
            except BaseException as raised:
                error = raised
            with self._changed:
                if not job.future.done():
                    job.future.set_result(result) if error is None else job.future.set_exception(error)
            del job, result, error  # a thread that waits keeps no sound

    def _next(self, lane: _Lane, me: threading.Thread) -> _Job | None:
        """Wait for a thread's next job; None: it is no longer needed."""
        with self._changed:
            if lane.thread is me:
                lane.in_work = None
                self._changed.notify_all()
            self._changed.wait_for(lambda: self._closed or lane.thread is not me or self._may_begin(lane))
            if self._closed or lane.thread is not me:
                self._hanging.discard(me)
                return None
            lane.in_work, lane.began = heapq.heappop(lane.waiting), time.monotonic()
            return lane.in_work

    def _may_begin(self, lane: _Lane) -> bool:
        is_quiet = self._live.in_work is None and not self._live.waiting
        return bool(lane.waiting) and (lane is self._live or is_quiet)

    def _leave_behind_if_it_hangs(self, job: _Job, lane: _Lane) -> None:
        with self._changed:
            is_in_work = lane.in_work is job and not job.future.done()
            if not is_in_work or time.monotonic() - lane.began < self._stall_timeout_s:
                return
            assert lane.thread is not None
            self._hanging.add(lane.thread)
            _fail(job, f"The voice was silent for {self._stall_timeout_s:g} seconds; send the text again.")
            self._start(lane)


def _fail(job: _Job, why: str) -> None:
    if not job.future.done():
        job.future.set_exception(SynthesisError(why))
