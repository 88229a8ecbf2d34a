"""``pip download`` as a function: through whatever index the user has configured, with a progress bar."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections import deque
from pathlib import Path

from convai_rasa.errors import DownloadError
from convai_rasa.store.progress import Progress

_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
_URL = re.compile(r"[\s(]*(?:for url:?|while getting|from|:)?\s*\w+://\S+", re.IGNORECASE)
_KEPT_LINES = 200  # of pip's output, to say what went wrong


def download_wheel(package: str, version: str, *, into: Path, label: str, bars: Progress) -> Path:
    """Download one wheel without its dependencies; nothing is installed.

    Args:
        package: the distribution's name.
        version: its exact version.
        into: where the finished wheel is put; if it is there already, nothing is downloaded.
        label: what the progress bar is called.
        bars: where it is shown.

    Returns:
        The path of the wheel.

    Raises:
        DownloadError: pip could not deliver it; one sentence that says why.
    """
    pattern = re.sub(r"[-_.]+", "_", package).lower() + f"-{version}-*.whl"
    done = next(into.glob(pattern), None)
    if done:
        return done
    into.mkdir(parents=True, exist_ok=True)
    for leftover in into.glob("part-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    part = into / f"part-{uuid.uuid4().hex}"  # its own: pip may outlive a killed parent and write on for a while
    try:
        output, status = _run_pip([f"{package}=={version}", "--dest", str(part)], label, bars)
        wheels = list(part.glob("*.whl"))
        if status != 0 or len(wheels) != 1:
            raise DownloadError(f"pip could not download {package} {version}: {_reason(output)}")
        return wheels[0].replace(into / wheels[0].name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _run_pip(arguments: list[str], label: str, bars: Progress) -> tuple[list[str], int]:
    """Run ``pip download`` and show its progress; returns the end of its output and its exit status."""
    pip, version = _pip()
    command = [*pip, "download", *arguments, "--no-deps", "--only-binary=:all:", "--no-input", "--no-color"]
    command += ["--disable-pip-version-check", "--progress-bar", "raw" if version >= (24, 1) else "off"]
    if version >= (25, 1):
        command += ["--resume-retries", "5"]
    output: deque[str] = deque(maxlen=_KEPT_LINES)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, encoding="utf-8", errors="replace"
    )
    try:
        with bars.file(label, None) as bar, process:
            shown = 0
            for line in process.stdout or ():
                progress = _PROGRESS.match(line)
                if progress:
                    bar.expect(int(progress[2]))
                    bar.update(int(progress[1]) - shown)
                    shown = int(progress[1])
                else:
                    output.append(line.strip())
    except BaseException:  # Ctrl-C too: pip must not go on without us
        process.kill()
        raise
    return list(output), process.returncode


def _pip() -> tuple[list[str], tuple[int, ...]]:
    """Return the command that runs pip, and its version.

    An environment made by uv has no pip; Python then brings one as a wheel, which runs without being installed.
    """
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return [sys.executable, "-m", "pip"], _numbers(importlib.metadata.version("pip"))
    with contextlib.suppress(ImportError):  # some Linux distributions leave it out
        import ensurepip

        for bundled in Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl"):
            return [sys.executable, str(bundled / "pip")], _numbers(ensurepip.version())
    raise DownloadError("this Python environment has no pip; install it, for example with: uv pip install pip")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def _reason(output: list[str]) -> str:
    """Make one sentence of pip's complaints, without the addresses in them."""
    text = "\n".join(output)
    if re.search(r"connection broken by|Max retries exceeded|Connection refused|timed out", text):
        return "the package index could not be reached; check the network and pip's configuration, then run this again"
    if re.search(r"No space left on device", text):
        return "the disk is full"
    if re.search(r"No matching distribution found", text):
        return "the package index pip is configured for does not offer it"
    errors = [line for line in output if line.startswith("ERROR:")] or [line for line in output if line]
    last = errors[-1].removeprefix("ERROR:").strip() if errors else "pip said nothing"
    return _URL.sub("", last).rstrip(".")
