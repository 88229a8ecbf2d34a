"""What this machine computes with: the cores that are this process's share, what they can do, and on which device."""

from __future__ import annotations

import math
import os
from pathlib import Path, PurePosixPath
from typing import Callable, Iterator

from convai_rasa.errors import ConfigurationError

CPU_INFO = Path("/proc/cpuinfo")
# Processors that multiply bfloat16 themselves; others emulate it and are slower than with float32.
_BFLOAT16 = frozenset({"avx512_bf16", "amx_bf16", "bf16"})
_QUOTA_FILES = ("cpu.max", "cpu.cfs_quota_us", "cpu.cfs_period_us")  # cgroups of version 2; of version 1, two files
_NO_QUOTA = ("max", "-1")


def cores(system: Path = Path("/")) -> int:
    """Return how many cores this process may keep busy: those it is pinned to, or fewer by a container's limit."""
    pinned = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([pinned, *map(math.ceil, _quotas(system))]))


def instructions(cpu_info: Path = CPU_INFO) -> frozenset[str]:
    """Return what all processors of this machine can do, in Linux's words ("avx2", "asimd"), if it is told."""
    lines = (line.partition(":") for line in _text(cpu_info).splitlines())
    known = [frozenset(words.split()) for key, _, words in lines if key.strip().lower() in ("flags", "features")]
    return frozenset.intersection(*known) if known else frozenset()


def has_bfloat16(cpu_info: Path = CPU_INFO) -> bool:
    """Say whether the processor has bfloat16 arithmetic; no where the system does not tell."""
    return not _BFLOAT16.isdisjoint(instructions(cpu_info))


def choose_device(wanted: str, gpus: Callable[[], int], *, library: str, remedy: str) -> str:
    """Return the device that an option names: "cpu", "cuda", "cuda:1"...; "auto" is a GPU where there is one.

    Args:
        wanted: by the user.
        gpus: tells how many the library can use; only asked where that matters.
        library, remedy: what is to compute, and how it would get its GPU, for the error.

    Raises:
        ConfigurationError: there is no such device.
    """
    if wanted == "cpu":
        return "cpu"
    found = gpus()
    if wanted == "auto":
        return "cuda" if found else "cpu"
    if int(wanted.partition(":")[2] or 0) >= found:
        there = f"{found} GPU{'s' if found > 1 else ''}" if found else "no GPU"
        raise ConfigurationError(
            f"device: {wanted} was requested, but {library} computes on {there}; {remedy}, or use device: auto."
        )
    return wanted


def _quotas(system: Path) -> Iterator[float]:
    """Yield how many cores' time each control group gives that this process is in, its own and those above."""
    for line in _text(system / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)  # version 2 names no controllers
        if controllers and "cpu" not in controllers.split(","):
            continue
        top = system / "sys/fs/cgroup" / ("cpu" if controllers else "")
        own = PurePosixPath(path.lstrip("/"))
        for group in (own, *own.parents):
            words = " ".join(_text(top / group / name) for name in _QUOTA_FILES).split()
            if len(words) == 2 and words[0] not in _NO_QUOTA:
                yield int(words[0]) / int(words[1])


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # other systems have no such file
        return ""
