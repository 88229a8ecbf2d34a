"""What the first `make talk` costs: a copy of this checkout, empty caches, until the page answers that it is ready.

    python benchmarks/first_run.py               make talk, in its parts
    python benchmarks/first_run.py --into-rasa   this package, into an environment that has Rasa already

The copy holds what git tracks, and new files that it does not ignore; home and caches are in a temporary folder, and
pip's configuration is the user's own. Bytes are those that the network interfaces of this machine received (Linux;
the loopback is left out), so nothing else should fetch anything meanwhile. Needs no package; everything it started and
wrote is gone at the end.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
PYTHON_FINDER = ROOT / "scripts" / "find_python.sh"
# What a new machine does not have.
LEFT_OUT = ("CONVAI_MODELS_DIR", "HF_HOME", "WHISPER_CACHE_DIR", "TTS_HOME", "VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS")
POLL_S = 0.2


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into-rasa", action="store_true", help="install into an environment that has Rasa")
    parser.add_argument("--folder", type=Path, help="where the temporary folder is made: 4 GB (default: the system's)")
    parser.add_argument(
        "--limit", type=float, default=1200, help="seconds after which to give up (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="first-run-", dir=given.folder) as folder:
        checkout = copy_checkout(Path(folder, "checkout"))
        environment = fresh_environment(Path(folder))
        measure = into_rasa if given.into_rasa else make_talk
        found = measure(checkout, environment, time.monotonic() + given.limit)
    for name, value in found.items():
        print(f"{name:16}{value:>10,}")
    if given.json:
        print(json.dumps(found))
    return 0


def make_talk(checkout: Path, environment: dict[str, str], deadline: float) -> dict[str, float]:
    """Return the parts of `make talk`, told apart by the files that each leaves."""
    port, actions_port = free_port(), free_port()
    began, received = time.time(), received_bytes()
    command = ["make", "talk", f"PORT={port}", f"ACTIONS_PORT={actions_port}"]
    with running(command, checkout, environment) as process:
        installed = checkout / ".venv" / ".talk"
        wait_until(installed.exists, process, deadline)
        fetched_mb = (received_bytes() - received) / 1e6
        wait_until(lambda: is_ready(port), process, deadline)
        ready = time.time()
    models = max(manifest.stat().st_mtime for manifest in checkout.glob("models/*/*/convai-model.json"))
    trained = (checkout / "bot" / "models" / ".trained").stat().st_mtime
    moments = [began, installed.stat().st_mtime, models, trained, ready]
    parts = ("install_s", "models_s", "train_s", "start_s")
    return {
        "ready_s": round(ready - began, 1),
        **{name: round(moments[n + 1] - moments[n], 1) for n, name in enumerate(parts)},
        "fetched_mb": round(fetched_mb),
        "disk_mb": disk_mb(checkout / ".venv"),
    }


def into_rasa(checkout: Path, environment: dict[str, str], deadline: float) -> dict[str, float]:
    """Return what the understanding and the voice add to an environment with Rasa; stops where `pip check` objects."""
    venv = checkout.parent / "venv"
    pip = [str(venv / "bin" / "python"), "-m", "pip"]

    def run(*command: str) -> None:
        subprocess.run(command, check=True, env=environment, cwd=checkout, timeout=deadline - time.monotonic())

    run(environment["PYTHON310"], "-m", "venv", str(venv))
    run(*pip, "install", "--quiet", "--upgrade", "pip")
    run(*pip, "install", "--quiet", "rasa>=3.6.21,<3.7")
    disk, received, began = disk_mb(venv), received_bytes(), time.monotonic()
    run(*pip, "install", "--quiet", f"{checkout}[rasa,nlu,voice]")
    took_s, fetched_mb = time.monotonic() - began, (received_bytes() - received) / 1e6
    run(*pip, "check")
    return {"install_s": round(took_s, 1), "fetched_mb": round(fetched_mb), "disk_mb": disk_mb(venv) - disk}


def copy_checkout(target: Path) -> Path:
    """Copy the files of this checkout, without what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():  # else it is deleted and not yet committed
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def fresh_environment(folder: Path) -> dict[str, str]:
    """Return the variables for a user who has nothing but Python 3.10."""
    environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    python = subprocess.run([str(PYTHON_FINDER)], check=True, capture_output=True, text=True).stdout.strip()
    configured = Path.home() / ".config" / "pip" / "pip.conf"
    if configured.is_file():
        environment.setdefault("PIP_CONFIG_FILE", str(configured))
    for name, place in {
        "HOME": "home",
        "XDG_CACHE_HOME": "cache",
        "PIP_CACHE_DIR": "cache/pip",
        "TMPDIR": "tmp",
    }.items():
        (folder / place).mkdir(parents=True, exist_ok=True)
        environment[name] = str(folder / place)
    return {**environment, "PYTHON310": python}


@contextlib.contextmanager
def running(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a session of its own; ends it, and all it started, as Ctrl-C does."""
    process = subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(40)
                break


def wait_until(happened: Callable[[], bool], process: subprocess.Popen[bytes], deadline: float) -> None:
    """Look again and again, until it has happened, the process has ended or the time is over."""
    while not happened():
        if process.poll() is not None:
            sys.exit(f"make talk ended with status {process.returncode}.")
        if time.monotonic() > deadline:
            sys.exit("The time is over; --limit gives it more.")
        time.sleep(POLL_S)


def is_ready(port: int) -> bool:
    """Ask the voice channel whether it takes callers."""
    with contextlib.suppress(OSError, ValueError):
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(f"http://127.0.0.1:{port}/webhooks/voice/", timeout=2) as answer:
            return json.load(answer).get("ready") is True
    return False


def received_bytes() -> int:
    """Return how many bytes this machine has received from others since it was started."""
    total = 0
    for line in Path("/proc/net/dev").read_text().splitlines()[2:]:
        name, _, counters = line.partition(":")
        total += int(counters.split()[0]) if name.strip() != "lo" else 0
    return total


def disk_mb(folder: Path) -> int:
    """Return what a folder takes on the disk, in MB of a million bytes."""
    return round(sum(path.lstat().st_blocks * 512 for path in folder.rglob("*")) / 1e6)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
