"""Train a pipeline on one part of a project's examples and ask it the other, each in a process of its own."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator, Optional, Sequence

from convai_rasa.errors import ConfigurationError, ConvaiError
from convai_rasa.interrupts import interrupts_held
from convai_rasa.project.compare import pipeline_process
from convai_rasa.project.compare.split import Entity

NEEDED_BYTES = 1_000_000_000  # for one archive, Rasa's copy of it, and the weights in between
FALLBACK = "nlu_fallback"
_POLL_S = 0.2


class OutOfTime(ConvaiError):
    """The time that was given is over."""


@dataclass(frozen=True)
class Candidate:
    """A pipeline to be measured."""

    name: str  # what the user calls it, such as the name of its file
    config: str  # the text of a config.yml
    folder: Path  # the project's, where relative paths and the project's own components are found


@dataclass(frozen=True)
class Answer:
    """What a pipeline makes of a message.

    Attributes:
        intent: as it comes out, which may be the fallback's.
        ranking: intents with their confidences, best first, without the fallback.
        responses: what response selectors chose, each a whole retrieval intent.
        entities: that were found.
        cpu_ms: processor time.
    """

    intent: Optional[str]
    ranking: tuple[tuple[str, float], ...]
    responses: frozenset[str]
    entities: frozenset[Entity]
    cpu_ms: float

    @property
    def fell_back(self) -> bool:
        """Whether the bot would say that it did not understand."""
        return self.intent is None or self.intent == FALLBACK

    @property
    def understood(self) -> Optional[str]:
        """The intent before any fallback."""
        if not self.fell_back:
            return self.intent
        return self.ranking[0][0] if self.ranking else None

    @property
    def confidence(self) -> float:
        """Of the intent before any fallback."""
        return self.ranking[0][1] if self.ranking else 0.0


@dataclass(frozen=True)
class Outcome:
    """What one trial gave.

    Attributes:
        answers: to the messages, in their order.
        train_cpu_s: processor seconds of the training.
        peak_bytes: of the process that answered, at its largest.
    """

    answers: list[Answer] = field(repr=False)
    train_cpu_s: float
    peak_bytes: int


class Bench:
    """Where trials are held; a context manager that leaves nothing behind, whatever interrupts it.

    A trial that has not ended at the deadline, on the clock of ``time.monotonic``, is broken off.
    """

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self._folder = Path()

    def __enter__(self) -> Bench:
        with _space():
            self._folder = Path(tempfile.mkdtemp(prefix="convai-compare-"))
        free = shutil.disk_usage(self._folder).free
        if free < NEEDED_BYTES:
            self._folder.rmdir()
            raise ConfigurationError(
                f"Training needs about {NEEDED_BYTES / 1e9:.0f} GB of space under {self._folder.parent}, but only "
                f"{free / 1e9:.1f} are free; make room there, or name another folder in TMPDIR."
            )
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def trial(
        self, candidate: Candidate, training: Any, texts: Sequence[str], *, deadline: Optional[float] = None
    ) -> Outcome:
        """Train a candidate on Rasa's ``TrainingData`` and ask it texts, by an earlier deadline if one is given.

        Raises:
            ConfigurationError: the pipeline does not train or does not answer; the sentence says which and why.
            OutOfTime: the deadline came first.
        """
        deadline = self.deadline if deadline is None else min(deadline, self.deadline)
        with _space():
            folder = Path(tempfile.mkdtemp(dir=self._folder))
            (folder / "tmp").mkdir()
            (folder / pipeline_process.CONFIG).write_text(candidate.config, encoding="utf-8")
            (folder / pipeline_process.ASKED).write_text(json.dumps(list(texts)), encoding="utf-8")
            with (folder / pipeline_process.DATA).open("wb") as file:
                pickle.dump(training, file)
        try:
            trained = self._step("train", folder, candidate, pipeline_process.TRAINED, deadline)
            answered = self._step("parse", folder, candidate, pipeline_process.ANSWERED, deadline)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        answers = [_answer(given) for given in answered["answers"]]
        return Outcome(answers, train_cpu_s=trained["cpu_s"], peak_bytes=answered["peak_bytes"])

    def _step(self, step: str, folder: Path, candidate: Candidate, result: str, deadline: float) -> Any:
        environment = {
            **os.environ,
            "TMPDIR": str(folder / "tmp"),
            "RASA_CACHE_DIRECTORY": str(folder / "cache"),
            "RASA_MAX_CACHE_SIZE": "0",  # what was trained before must not be taken for a training
        }
        log = folder / f"{step}.log"
        command = [sys.executable, "-m", pipeline_process.__name__, step, str(folder)]
        with log.open("wb") as out, contextlib.ExitStack() as stack:
            with interrupts_held():
                process = subprocess.Popen(
                    command,
                    cwd=candidate.folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C is for this process, which then ends that one
                )
                stack.callback(_end, process)
            while process.poll() is None:
                if time.monotonic() > deadline:
                    raise OutOfTime("Time is up.")
                time.sleep(_POLL_S)
        if (folder / result).exists() and process.returncode == 0:
            return json.loads((folder / result).read_text(encoding="utf-8"))
        does = "does not train" if step == "train" else "was trained but does not answer"
        raise ConfigurationError(f"{candidate.name} {does}: {_reason(folder, log, process.returncode).rstrip('.')}.")


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def _space() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise ConfigurationError(
            f"Nothing can be trained: {pipeline_process.NO_SPACE} ({tempfile.gettempdir()})."
        ) from error


def _reason(folder: Path, log: Path, status: int) -> str:
    failed = folder / pipeline_process.FAILED
    if failed.exists() and failed.stat().st_size:
        return str(json.loads(failed.read_text(encoding="utf-8")))
    if status == -signal.SIGKILL:
        return "the process was killed, most likely because memory ran out"
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    return f"the process ended with status {status}" + (f" ({said[-1]})" if said else "")


def _answer(given: dict[str, Any]) -> Answer:
    return Answer(
        intent=given["intent"],
        ranking=tuple((name, confidence) for name, confidence in given["ranking"] if name != FALLBACK),
        responses=frozenset(given["responses"]),
        entities=frozenset(Entity.of(found) for found in given["entities"]),
        cpu_ms=given["cpu_ms"],
    )
