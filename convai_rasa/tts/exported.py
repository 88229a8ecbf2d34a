"""Where the graphs of a voice lie; where there are none yet, they are made of its checkpoint, once.

The graphs of a voice in a models/ tree lie in the subfolder ``onnx`` of its own folder. Those of any other folder,
which may be somebody else's, and those of a version that was published, which does not change, lie in the tree's
folder ``.exports``, under the hash of the files that they were made of.
"""

from __future__ import annotations

import logging
import os
import shutil
import uuid
from pathlib import Path
from typing import Callable, NamedTuple, Optional, Union

from convai_rasa.errors import ConfigurationError, MissingExtra, ModelCorrupt, ModelError, ModelNotFound
from convai_rasa.store import (
    FORMATS,
    PUBLISHED,
    candidate_trees,
    how_to_mend,
    is_installed,
    kind_of,
    locked,
    put_in_place,
    read_manifest,
    refusal,
    tree_to_fetch_into,
)
from convai_rasa.store.conversions import require_libraries, run_conversion
from convai_rasa.tts.export import EXPORTER, VOICE_FILE, PiperFolder, read_voice_file, source_sha256
from convai_rasa.tts.export.coqui import CoquiFolder, read_symbols
from convai_rasa.tts.text import SymbolEncoder

logger = logging.getLogger(__name__)

BESIDE = "onnx"
_CACHE = ".exports"
_STAGED = ".export-"
_KINDS = ("vits", "tacotron2", "glow_tts")


class Checkpoint(NamedTuple):
    """A voice as it was published or trained.

    Attributes:
        folder: what was found in its folder.
        conversion: what makes graphs of it.
        words: what to call it.
        vocoder: its name or folder, where it does not lie in the voice's folder.
    """

    folder: Union[CoquiFolder, PiperFolder]
    conversion: str
    words: str
    vocoder: Optional[str]


def check_voice(path: Path, vocoder: Optional[str] = None) -> Optional[Checkpoint]:
    """Look at the files of a voice; nothing heavy is imported, and nothing exported.

    Args:
        path: of the voice's folder.
        vocoder: its name or folder, where it does not lie in the voice's folder.

    Returns:
        What its graphs are to be made of, None where the folder holds the graphs themselves.

    Raises:
        ConfigurationError: a kind of voice that is not supported.
        ModelCorrupt: the folder holds no voice.
    """
    if (path / VOICE_FILE).is_file():
        _read_whole(path)
        return None
    if not path.is_dir() or kind_of(path).name != "piper":
        return _coqui(path, vocoder)
    return Checkpoint(PiperFolder.read(path), "piper_to_onnx", "a Piper voice", vocoder)


def find_graphs(path: Path, vocoder: Optional[str] = None, say: Optional[Callable[[str], object]] = None) -> Path:
    """Return the folder with the graphs of a voice; makes them where they are missing, or of other files.

    Safe against other processes that do the same: the second waits, and finds them made.

    Args:
        path: of the voice's folder.
        vocoder: its name or folder, where it does not lie in the voice's folder.
        say: called with one line before an export; None writes it to the log.

    Raises:
        ConfigurationError: a kind of voice that is not supported.
        MissingExtra: the graphs have to be made, and what makes them is not installed.
        ModelCorrupt: a file is missing or damaged.
        ModelError: the graphs could not be made; what was there before still is.
    """
    checkpoint = check_voice(path, vocoder)
    if checkpoint is None:
        return path
    source = source_sha256(checkpoint.folder.files())
    places = _places(path, source)
    for place in places:
        if _is_current(place, source):
            return place
    place = places[0] if _is_ours(path) else places[1]
    if isinstance(checkpoint.folder, CoquiFolder):
        SymbolEncoder(read_symbols(checkpoint.folder.config))  # no use to export what nobody can pronounce
    _require(path, checkpoint)
    try:
        _export(checkpoint, source, place, say or logger.warning)
    except OSError as error:
        raise ModelError(
            f"The graphs of the voice in {path} cannot be written to {place} ({error.strerror or error}); make them "
            f"where there is room with: python -m convai_rasa.store.conversions {checkpoint.conversion} {path} FOLDER "
            "and name FOLDER as the voice."
        ) from error
    return place


