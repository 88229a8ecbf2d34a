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
from convai_rasa.store.names import Name, parse_name
from convai_rasa.store.progress import Progress, clock
from convai_rasa.store.sources import Delivery, Order, Place, run_all
from convai_rasa.store.tree import STAGING

_SPARE_BYTES = 50_000_000
_ONE_CONVERSION = threading.Lock()  # each takes a gigabyte, and all the cores it gets


@dataclass(frozen=True)
class Wishes:
    """How a model is to be fetched.

    Attributes:
        force: even if it is installed.
        offline: only from this machine.
        source: None for the catalog's sources, else as ``convai_rasa.store.choice.places`` takes it.
    """

    force: bool = False
    offline: bool = False
    source: str | None = None


def is_up_to_date(model: Model, folder: Path) -> bool:
    """Whether a folder holds the model as the catalog has it, with every file present and of its full length."""
    if not is_installed(folder):
        return False
    try:
        return model.matches(read_manifest(folder)) and find_damage(folder) is None
    except ModelCorrupt:
        return False


def fetch_model(
    model: Model,
    tree: Path,
    wishes: Wishes = Wishes(),
    *,
    target: Path | None = None,
    progress: Progress | None = None,
) -> bool:
    """Install a model into a models/ tree, unless it is there.

    Safe against other processes that do the same: the second waits, and finds it installed.

    Args:
        model: from the catalog.
        tree: the models/ folder; created if missing.
        wishes: how to go about it.
        target: its folder in the tree, where that is not the one of its name.
        progress: where to show what is going on.

    Returns:
        False if it was installed already.

    Raises:
        ConfigurationError: the source the user names is none.
        DownloadError: no source could deliver it, or there is no room, or its place is taken by something else.
        MissingExtra: it has to be converted and the libraries for that are not installed.
        ModelError: the conversion failed, or its result is not the same model.
    """
    progress = progress or Progress()
    target = target or tree / model.name
    installed = False
    if wishes.force or not is_up_to_date(model, target):
        staging = staging_of(target, tree)
        waiting = f"{model.name}: another process is fetching it; waiting for that"
        try:
            staging.parent.mkdir(parents=True, exist_ok=True)
            with locked(staging.with_name(staging.name + ".lock"), waiting, progress.say):
                if wishes.force or not is_up_to_date(model, target):
                    _Installation(model, tree, target, staging, wishes, progress).run()
                    shutil.rmtree(staging, ignore_errors=True)
                    installed = True
        except OSError as error:
            raise DownloadError(f"{model.name} could not be written: {error}.") from error
    progress.finish()
    return installed


