"""Which places to ask or to push to: the sources of the catalog, those of one kind, or a place the user names."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from convai_rasa.errors import ConfigurationError, DownloadError
from convai_rasa.options import parse_options
from convai_rasa.store.catalogue import Model, Source
from convai_rasa.store.manifest import MANIFEST, parse_manifest
from convai_rasa.store.names import Name
from convai_rasa.store.sources import Bucket, Folder, Https, Mirror, Place, is_allowed

KINDS = tuple(Source.__fields__)
_COMPONENTS = {"whisper": "asr"}  # of a kind of models, where that is called otherwise


def places(model: Model, wanted: str | None = None, *, offline: bool = False) -> list[Place]:
    """Return the places to ask for a model, in order; offline those alone that are on this machine.

    ``wanted`` is None for all of the catalog, a kind such as ``hugging_face``, or a place that holds models by their
    names: a folder, ``s3://…``, ``gs://…`` or ``https://…``.

    Raises:
        ConfigurationError: ``wanted`` is none of these.
        DownloadError: nothing is left.
    """
    listed = ", ".join(str(source) for source in model.sources)
    if wanted is None or wanted in KINDS:
        found = [source.place for source in model.sources if wanted in (None, source.kind)]
        if not found and wanted:
            raise DownloadError(f"{model.name} is not available from {wanted}; its sources are: {listed}.")
    else:
        found = [_parse_place(wanted)]
    if offline:
        found = [place for place in found if isinstance(place, Folder)]
        if not found:
            raise DownloadError(
                f"{model.name} is not installed, and --offline allows no download; name a folder that has it with "
                f"--source, or fetch it online from: {listed}."
            )
    return found


def open_remote(location: str) -> Mirror:
    """Return the bucket, or folder that exists, that a user names to push to; raises ConfigurationError for others."""
    place = _parse_mirror(location)
    if place is None:
        scheme = location.partition(":")[0]
        raise ConfigurationError(f"{scheme}:// cannot be used here; give s3://…, gs://… or a folder.")
    if isinstance(place, Folder) and not place.root.is_dir():
        raise ConfigurationError(f"There is no folder {place.root}; create it first, or give s3://… or gs://….")
    return place


def find_own(name: Name, source: str | None, *, offline: bool) -> Model | None:
    """Return a model that no catalog describes, as its manifest in a place that the user names does.

    None where the place cannot be asked for it: only a bucket or a folder can, and offline only a folder.

    Raises:
        ConfigurationError: there is no such folder.
        DownloadError: the model is not there, or has no manifest.
        MissingExtra: the driver for the place is not installed.
    """
    place = None if source is None or source in KINDS else _parse_mirror(source)
    if place is None or (offline and not isinstance(place, Folder)):
        return None
    with open_remote(str(source)) as remote:
        try:
            folder, entries = remote.locate(name)
            if MANIFEST not in entries:
                raise DownloadError(
                    f"{name} has no {MANIFEST} there, so it may be incomplete; push it with convai models push"
                )
            manifest = parse_manifest(remote.manifest_text(folder, entries))
        except DownloadError as error:
            raise DownloadError(f"{name} is not in the catalog; {remote}: {error}.") from error
        except ValueError as error:
            raise DownloadError(f"{remote}: {MANIFEST} of {name} cannot be read.") from error
        return Model.construct(
            name=name.plain,
            purpose="a model of your own",
            use="",
            component=_COMPONENTS.get(name.kind, name.kind),
            languages=[],
            origin=str(remote),
            licence=manifest.licence,
            notice="",
            size=max(1, sum(file.size for file in manifest.files.values())),
            sources=[],
        )


def _parse_place(text: str) -> Place:
    place = _parse_mirror(text)
    if isinstance(place, Folder) and not place.root.is_dir():
        raise ConfigurationError(
            f"--source {text}: there is no such folder; give one, an s3://, gs:// or https:// address, or one of: "
            f"{', '.join(KINDS)}."
        )
    scheme = text.partition(":")[0]
    if place is None and scheme != "https" and not is_allowed(text):
        raise ConfigurationError(f"--source: {scheme}:// is not supported; use a folder, s3://, gs:// or https://.")
    return place or parse_options(Https, {"base": text}, where="--source")


def _parse_mirror(text: str) -> Mirror | None:
    """Return the folder, by its path or a file:// address, or bucket that a user names; None if it is neither."""
    if "://" not in text:
        return Folder(path=str(Path(text).expanduser().absolute()))
    parts = urlsplit(text)
    if parts.scheme == "file":
        return Folder(path=url2pathname(parts.path))
    return parse_options(Bucket, {"url": text}, where=f"{parts.scheme}://…") if parts.scheme in ("s3", "gs") else None
