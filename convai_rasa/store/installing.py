"""Fetch one model: lock, download, check, convert, check again, put in place.

Everything happens in ``models/.staging`` until the folder is whole; it then takes its place in one step. A run that is
killed leaves what was installed before untouched, and the next run continues with what has already arrived.
"""

from __future__ import annotations

import shutil
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path

from convai_rasa.errors import DownloadError, ModelCorrupt
from convai_rasa.store.catalogue import Model
from convai_rasa.store.check import Checked, LockedModel, check_delivery, lock_model, read_lock
from convai_rasa.store.choice import places
from convai_rasa.store.conversions import require_libraries, run_conversion
from convai_rasa.store.files import locked, put_in_place, readable_bytes, tree_bytes
from convai_rasa.store.manifest import NOTICE, Manifest, describe_files, find_damage, is_installed, read_manifest
from convai_rasa.store.names import Name
from convai_rasa.store.progress import Progress, clock
from convai_rasa.store.sources import Delivery, Order, Place, run_all
from convai_rasa.store.tree import STAGING
from convai_rasa.store.versioning import folder_in

_SPARE_BYTES = 50_000_000
_ONE_CONVERSION = threading.Lock()  # each takes a gigabyte, and all the cores it gets


@dataclass(frozen=True)
class Wishes:
    """How a model is to be fetched."""

    force: bool = False  # even if it is installed
    offline: bool = False  # only from this machine
    source: str | None = None  # as ``places`` takes it; None for the catalog's sources


def is_up_to_date(model: Model, folder: Path) -> bool:
    """Whether a folder holds the model as the catalog has it, with every file present and of its full length."""
    try:
        return is_installed(folder) and model.matches(read_manifest(folder)) and find_damage(folder) is None
    except ModelCorrupt:
        return False


def fetch_model(
    model: Model,
    tree: Path,
    wishes: Wishes = Wishes(),
    *,
    name: Name | None = None,
    progress: Progress | None = None,
) -> bool:
    """Install a model of the catalog into a models/ tree, made if need be; returns False if it was there already.

    Safe against other processes that do the same: the second waits, and finds it installed. ``name`` is what it is to
    be called in the tree, where that is not its own name.

    Raises:
        ConfigurationError: the source the user names is none.
        DownloadError: no source could deliver it, or there is no room, or its place is taken by something else.
        MissingExtra: it has to be converted and the libraries for that are not installed.
        ModelError: the conversion failed, or its result is not the same model.
    """
    progress = progress or Progress()
    installation = _Installation(model, name or Name.of(model.name), tree, wishes, progress)
    installed = False
    if installation.is_needed():
        waiting = f"{model.name}: another process is fetching it; waiting for that"
        staging = installation.staging
        try:
            with locked(staging.with_name(staging.name + ".lock"), waiting, progress.say):
                if installation.is_needed():
                    installation.run()
                    shutil.rmtree(staging, ignore_errors=True)
                    installed = True
        except OSError as error:
            raise DownloadError(f"{model.name} could not be written: {error}.") from error
    progress.finish()
    return installed


