"""What ``model`` may name: a checkpoint to start from, or a trained classifier to go on from."""

from __future__ import annotations

import json
import shutil
import tempfile
import weakref
from pathlib import Path, PurePosixPath
from typing import Sequence, Union

from convai_rasa.errors import ModelCorrupt
from convai_rasa.nlu.encoder import checkpoint_hash, head_labels
from convai_rasa.nlu.intents.model import CHECKPOINT_FOLDER, HEAD_FILE, SETTINGS_FILE, IntentModel
from convai_rasa.nlu.intents.ready_model import CLASSIFIER_FOLDER, ReadyIntentModel
from convai_rasa.store import joint_sha256, sha256
from convai_rasa.store.publishing import unpack_component

TrainedModel = Union[IntentModel, ReadyIntentModel]
Source = Union[Path, TrainedModel]  # where training starts: the folder of a checkpoint, or an earlier model
_MAX_LENGTH = 128  # word pieces of a message for a checkpoint that is used as it is; a chat message has twenty


def open_source(path: Path) -> Source:
    """Load what a path holds if it is an earlier model; raises what ``load_model`` does."""
    return load_model(path, trainable=True) if _is_trained(path) else path


def load_model(path: Path, *, trainable: bool) -> TrainedModel:
    """Load a classifier: from the folder it was saved in, a bot's archive, or a checkpoint with a classification head.

    Raises:
        ModelCorrupt: there is no whole classifier.
    """
    if not path.is_file():
        return _load_folder(path, trainable=trainable)

    def only_classifier(files: Sequence[PurePosixPath]) -> PurePosixPath:
        homes = [file.parent for file in files if file.name == SETTINGS_FILE]
        if len(homes) != 1:
            raise ModelCorrupt(
                f"{path} contains {len(homes)} trained DistilBertIntentClassifiers, but exactly one is needed "
                "to continue from; give another archive, or the folder of a saved classifier."
            )
        return homes[0]

    folder = Path(tempfile.mkdtemp(prefix="convai-archive-"))
    try:
        unpack_component(path, folder, only_classifier)
        model = _load_folder(folder, trainable=trainable)
    except BaseException:
        shutil.rmtree(folder)
        raise
    weakref.finalize(model, shutil.rmtree, folder, ignore_errors=True)  # kept until then for ``save``
    return model


def source_hash(path: Path) -> str:
    """Return a SHA-256 over all files that training from a path reads."""
    if path.is_file():
        return sha256(path)
    if _is_trained(path):
        parts = [path / CHECKPOINT_FOLDER, path / CLASSIFIER_FOLDER]
        nested = [file for part in parts for file in sorted(part.rglob("*")) if file.is_file()]
        read = [path / SETTINGS_FILE, path / HEAD_FILE, *nested]
        return joint_sha256((str(file.relative_to(path)), file) for file in read)
    return checkpoint_hash(path)


def _is_trained(path: Path) -> bool:
    return path.is_file() or (path / SETTINGS_FILE).is_file()


def _load_folder(folder: Path, *, trainable: bool) -> TrainedModel:
    try:
        if not (folder / SETTINGS_FILE).is_file() and head_labels(folder):
            return ReadyIntentModel.from_checkpoint(folder, (), max_length=_MAX_LENGTH)
        settings = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
        ready = settings["strategy"] == ReadyIntentModel.strategy
    except (OSError, ValueError, KeyError, TypeError):
        ready = False  # whatever is wrong, IntentModel.load says it
    return ReadyIntentModel.load(folder) if ready else IntentModel.load(folder, trainable=trainable)
