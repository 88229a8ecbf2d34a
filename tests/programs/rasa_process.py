"""Rasa's commands, one after the other, in one process of their own: importing Rasa takes longer than most trainings.

Started as a program it takes one JSON object a line and answers with one: ``{"folder", "rasa": [words]}`` runs a
command line, ``{"folder", "archive", "message"}`` parses a message with a trained archive.
"""

from __future__ import annotations

import asyncio
import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

LONGEST_LOG = 3_000


class RasaProcess:
    """Starts when it is first used, and again if it died; a context manager."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._log = Path(tempfile.mkdtemp(prefix="rasa-process-"), "log").open("w+")  # noqa: SIM115 - until __exit__

    def run(self, folder: Path, *words: str) -> None:
        """Run ``rasa WORDS`` in a folder; a command that fails fails the test with what it printed."""
        self._ask({"folder": str(folder), "rasa": list(words)})

    def parse(self, folder: Path, archive: Path, message: str) -> Any:
        """Return what a trained archive makes of a message."""
        return self._ask({"folder": str(folder), "archive": str(archive), "message": message})["parsed"]

    def _ask(self, request: dict[str, Any]) -> Any:
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, __file__]
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._log, text=True)
        start = self._log.seek(0, os.SEEK_END)
        assert self._process.stdin
        assert self._process.stdout
        environment = {name: value for name, value in os.environ.items() if name.startswith("CONVAI_")}
        self._process.stdin.write(json.dumps({**request, "environment": environment}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        answer = json.loads(line) if line else {"error": f"the process died: {self._process.wait()}"}
        if "error" in answer:
            self._log.seek(start)
            pytest.fail(f"{answer['error']}\n{self._log.read()[-LONGEST_LOG:]}")
        return answer

    def __enter__(self) -> RasaProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
        self._log.close()
        shutil.rmtree(Path(self._log.name).parent)


def _serve() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever Rasa prints is no answer
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        try:
            answer = _answer(json.loads(line))
        except SystemExit as ended:
            answer = {"error": f"exit status {ended.code}"} if ended.code else {}
        except Exception:
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    os.chdir(request["folder"])
    os.environ.update(request["environment"])
    if "rasa" in request:
        sys.argv = ["rasa", *request["rasa"]]
        runpy.run_module("rasa", run_name="__main__", alter_sys=True)
        return {}
    from rasa.core.agent import Agent

    parsed = asyncio.run(Agent.load(request["archive"]).parse_message(request["message"]))
    return {"parsed": {key: parsed.get(key) for key in ("intent", "entities", "sentiment")}}


if __name__ == "__main__":
    from convai_rasa.quiet import ENVIRONMENT

    os.environ.update(ENVIRONMENT)
    _serve()