@dataclass
class _Installation:
    """One model on its way into the tree."""

    model: Model
    name: Name
    tree: Path
    wishes: Wishes
    progress: Progress

    def __post_init__(self) -> None:
        self.target = folder_in(self.tree, self.name)
        self.staging = self.tree / STAGING / self.name.path.replace("/", "--")

    def is_needed(self) -> bool:
        return self.wishes.force or not is_up_to_date(self.model, self.target)

    def run(self) -> None:
        model, target = self.model, self.target
        if target.exists() and not is_installed(target) and any(target.iterdir()):
            raise DownloadError(
                f"{target} contains something that was not put there by this command; move it away first."
            )
        asked = places(model, self.wishes.source, offline=self.wishes.offline)
        if model.conversion:
            require_libraries(model.conversion.name)
        needed, free = needed_bytes(model), free_bytes(self.staging)
        if free < needed:
            raise DownloadError(
                f"{model.name} needs {readable_bytes(needed)} of free disk space while it is fetched, and there "
                f"are {readable_bytes(free)} in {self.tree}; make room, or choose another place with --models-dir."
            )
        folder = self.staging / "delivered"
        delivery, checked = self._first_that_delivers(asked, folder)
        if not delivery.installed:
            folder = self._install(folder, delivery, checked.hashes)
        if checked.trusted:
            lock_model(self.tree, str(self.name), LockedModel(delivery.source, delivery.revision, checked.trusted))
        put_in_place(folder, target, self.staging)

    def _first_that_delivers(self, asked: list[Place], into: Path) -> tuple[Delivery, Checked]:
        """Ask the places in order; leaves the checked files in ``into``."""
        model, progress = self.model, self.progress
        locked = read_lock(self.tree).get(str(self.name), LockedModel("", None, {}))
        failures: list[str] = []
        for number, place in enumerate(asked):
            shutil.rmtree(into, ignore_errors=True)
            into.mkdir(parents=True)
            progress.restart()
            own = self.staging / f"source-{number}"
            own.mkdir(parents=True, exist_ok=True)
            then = f"{model.name}: {failures[-1]}; trying the next source\n" if failures else ""
            progress.say(f"{then}{model.name}: fetching {readable_bytes(model.fetched_bytes)} from the {place}")
            order = Order(model.name, model.files, own, into, progress, locked.revision, self.name.version)
            try:
                delivery = _deliver(place, order)
            except DownloadError as error:
                failures.append(str(error).rstrip("."))
                continue
            try:
                return delivery, check_delivery(model, into, delivery, locked.files)
            except DownloadError as error:
                shutil.rmtree(own, ignore_errors=True)  # the next run must not find the same again
                failures.append(f"{error} (from the {place})")
        raise DownloadError(f"{model.name} could not be fetched: {'; then '.join(failures)}.")

    def _install(self, folder: Path, delivery: Delivery, hashes: dict[str, str]) -> Path:
        """Convert the published files, if they have to be, and describe them; returns their folder."""
        model, difference = self.model, None
        if model.conversion:
            for leftover in self.staging.glob("result-*"):
                shutil.rmtree(leftover, ignore_errors=True)
            result = self.staging / f"result-{uuid.uuid4().hex}"  # its own: a conversion may outlive a killed parent
            result.mkdir()
            self.progress.say(f"{model.name}: converting, and checking the result against the original")
            with _ONE_CONVERSION, clock(f"{model.name}: converting"):
                difference = run_conversion(model.conversion.name, folder, result)
            folder = result
        notice = f"{model.name}: {model.purpose}\nFrom: {model.origin}\nLicense: {model.licence}\n\n{model.notice}"
        (folder / NOTICE).write_text(notice, encoding="utf-8")
        Manifest(
            name=model.name,
            source=delivery.source,
            licence=model.licence,
            published=hashes,
            conversion=model.conversion.name if model.conversion else None,
            difference=difference,
            files=describe_files(folder, known={} if model.conversion else hashes),
            revision=delivery.revision,
            archives=delivery.archives,
        ).write(folder)
        return folder


def _deliver(place: Place, order: Order) -> Delivery:
    """Fetch in a thread of its own, so that Ctrl-C need not wait for a server that does not answer."""
    deliveries: list[Delivery] = []
    run_all([lambda: deliveries.append(place.fetch(order))], order.stop, order.progress)
    return deliveries[0]


def needed_bytes(model: Model) -> int:
    """Return how many bytes fetching a model takes for a while: archives, files and results all lie there together."""
    archived = any(source.kind != "hugging_face" for source in model.sources)
    converted = model.installed_bytes if model.conversion else 0
    return (2 if archived else 1) * model.fetched_bytes + converted + _SPARE_BYTES


def free_bytes(staging: Path) -> int:
    """Return how many bytes are free for what is fetched into a folder; what already lies in it counts as free."""
    place = next(folder for folder in (staging, *staging.parents) if folder.exists())
    return shutil.disk_usage(place).free + tree_bytes(staging)