def check_exported(path: Path, vocoder: Optional[str] = None) -> None:
    """See that a voice has its graphs, or that they can be made; exports nothing.

    Raises:
        ConfigurationError, ModelCorrupt: as ``check_voice``.
        MissingExtra: the graphs have to be made, and what makes them is not installed.
    """
    checkpoint = check_voice(path, vocoder)
    if checkpoint is None:
        return
    source = source_sha256(checkpoint.folder.files())
    if not any(_is_current(place, source) for place in _places(path, source)):
        _require(path, checkpoint)


def _places(path: Path, source: str) -> list[Path]:
    return [path / BESIDE, tree_to_fetch_into() / _CACHE / source[:16]]


def _export(checkpoint: Checkpoint, source: str, place: Path, say: Callable[[str], object]) -> None:
    path = checkpoint.folder.path
    place.parent.mkdir(parents=True, exist_ok=True)
    waiting = f"Another process is exporting the voice in {path}; waiting for that."
    with locked(place.with_name(f"{_STAGED}{place.name}.lock"), waiting, say):
        if _is_current(place, source):
            return
        for leftover in place.parent.glob(f"{_STAGED}{place.name}-*"):  # of a process that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        staging = place.with_name(f"{_STAGED}{place.name}-{uuid.uuid4().hex}")
        say(f"The voice in {path} is {checkpoint.words}: exporting it for onnxruntime, once, to {place}.")
        (staging / "graphs").mkdir(parents=True)
        try:
            _convert(checkpoint, staging / "graphs")
            put_in_place(staging / "graphs", place, staging)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _convert(checkpoint: Checkpoint, target: Path) -> None:
    path = checkpoint.folder.path
    try:
        run_conversion(checkpoint.conversion, path, target, *filter(None, [checkpoint.vocoder]))
    except (ModelCorrupt, ModelNotFound):
        raise
    except ModelError as error:
        reason = str(error).rstrip(".")
        raise ModelError(f"The voice in {path} could not be exported. {reason}; {how_to_mend(path)}.") from error


def _coqui(path: Path, vocoder: Optional[str]) -> Checkpoint:
    folder = CoquiFolder.read(path, vocoder)
    if kind_of(folder.path).name == "vocoder":
        advice = "name it with the key 'vocoder' beside the voice it belongs to"
        raise refusal(folder.path, FORMATS["coqui"], advice=advice)
    kind = folder.config.get("model")
    if kind not in _KINDS:
        raise ConfigurationError(
            f"The voice is a '{kind}' model; only Coqui's {', '.join(_KINDS[:-1])} and {_KINDS[-1]} are supported."
        )
    return Checkpoint(folder, "coqui_to_onnx", f"a Coqui checkpoint ({kind})", vocoder)


def _read_whole(path: Path) -> None:
    """Refuse graphs that are not whole, or that this version does not know how to speak."""
    try:
        voice = read_voice_file(path)
    except ModelCorrupt as error:
        raise ModelCorrupt(f"{str(error).rstrip('.')}; {how_to_mend(path)}.") from error
    if voice.exporter != EXPORTER:
        raise ModelCorrupt(
            f"The voice in {path} was exported by another version of this package ({voice.exporter} instead of "
            f"{EXPORTER}); {how_to_mend(path)}."
        )


def _is_current(place: Path, source: str) -> bool:
    """Whether graphs are whole, of this version of the exporter, and made of the files that are there now."""
    try:
        voice = read_voice_file(place)
    except ModelCorrupt:
        return False
    return voice.exporter == EXPORTER and voice.source == source


def _is_ours(path: Path) -> bool:
    """Whether graphs may lie in the folder of a voice: it is in a models/ tree, and no published version."""
    in_tree = is_installed(path) or any(tree in path.parents for tree in candidate_trees())
    return in_tree and not (path / PUBLISHED).is_file() and os.access(path, os.W_OK)


def _require(path: Path, checkpoint: Checkpoint) -> None:
    try:
        require_libraries(checkpoint.conversion)
    except MissingExtra as error:
        what = f"{checkpoint.words}, which has to be exported once"
        raise MissingExtra(f"The voice in {path} is {what}: {error}{_fetched_anew(path)}") from error


def _fetched_anew(path: Path) -> str:
    """Return how to have a voice without what exports it, where the catalog brings it in such a form."""
    if not is_installed(path):
        return ""

    from convai_rasa.store import load_catalogue

    name = read_manifest(path).name
    model = load_catalogue().models.get(name)
    return (
        f", or fetch it in a form that needs no export with: convai models {name}" if model and model.conversion else ""
    )
