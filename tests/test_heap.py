from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import mmap
import re
import weakref
from pathlib import Path
from typing import Iterator

import pytest

from convai_rasa import heap

pytestmark = pytest.mark.slow


class Model:
    """Refers to itself, as a loaded one does somewhere."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def python_as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.freeze()


def test_loading_is_not_held_up_and_afterwards_there_is_little_to_look_through(monkeypatch: pytest.MonkeyPatch) -> None:
    gc.freeze()
    monkeypatch.setattr(gc, "unfreeze", lambda: None)  # what pytest holds takes a second; the next test unfreezes it
    heap.begin_loading()
    assert gc.get_threshold()[0] > 10_000
    garbage = weakref.ref(Model())
    heap.settle()
    assert garbage() is None
    assert gc.get_threshold() == (700, 10, 10)
    assert len(gc.get_objects()) < 1_000 < gc.get_freeze_count()


async def test_a_model_that_was_exchanged_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heap, "TRIM_EVERY_S", 0.01)
    loaded = [Model()]
    first = weakref.ref(loaded[0])
    heap.settle()
    keeping = asyncio.ensure_future(heap.keep_small(lambda: loaded[0]))
    await asyncio.sleep(0.05)
    loaded[0] = Model()
    for _ in range(500):
        if first() is None:
            break
        await asyncio.sleep(0.01)
    assert first() is None
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping


@pytest.mark.skipif(not hasattr(heap._C, "malloc_trim"), reason="this system's allocator needs no telling")
def test_what_is_free_goes_back_to_the_machine() -> None:
    heap.trim()
    pieces = [bytearray(100_000) for _ in range(1_000)]
    held = pieces[::100]  # so that most lies between pieces that stay
    full = resident_mb()
    del pieces
    heap.trim()
    assert resident_mb() < full - 60
    assert len(held) == 10


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


needs_smaps = pytest.mark.skipif(not heap._MAPPINGS.exists(), reason="only Linux tells what is mapped")
_PAGES = 64


def mapped(path: Path, *, changed: bool) -> tuple[mmap.mmap, int]:
    """Map a file as a loader does its libraries: privately, perhaps changed, then for reading only."""
    path.write_bytes(b"library " * (_PAGES * mmap.PAGESIZE // 8))
    with path.open("rb") as file:
        area = mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    start = ctypes.addressof(ctypes.c_char.from_buffer(area))
    if changed:
        area[:7] = b"address"
    heap._C.mprotect(ctypes.c_void_p(start), ctypes.c_size_t(len(area)), mmap.PROT_READ)
    assert sum(area[page * mmap.PAGESIZE] for page in range(1, _PAGES))  # every page has been read
    return area, start


def resident_kb(start: int) -> int:
    found = re.search(rf"^{start:x}-.*?^Rss:\s+(\d+)", heap._MAPPINGS.read_text(), re.MULTILINE | re.DOTALL)
    assert found
    return int(found[1])


@needs_smaps
def test_what_was_read_of_a_library_leaves_the_process_and_comes_back_when_it_is_needed(tmp_path: Path) -> None:
    area, start = mapped(tmp_path / "library.so", changed=False)
    assert resident_kb(start) == _PAGES * mmap.PAGESIZE // 1024
    heap.let_go_of_libraries()
    assert resident_kb(start) == 0
    assert area[:8] == area[-8:] == b"library "


@needs_smaps
def test_a_library_into_which_addresses_were_written_stays_as_it_is(tmp_path: Path) -> None:
    area, start = mapped(tmp_path / "library.so", changed=True)
    heap.let_go_of_libraries()
    assert resident_kb(start) > 0
    assert area[:8] == b"address "
