"""Is an installed model still what was published?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from convai_rasa.errors import ModelCorrupt
from convai_rasa.store.files import sha256
from convai_rasa.store.manifest import is_installed, read_manifest

if TYPE_CHECKING:
    from convai_rasa.store.catalogue import Model


def verify(folder: Path, model: Model | None, *, progress: Callable[[int], object] | None = None) -> list[str]:
    """Read every byte of an installed model and compare it with what was published.

    Files that were installed as they were published are compared with the catalogue; files a conversion wrote, which
    differ between versions of its libraries, with what was written down when they were checked against the original.

    Args:
        folder: the installed model.
        model: its entry in the catalogue, None if the catalogue no longer has it.
        progress: called with the number of bytes of every piece that was read.

    Returns:
        One sentence for each file that is wrong, in the order of the manifest; empty if none is.
    """
    if not is_installed(folder):
        return [f"{folder} was not installed by this package, so there is nothing to compare it with."]
    try:
        manifest = read_manifest(folder)
    except ModelCorrupt as error:
        return [str(error)]
    expected = {name: (file.size, file.sha256) for name, file in manifest.files.items()}
    if model and not model.conversion:
        expected |= {name: (file.size, file.sha256) for name, file in model.files.items()}
    problems = [_problem(folder / name, size, digest, progress) for name, (size, digest) in expected.items()]
    return [problem for problem in problems if problem]


def _problem(path: Path, size: int, digest: str, progress: Callable[[int], object] | None) -> str | None:
    try:
        found_size = path.stat().st_size
        if found_size != size:
            return f"{path} has {found_size:,} bytes, expected are {size:,}."
        found = sha256(path, progress)
    except FileNotFoundError:
        return f"{path} is missing."
    except OSError as error:
        return f"{path} cannot be read ({error.strerror})."
    return None if found == digest else f"{path} differs: its SHA-256 is {found}, expected is {digest}."
