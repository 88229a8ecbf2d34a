"""One place in which a model was looked for."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Optional


class Look(NamedTuple):
    """What was found in one place.

    Attributes:
        place: in words, such as ``Whisper's cache``.
        path: where it would lie there.
        folder: the model; None if it is not there, or not usable.
        problem: why what lies there is no use; None if nothing lies there, or the model.
    """

    place: str
    path: Path
    folder: Optional[Path] = None
    problem: Optional[str] = None