@dataclass(frozen=True)
class _Installation:
    """One model on its way into the tree."""

    model: Model
    tree: Path
    target: Path
    staging: Path
    wishes: Wishes
    progress: Progress

    @property
    def name(self) -> Name:
        """The name of what it becomes, with its version if that has one."""
        name = parse_name(self.target.relative_to(self.tree).as_posix())
        return name or Name(*self.model.name.split("/"))

    def run(self) -> None:
        model, target = self.model, self.target
        if target.exists() and not is_installed(target) and any(target.iterdir()):
            raise DownloadError(
                f"{target} contains something that was not put there by this command; move it away first."
            )
        asked = places(model, self.wishes.source, offline=self.wishes.offline)
        if model.conversion:
            require_libraries(model.conversion.name)
        self._check_room()
        delivered = self.staging / "delivered"
        delivery, checked = self._first_that_delivers(asked, delivered)
        folder = delivered if delivery.installed else self._finished(delivered, delivery, checked)
        if checked.trusted:
            lock_model(self.tree, str(self.name), LockedModel(delivery.source, delivery.revision, checked.trusted))
        put_in_place(folder, target, self.staging)

    def _first_that_delivers(self, asked: list[Place], into: Path) -> tuple[Delivery, Checked]:
        """Ask the places in order; leaves the checked files in ``into``."""
        model, progress = self.model, self.progress
        locked = read_lock(self.tree).get(str(self.name))
        failures: list[str] = []
        for number, place in enumerate(asked):
            shutil.rmtree(into, ignore_errors=True)
            into.mkdir(parents=True)
            progress.restart()
            own = self.staging / f"source-{number}"
            own.mkdir(parents=True, exist_ok=True)
            then = f"{model.name}: {failures[-1]}; trying the next source\n" if failures else ""
            progress.say(f"{then}{model.name}: fetching {readable_bytes(model.fetched_bytes)} from the {place}")
            revision = locked.revision if locked else None
            order = Order(model.name, model.files, own, into, progress, revision, self.name.version)
            try:
                delivery = _deliver(place, order)
            except DownloadError as error:
                failures.append(str(error).rstrip("."))
                continue
            try:
                return delivery, check_delivery(model, into, delivery, locked.files if locked else {})
            except DownloadError as error:
                shutil.rmtree(own, ignore_errors=True)  # the next run must not find the same again
                failures.append(f"{error} (from the {place})")
        raise DownloadError(f"{model.name} could not be fetched: {'; then '.join(failures)}.")

    def _finished(self, delivered: Path, delivery: Delivery, checked: Checked) -> Path:
        """Turn the published files into the folder to install; returns it."""
        model = self.model
        folder, difference = self._convert(delivered) if model.conversion else (delivered, None)
        notice = f"{model.name}: {model.purpose}\nFrom: {model.origin}\nLicense: {model.licence}\n\n{model.notice}"
        (folder / NOTICE).write_text(notice, encoding="utf-8")
        write_manifest(folder, model, delivery, published=checked.hashes, difference=difference)
        return folder

    def _convert(self, delivered: Path) -> tuple[Path, float]:
        """Convert the published files; returns the folder of the result and its difference from the original."""
        assert self.model.conversion
        for leftover in self.staging.glob("result-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        result = self.staging / f"result-{uuid.uuid4().hex}"  # its own: a conversion may outlive a killed parent
        result.mkdir()
        name = self.model.name
        self.progress.say(f"{name}: converting, and checking the result against the original")
        with _ONE_CONVERSION, clock(f"{name}: converting"):
            return result, run_conversion(self.model.conversion.name, delivered, result)

    def _check_room(self) -> None:
        """Refuse to start where the disk would run full half-way."""
        needed, free = room(self.model, self.staging)
        if free < needed:
            raise DownloadError(
                f"{self.model.name} needs {readable_bytes(needed)} of free disk space while it is fetched, and there "
                f"are {readable_bytes(free)} in {self.tree}; make room, or choose another place with --models-dir."
            )


def _deliver(place: Place, order: Order) -> Delivery:
    """Fetch in a thread of its own, so that Ctrl-C need not wait for a server that does not answer."""
    deliveries: list[Delivery] = []
    run_all([lambda: deliveries.append(place.fetch(order))], order.stop, order.progress)
    return deliveries[0]


def write_manifest(
    folder: Path, model: Model, delivery: Delivery, *, published: dict[str, str], difference: float | None
) -> None:
    """Describe a complete folder, not yet in place, in its manifest.

    ``published`` are the SHA-256 of the delivered files; ``difference`` is what the conversion's check has found.
    """
    Manifest(
        name=model.name,
        source=delivery.source,
        licence=model.licence,
        published=published,
        conversion=model.conversion.name if model.conversion else None,
        difference=difference,
        files=describe_files(folder, known={} if model.conversion else published),
        revision=delivery.revision,
        archives=delivery.archives,
    ).write(folder)


def staging_of(target: Path, tree: Path) -> Path:
    """Return where a model lies while it is on its way to its folder in a tree."""
    return tree / STAGING / target.relative_to(tree).as_posix().replace("/", "--")


def room(model: Model, staging: Path) -> tuple[int, int]:
    """Return how many bytes fetching a model takes for a while, and how many are free for it.

    What already lies where it is fetched to, ``staging``, counts as free.
    """
    # archives, the files taken out of them and the converted result all lie there together
    archived = any(source.kind != "hugging_face" for source in model.sources)
    needed = (2 if archived else 1) * model.fetched_bytes + _SPARE_BYTES
    if model.conversion:
        needed += model.installed_bytes
    place = next(folder for folder in (staging, *staging.parents) if folder.exists())
    return needed, shutil.disk_usage(place).free + tree_bytes(staging)
