"""The places that a user names to push to, or to fetch models of one's own from."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from urllib.parse import urlsplit

from convai_rasa.errors import ConfigurationError, DownloadError
from convai_rasa.options import parse_options
from convai_rasa.store.catalogue import Model
from convai_rasa.store.choice import BUCKETS, KINDS, local_folder
from convai_rasa.store.manifest import MANIFEST, parse_manifest
from convai_rasa.store.names import Name
from convai_rasa.store.sources import Bucket, Folder, Remote, locate, read_manifest_text

_COMPONENTS = {"whisper": "asr", "tts": "tts", "nlu": "nlu", "spacy": "spacy"}


def open_remote(location: str) -> AbstractContextManager[Remote]:
    """Open a bucket, or a folder that exists; returns a context manager.

    Raises:
        ConfigurationError: it is no bucket, and no folder that exists.
        DownloadError: it cannot be used.
        MissingExtra: the driver for it is not installed.
    """
    scheme, folder = urlsplit(location).scheme, local_folder(location)
    if scheme in BUCKETS:
        return parse_options(Bucket, {"url": location}, where=f"{scheme}://…").open()
    if folder is None:
        raise ConfigurationError(f"{scheme}:// cannot be used here; give s3://…, gs://… or a folder.")
    if not folder.is_dir():
        raise ConfigurationError(f"There is no folder {folder}; create it first, or give s3://… or gs://….")
    return nullcontext(Folder(path=str(folder)))


def find_own(name: Name, place: str | None, *, offline: bool) -> Model | None:
    """Return a model that no catalog describes, as its manifest in a place that the user names does.

    Args:
        name: of the model, with a version if that is wanted.
        place: a bucket or a folder; anything else has no such models.
        offline: leave out every place that is not on this machine.

    Returns:
        The model, None where the place cannot be asked for it.

    Raises:
        ConfigurationError: there is no such folder.
        DownloadError: the model is not there, or has no manifest.
        MissingExtra: the driver for the place is not installed.
    """
    if place is None or place in KINDS:
        return None
    if not local_folder(place) and (offline or urlsplit(place).scheme not in BUCKETS):
        return None
    with open_remote(place) as remote:
        try:
            folder, entries = locate(remote, name)
            if MANIFEST not in entries:
                raise DownloadError(
                    f"{name} has no {MANIFEST} there, so it may be incomplete; push it with convai models push"
                )
            manifest = parse_manifest(read_manifest_text(remote, folder, entries))
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
            files={},
            size=max(1, sum(file.size for file in manifest.files.values())),
            sources=[],
        )
