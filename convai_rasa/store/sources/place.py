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

    Attributes:
        name: kind/name of the model.
        files: those that its publisher put out; empty where that is for the source to find out.
        staging: the source's own folder, kept between runs so that a cut download goes on; removed once the model is
            installed, and when what was delivered is refused.
        into: an empty folder on the same filesystem, for the model's files.
        progress: where to show what is going on.
        revision: the revision that models.lock has, for a source that the catalog pins none of.
        version: which version of the tree it becomes; a place that keeps versions may have it as that.
        stop: is set once nobody waits for the delivery any more; whoever fetches then soon raises ``Abandoned``.
    """

    name: str
    files: Mapping[str, PublishedFile]
    staging: Path
    into: Path
    progress: Progress
    revision: str | None = None
    version: str | None = None
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
    """What a source has put into the order's folder; nobody has checked its hashes yet.

    Attributes:
        source: where it came from, in words and without secrets; the manifest keeps it.
        revision: the version that the source found, such as a commit; None if it has none.
        archives: SHA-256 of archives that were compared with the catalog as a whole, by file name.
        installed: the folder is as this package installs a model, with its manifest, and needs no conversion.
    """

    source: str
    revision: str | None = None
    archives: dict[str, str] = field(default_factory=dict)
    installed: bool = False


class Place(Options):
    """A place that models are fetched from, with the options of its kind; ``str`` is the place in words."""

    @abc.abstractmethod
    def fetch(self, order: Order) -> Delivery:
        """Leave the files of a model in ``order.into``, and what the next run shall go on with in ``order.staging``.

        Raises:
            DownloadError: it cannot be had from here; a clause without a full stop.
        """
