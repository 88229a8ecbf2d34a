"""What a source is asked for, and what it answers: the contract of ``convai_rasa.store.sources``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the catalog knows the sources' options, so it cannot be imported here
    from convai_rasa.store.catalogue import Model
    from convai_rasa.store.progress import Progress


@dataclass(frozen=True)
class Order:
    """One model, wanted from one source.

    Attributes:
        model: as the catalog describes it.
        staging: the source's own folder, kept between runs so that a cut download goes on; removed once the model is
            installed, and when what was delivered is refused.
        into: an empty folder on the same filesystem, for the model's files.
        progress: where to show what is going on.
        revision: the revision that models.lock has, for a source that the catalog pins none of.
        version: which version of the tree it becomes; a place that keeps versions may have it as that.
    """

    model: Model
    staging: Path
    into: Path
    progress: Progress
    revision: str | None = None
    version: str | None = None


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
