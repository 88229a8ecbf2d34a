"""What a source is asked for, and what it answers: the contract of this room."""

from __future__ import annotations

import abc
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

from convai_rasa.options import Field, Options
from convai_rasa.store.progress import Progress


class PublishedFile(Options):
    """One file as its publisher put it out: its bytes (``bytes`` in the YAML) and SHA-256 in hex, if they are known."""

    size: Optional[int] = Field(None, alias="bytes", gt=0)
    sha256: Optional[str] = Field(None, regex="^[0-9a-f]{64}$")


@dataclass(frozen=True)
class Order:
    """One model, wanted from one source.

    ``staging`` is the source's own folder, kept between runs so that a cut download goes on; it is removed once the
    model is installed, and when what was delivered is refused. ``stop`` is set once nobody waits for the delivery any
    more; whoever fetches then soon raises ``Abandoned``.
    """

    name: str  # kind/name of the model
    files: Mapping[str, PublishedFile]  # of its publisher; empty where that is for the source to find out
    staging: Path
    into: Path  # an empty folder on the same filesystem, for the model's files
    progress: Progress
    revision: str | None = None  # that models.lock has, for a source that the catalog pins none of
    version: str | None = None  # of the tree that it becomes; a place that keeps versions may have it as that
    stop: threading.Event = field(default_factory=threading.Event)

    def part(self, name: str) -> Path:
        """Return where a file of this name is collected."""
        return self.staging / "files" / name

    def hand_over(self, parts: Mapping[str, Path]) -> None:
        """Move staged files to their names, which is for when all are there: until then the next run needs them."""
        for name, part in parts.items():
            target = self.into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(part, target)


@dataclass(frozen=True)
class Delivery:
    """What a source has put into the order's folder; nobody has checked its hashes yet."""

    source: str  # in words and without secrets; the manifest keeps it
    revision: str | None = None  # the version that the source found, such as a commit; None if it has none
    archives: dict[str, str] = field(default_factory=dict)  # SHA-256 of those compared as a whole, by file name
    installed: bool = False  # the folder is as this package installs a model, with its manifest; nothing to convert


class Place(Options):
    """A place that models are fetched from, with the options of its kind; ``str`` is the place in words."""

    @abc.abstractmethod
    def fetch(self, order: Order) -> Delivery:
        """Leave the files of a model in ``order.into``, and what the next run shall go on with in ``order.staging``.

        Raises:
            DownloadError: it cannot be had from here; a clause without a full stop.
        """
