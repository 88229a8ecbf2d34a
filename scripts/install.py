"""Installs requirements.lock into the running Python with pip, on one line of progress instead of a thousand.

Uses the standard library alone: nothing else is installed yet.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from pathlib import Path

LOCK = Path(__file__).parent.parent / "requirements.lock"
ERROR_LINES_SHOWN = 30


def main() -> int:
    """Run pip; return its exit status."""
    total = len(re.findall(r"^\S+==", LOCK.read_text(encoding="utf-8"), re.MULTILINE))
    pip = [sys.executable, "-m", "pip", "install", "--require-hashes", "--requirement", str(LOCK)]
    process = subprocess.Popen(
        [*pip, "--progress-bar", "off", "--no-input", "--disable-pip-version-check"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    progress = Progress(total)
    lines = []
    for line in process.stdout or ():
        lines.append(line)
        progress.note(line)
    status = process.wait()
    progress.close("" if status else f"Installed {total} packages in {progress.elapsed_s:.0f} s.")
    if status:
        sys.stderr.writelines(
            ["pip could not install the packages of requirements.lock:\n", *lines[-ERROR_LINES_SHOWN:]]
        )
    return status


class Progress:
    """One line that says how far pip is; on a terminal it is rewritten twice a second."""

    def __init__(self, total: int) -> None:
        self._total, self._count, self._doing = total, 0, "Looking up packages"
        self._began = time.monotonic()
        self._on_terminal = sys.stdout.isatty()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._draw, daemon=True)
        self._thread.start()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    def note(self, line: str) -> None:
        """Read one line of pip's output."""
        collecting = re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.\-]+)", line)
        if collecting:
            self._count += 1
            self._say(f"Fetching {self._count}/{self._total} {collecting[1]}")
        elif line.startswith("Installing collected packages"):
            self._say(f"Unpacking {self._total} packages, about 9 GB")

    def close(self, text: str) -> None:
        """Stop drawing and leave a last word."""
        self._done.set()
        self._thread.join()
        if self._on_terminal:
            print("\r\033[K", end="")
        print(text, flush=True)

    def _say(self, text: str) -> None:
        milestone = self._count % 50 == 0 or text.startswith("Unpacking")
        if not self._on_terminal and milestone:
            print(text, flush=True)
        self._doing = text

    def _draw(self) -> None:
        while not self._done.wait(0.5):
            if self._on_terminal:
                print(f"\r\033[K{self._doing} … {self.elapsed_s:.0f} s", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
