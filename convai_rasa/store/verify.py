"""Is an installed model still what was published?"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from convai_rasa.errors import ModelCorrupt
from convai_rasa.hardware import cores
from convai_rasa.store.files import sha256
from convai_rasa.store.manifest import is_installed, read_manifest

if TYPE_CHECKING:
    from convai_rasa.store.catalogue import Model

Expected = tuple[Optional[int], Optional[str]]  # size and SHA-256, as far as they are known
_THREADS = min(4, cores())  # hashing releases the GIL


def verify_model(folder: Path, model: Model | None, *, progress: Callable[[int], object] | None = None) -> list[str]:
    """Read every byte of an installed model and compare it with what was published.

    Files that were installed as they were published are compared with the catalog; files a conversion wrote, which
    differ between versions of its libraries, with what was written down when they were checked against the original.
    A folder that another program put there has nothing but the catalog to be compared with.

    Args:
        folder: the installed model.
        model: its entry in the catalog, None if the catalog does not have it.
        progress: called, by several threads, with the number of bytes of every piece that was read.

    Returns:
        One sentence for each file that is wrong; empty if none is.
    """
    try:
        expected = _expected(folder, model)
    except ModelCorrupt as error:
        return [str(error)]
    if not expected:
        return [f"{folder} was not installed by this package, so there is nothing to compare it with."]
    largest_first = sorted(expected.items(), key=lambda item: item[1][0] or 0, reverse=True)
    with ThreadPoolExecutor(_THREADS) as pool:
        problems = pool.map(lambda item: _problem(folder / item[0], item[1], progress), largest_first)
        return sorted(problem for problem in problems if problem)


def _expected(folder: Path, model: Model | None) -> dict[str, Expected]:
    files = model.files if model else {}
    published: dict[str, Expected] = {name: (file.size, file.sha256) for name, file in files.items() if file.sha256}
    if not is_installed(folder):
        return {} if model and model.conversion else published
    manifest = read_manifest(folder)
    expected: dict[str, Expected] = {name: (file.size, file.sha256) for name, file in manifest.files.items()}
    if model and not manifest.conversion and not manifest.archives and manifest.name == model.name:
        expected |= published
    return expected


def _problem(path: Path, expected: Expected, progress: Callable[[int], object] | None) -> str | None:
    size, digest = expected
    try:
        found_size = path.stat().st_size
        if size is not None and found_size != size:
            return f"{path} has {found_size:,} bytes instead of {size:,}."
        found = sha256(path, progress)
    except FileNotFoundError:
        return f"{path} is missing."
    except OSError as error:
        return f"{path} cannot be read ({error.strerror})."
    return None if digest in (None, found) else f"{path} differs: its SHA-256 is {found} instead of {digest}."
