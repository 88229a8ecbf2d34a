"""Installs locks of requirements/ into the running Python with pip, on one line of progress instead of a thousand.

    python scripts/install.py talk              what talking to a bot needs
    python scripts/install.py talk all test     everything

The packages are divided among several pips at once: one alone spends half its time waiting for the network and the
other half for one core. With TORCH_INDEX_URL in the environment torch comes from that index, without the libraries for
a GPU. --compile compiles all modules, which else each is when it is first imported. Uses the standard library alone:
nothing else is installed yet.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ERROR_LINES_SHOWN = 30
NO_SPACE = "No space left on device"
SPACE_NEEDED = "`make talk` takes 3 GB and `make test` 10 GB"
PIPS = 3
# Packages of hundreds of megabytes: a pip of their own unpacks them while the others fetch.
HEAVY = re.compile(r"tensorflow$|torch$|triton$|nvidia-")
# An earlier lock installed it; TensorFlow does not import where it is there and does not fit jax.
LEFT_OUT = "jaxlib"
TORCH = re.compile(r"torch(audio|vision)?$")
FOR_A_GPU = re.compile(r"nvidia-|cuda-|triton$")


def main(words: list[str]) -> int:
    """Install the parts; return the first exit status of a pip that is not 0."""
    parts = [word for word in words if word != "--compile"]
    options = ["--compile" if "--compile" in words else "--no-compile"]
    pins: dict[str, str] = {}
    for part in parts:
        pins |= locked((ROOT / "requirements" / f"{part}.lock").read_text(encoding="utf-8"))
    torch_index = os.environ.get("TORCH_INDEX_URL", "")
    pins, elsewhere = without_torch(pins) if torch_index else (pins, [])

    progress = Progress(len(pins) + len(elsewhere))
    with tempfile.TemporaryDirectory() as folder:
        pips = []
        for number, share in enumerate(shares(pins)):
            lock = Path(folder, f"{number}.lock")
            lock.write_text("\n".join(share) + "\n", encoding="utf-8")
            pips.append(Pip([*options, "--require-hashes", "--requirement", str(lock)], progress))
        if elsewhere:
            pips.append(Pip([*options, "--index-url", torch_index, *elsewhere], progress))
        statuses = [pip.wait() for pip in pips]
    if importlib.util.find_spec(LEFT_OUT) is not None and LEFT_OUT not in pins:
        statuses.append(subprocess.call([sys.executable, "-m", "pip", "uninstall", "--yes", "--quiet", LEFT_OUT]))
    status = next(filter(None, statuses), 0)
    progress.close("" if status else progress.summary())
    if any(NO_SPACE in line for pip in pips for line in pip.lines):
        free_gb = shutil.disk_usage(sys.prefix).free / 1e9
        print(
            f"The disk is full: {free_gb:.1f} GB are left for {sys.prefix}, and {SPACE_NEEDED}. Make room, and run "
            "make again.",
            file=sys.stderr,
        )
        return status or 1
    for pip in pips:
        if pip.wait():
            sys.stderr.writelines(["pip could not install the packages:\n", *pip.lines[-ERROR_LINES_SHOWN:]])
    return status


def locked(lock: str) -> dict[str, str]:
    """Return each package's pin with its hashes, by name."""
    pins = re.findall(r"^[\w.\-]+==(?:.*\\\n)*.*$", lock, re.MULTILINE)
    return {pin.partition("==")[0]: pin for pin in pins}


def without_torch(pins: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the pins without torch and the libraries for a GPU, and torch's packages as NAME==VERSION."""
    kept = {name: pin for name, pin in pins.items() if not TORCH.match(name) and not FOR_A_GPU.match(name)}
    return kept, [pin.split()[0] for name, pin in pins.items() if TORCH.match(name)]


def shares(pins: dict[str, str]) -> list[list[str]]:
    """Divide the pins among the pips, the heavy ones apart."""
    heavy = [pin for name, pin in pins.items() if HEAVY.match(name)]
    light = [pin for name, pin in pins.items() if not HEAVY.match(name)]
    return [share for share in (heavy, *(light[first :: PIPS - 1] for first in range(PIPS - 1))) if share]


class Pip:
    """A pip at work. The locks are whole, so none looks at what packages need."""

    def __init__(self, arguments: list[str], progress: Progress) -> None:
        self.lines: list[str] = []
        self._progress = progress
        options = ["--no-deps", "--no-input", "--progress-bar=off", "--disable-pip-version-check"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pip", "install", *options, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait(self) -> int:
        """Wait for the end; returns the exit status."""
        self._reader.join()
        return self._process.wait()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self.lines.append(line)
            self._progress.note(line)


class Progress:
    """One line that says how far the pips are; on a terminal it is rewritten twice a second."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._count = 0
        self._fetched_mb = 0.0
        self._doing = "Looking up packages"
        self._began = time.monotonic()
        self._on_terminal = sys.stdout.isatty()
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._draw, daemon=True)
        self._thread.start()

    def summary(self) -> str:
        """Return what was done, in one sentence."""
        elapsed_s = time.monotonic() - self._began
        return f"Installed {self._total} packages in {elapsed_s:.0f} s, {self._fetched_mb:,.0f} MB of them fetched."

    def note(self, line: str) -> None:
        """Read one line of a pip's output."""
        with self._lock:
            if found := re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.\-]+)", line):
                self._count += 1
                self._say(f"Fetching package {self._count} of {self._total}, {found[1]}")
            elif found := re.match(r"\s*Downloading \S+ \(([\d.]+) ([kMG]?)B\)", line):
                self._fetched_mb += float(found[1]) * {"": 1e-6, "k": 1e-3, "M": 1, "G": 1e3}[found[2]]
            elif line.startswith("Installing collected packages"):
                self._say("Unpacking packages")

    def close(self, text: str) -> None:
        """Stop drawing and leave a last word."""
        self._done.set()
        self._thread.join()
        if self._on_terminal:
            print("\r\033[K", end="")
        print(text, flush=True)

    def _say(self, text: str) -> None:
        if not self._on_terminal and text != self._doing and (self._count % 50 == 0 or text.startswith("Unpacking")):
            print(f"{text}; {self._fetched_mb:,.0f} MB so far", flush=True)
        self._doing = text

    def _draw(self) -> None:
        while not self._done.wait(0.5):
            if self._on_terminal:
                elapsed_s = time.monotonic() - self._began
                print(f"\r\033[K{self._doing}; {self._fetched_mb:,.0f} MB, {elapsed_s:.0f} s", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
