"""The memory of the process: loading is quick, and from the first caller on it stays as it is."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import mmap
import re
import weakref
from pathlib import Path
from typing import Any, Callable, Iterator, Optional

TRIM_EVERY_S = 30.0  # what callers free meanwhile is kept by the allocator, some 100 KB a turn
_SELDOM = (50_000, 20, 100)
_USUAL = (700, 10, 10)  # Python's own
_MAPPINGS = Path("/proc/self/smaps")
_MAPPED_FILE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r-[x-]p [0-9a-f]+ \S+ [1-9]\d* +/")

try:
    _C: Optional[ctypes.CDLL] = ctypes.CDLL(None)  # the library of C that is in the process already
except (OSError, TypeError):  # Windows has no such thing
    _C = None


def begin_loading() -> None:
    """Look for garbage seldom, until :func:`settle`: that takes a third of the time in which Rasa is imported."""
    gc.set_threshold(*_SELDOM)


def settle() -> None:
    """Clean up after loading, once and thoroughly, so that it need not be done while people talk.

    Models are hundreds of thousands of objects that stay. Python looks through all of them for garbage, which takes
    the time of a syllable, and puts that off until there is a quarter as much garbage again. What stays is therefore
    taken out of its sight: then it looks often, and what it looks through is little.
    """
    gc.set_threshold(*_USUAL)
    gc.unfreeze()  # what was set aside before may be garbage now
    gc.collect()
    gc.freeze()
    gc.collect()  # what Python counts as staying is now next to nothing
    trim()
    let_go_of_libraries()


def trim() -> None:
    """Give memory that is free back to the machine; glibc would keep it, other allocators do so by themselves."""
    give_back = getattr(_C, "malloc_trim", None)
    if give_back is not None:
        give_back(0)


def let_go_of_libraries() -> None:
    """Take out of the process what was read of libraries only to load them: of TensorFlow alone 150 MB.

    The pages are the files', unchanged, and stay in the system's cache; the process gets those back that it touches.
    """
    madvise = getattr(_C, "madvise", None)
    if madvise is not None and _MAPPINGS.exists():  # Linux
        for start, end in list(_unchanged_mappings()):
            madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), mmap.MADV_DONTNEED)


def _unchanged_mappings() -> Iterator[tuple[int, int]]:
    """Yield where files are mapped that this process can't write to, and of which it has no page of its own."""
    candidate = None
    for line in _MAPPINGS.read_text(encoding="utf-8", errors="replace").splitlines():
        if found := _MAPPED_FILE.match(line):
            candidate = int(found[1], 16), int(found[2], 16)
        elif line.startswith("Anonymous:") and candidate:
            if line.split()[1] == "0":  # else a linker has written addresses there, which no file has
                yield candidate
            candidate = None


async def keep_small(loaded: Callable[[], Any]) -> None:
    """Trim now and then, and settle anew when another model has been loaded, as ``loaded`` tells; None: nothing is."""
    settled_on = weakref.ref(loaded())
    while True:
        await asyncio.sleep(TRIM_EVERY_S)
        if loaded() not in (None, settled_on()):
            settled_on = weakref.ref(loaded())
            settle()
        else:
            await asyncio.get_running_loop().run_in_executor(None, trim)
