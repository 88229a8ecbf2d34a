"""Rasa's commands, one after the other, in one process of their own: importing Rasa takes longer than most trainings.

Started as a program it takes one JSON object a line and answers with one: ``{"folder", "rasa": [words]}`` runs a
command line, ``{"folder", "archive", "messages"}`` parses messages with a trained archive. With the word ``fresh`` it
imports Rasa and does each in a fork, which has loaded nothing else.
"""

from __future__ import annotations

import asyncio
import importlib
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
from typing import Any

import pytest

LONGEST_LOG = 3_000
KEPT = ("intent", "intent_ranking", "entities", "sentiment", "response_selector")


class RasaProcess:
    """Starts when it is first used, and again if it died; a context manager.

    Args:
        fresh: no command finds in memory what an earlier one has loaded.
    """

    def __init__(self, *, fresh: bool = False) -> None:
        self._fresh = fresh
        self._process: subprocess.Popen[str] | None = None
        self._log = Path(tempfile.mkdtemp(prefix="rasa-process-"), "log").open("w+")  # noqa: SIM115 - until __exit__

    def run(self, folder: Path, *words: str) -> str:
        """Run ``rasa WORDS`` in a folder; returns what it printed, with which one that fails also fails the test."""
        self._ask({"folder": str(folder), "rasa": list(words)})
        self._log.seek(self._start)
        return self._log.read()

    def parse(self, folder: Path, archive: Path, *messages: str) -> list[Any]:
        """Return what a trained archive makes of each message."""
        return self._ask({"folder": str(folder), "archive": str(archive), "messages": messages})["parsed"]

    def _ask(self, request: dict[str, Any]) -> Any:
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, __file__, *["fresh"] * self._fresh]
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._log, text=True)
        self._start = self._log.seek(0, os.SEEK_END)
        assert self._process.stdin
        assert self._process.stdout
        environment = {name: value for name, value in os.environ.items() if name.startswith("CONVAI_")}
        self._process.stdin.write(json.dumps({**request, "environment": environment}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        answer = json.loads(line) if line else {"error": f"the process died: {self._process.wait()}"}
        if "error" in answer:
            self._log.seek(self._start)
            pytest.fail(f"{answer['error']}\n{self._log.read()[-LONGEST_LOG:]}")
        return answer

    def __enter__(self) -> RasaProcess:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
        self._log.close()
        shutil.rmtree(Path(self._log.name).parent)


def _serve(*, fresh: bool) -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever Rasa prints is no answer
    warnings.simplefilter("ignore")
    if fresh:
        _import_rasa()
    for line in sys.stdin:
        child = os.fork() if fresh else 0
        if child == 0:
            answers.write(json.dumps(_outcome(line)) + "\n")
            answers.flush()
            if fresh:
                sys.stdout.flush()
                os._exit(0)
        elif status := os.waitpid(child, 0)[1]:  # it died before it could answer
            answers.write(json.dumps({"error": f"the process died: {status}"}) + "\n")
            answers.flush()


def _import_rasa() -> None:
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe

    for module in ("rasa.__main__", "rasa.core.agent", "rasa.model_training", "rasa.nlu.test"):
        importlib.import_module(module)
    DefaultV1Recipe()  # imports every component


def _outcome(line: str) -> dict[str, Any]:
    try:
        return _answer(json.loads(line))
    except SystemExit as ended:
        return {"error": f"exit status {ended.code}"} if ended.code else {}
    except Exception:
        return {"error": traceback.format_exc()}


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    os.chdir(request["folder"])
    os.environ.update(request["environment"])
    if "rasa" in request:
        sys.argv = ["rasa", *request["rasa"]]
        runpy.run_module("rasa", run_name="__main__", alter_sys=True)
        return {}
    from rasa.core.agent import Agent

    agent = Agent.load(request["archive"])
    parsed = [asyncio.run(agent.parse_message(message)) for message in request["messages"]]
    return {"parsed": [{key: one.get(key) for key in KEPT} for one in parsed]}


if __name__ == "__main__":
    from convai_rasa.quiet import ENVIRONMENT

    os.environ.update(ENVIRONMENT)
    _serve(fresh="fresh" in sys.argv[1:])
