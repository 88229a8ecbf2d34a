"""A classifier that was fine-tuned elsewhere, used as it is: a Hugging Face sequence-classification checkpoint.

The encoder runs in CTranslate2, the head in numpy, on the last hidden state of the first word piece:

- DistilBERT: ``pre_classifier``, ReLU, ``classifier``;
- BERT: ``pooler.dense``, tanh, ``classifier``.

A saved folder holds the exported encoder, ``head.safetensors`` and ``classifier.json``.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Sequence

import numpy as np

from convai_rasa.errors import ModelCorrupt, require
from convai_rasa.nlu.encoder.checkpoint import CONFIG_FILE, read_config, read_with_head
from convai_rasa.nlu.encoder.compute import products
from convai_rasa.nlu.encoder.ctranslate import Encoder, export_encoder

HEAD_FILE = "head.safetensors"
SETTINGS_FILE = "classifier.json"
FORMAT = 1

_HIDDEN_LAYER = {"distilbert": "pre_classifier", "bert": "pooler.dense"}
_OTHER_PROBLEMS = ("regression", "multi_label_classification")


@dataclass(frozen=True)
class SequenceHead:
    """Two layers over one hidden state.

    Attributes:
        activation: between the two.
        hidden_weight: float32 of shape (dim, dim).
        hidden_bias: float32 of shape (dim,).
        weight: float32 of shape (labels, dim).
        bias: float32 of shape (labels,).
    """

    activation: Literal["relu", "tanh"]
    hidden_weight: np.ndarray
    hidden_bias: np.ndarray
    weight: np.ndarray
    bias: np.ndarray

    def logits(self, states: np.ndarray) -> np.ndarray:
        """Return float32 logits of shape (n, labels) for states of shape (n, dim)."""
        hidden = products(states, self.hidden_weight) + self.hidden_bias
        hidden = np.tanh(hidden) if self.activation == "tanh" else np.maximum(hidden, 0.0)
        return products(hidden, self.weight) + self.bias


class SequenceClassifier:
    """Gives the logits the checkpoint was trained to give, without torch or transformers.

    One classifier may be used from several threads.

    Attributes:
        labels: names of the columns of the logits, as the checkpoint's ``id2label`` has them.
    """

    def __init__(self, folder: Path) -> None:
        """Load what ``save`` wrote; the folder is needed afterwards only to save it again.

        Raises:
            ModelCorrupt: a file is missing or not what it should be.
        """
        settings = _read_settings(folder)
        self.labels: tuple[str, ...] = tuple(settings["labels"])
        self._folder = folder
        self._head = _read_head(folder / HEAD_FILE, settings["activation"], len(self.labels))
        self._encoder = Encoder(folder, max_length=settings["max_length"])

    @classmethod
    def from_checkpoint(
        cls, folder: Path, *, max_length: int = 128, quantization: Literal["int8", "float32"] = "int8"
    ) -> SequenceClassifier:
        """Make a classifier of a checkpoint folder as transformers' ``save_pretrained`` writes it.

        Args:
            folder: of a DistilBERT or BERT ``ForSequenceClassification``.
            max_length: longer texts are cut to so many word pieces, at most what the checkpoint allows.
            quantization: ``int8`` is a quarter of the size and faster, ``float32`` exact.

        Raises:
            ModelCorrupt: the folder holds another kind of model, or is not whole.
        """
        config = read_config(folder)
        problem = config.get("problem_type")
        if not has_classification_head(folder) or problem in _OTHER_PROBLEMS:
            found = f"a {problem} head" if problem in _OTHER_PROBLEMS else "no sequence-classification head"
            raise ModelCorrupt(f"{folder} has {found}; a checkpoint that picks one label of several is needed.")
        checkpoint, weights = read_with_head(folder)
        hidden = _HIDDEN_LAYER[config["model_type"]]
        names = [f"{module}.{kind}" for module in (hidden, "classifier") for kind in ("weight", "bias")]
        missing = [name for name in names if name not in weights]
        if missing:
            raise ModelCorrupt(f"{folder} lacks the weights {', '.join(missing)} of its head; fetch the model again.")
        arrays = [weights[name] for name in names]
        settings = {
            "format": FORMAT,
            "labels": _labels(config, folder, rows=len(arrays[2])),
            "activation": "tanh" if config["model_type"] == "bert" else "relu",
            "max_length": min(max_length, int(checkpoint.config["max_position_embeddings"])),
        }
        exported = Path(tempfile.mkdtemp(prefix="convai-classifier-"))
        try:
            export_encoder(checkpoint, exported, quantization=quantization)
            _write_head(exported, settings, arrays)
            classifier = cls(exported)
        except BaseException:
            shutil.rmtree(exported)
            raise
        weakref.finalize(classifier, shutil.rmtree, exported, ignore_errors=True)  # kept until then for ``save``
        return classifier

    def logits(self, texts: Sequence[str]) -> np.ndarray:
        """Return the logits of texts, float32 of shape (len(texts), labels)."""
        if not texts:
            return np.zeros((0, len(self.labels)), dtype=np.float32)
        return self._head.logits(self._encoder.first_states(texts))

    def save(self, folder: Path) -> None:
        """Write the classifier into a folder, which is created if need be.

        Raises:
            ModelCorrupt: the classifier was loaded from a folder that has since been removed.
        """
        if not self._folder.is_dir():
            raise ModelCorrupt(f"{self._folder} is gone, so there is nothing to save; load the classifier again.")
        if folder.resolve() != self._folder.resolve():
            shutil.copytree(self._folder, folder, dirs_exist_ok=True)


def has_classification_head(folder: Path) -> bool:
    """Say whether a folder is a checkpoint that transformers saved as a ``...ForSequenceClassification``."""
    try:
        config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    names = config.get("architectures") if isinstance(config, dict) else None
    return any(str(name).endswith("ForSequenceClassification") for name in names or [])


def _labels(config: dict[str, Any], folder: Path, *, rows: int) -> list[str]:
    # transformers leaves the names out where they are its defaults
    named = config.get("id2label") or {str(number): f"LABEL_{number}" for number in range(rows)}
    if rows < 2 or set(named) != {str(number) for number in range(rows)}:
        raise ModelCorrupt(
            f"{folder / CONFIG_FILE} names {len(named)} labels in id2label, the weights have {rows}; at least two are "
            "needed, numbered from 0."
        )
    return [str(named[str(number)]) for number in range(rows)]


def _write_head(folder: Path, settings: dict[str, Any], arrays: Sequence[np.ndarray]) -> None:
    from safetensors.numpy import save_file

    names = ("hidden_weight", "hidden_bias", "weight", "bias")
    tensors = {name: np.ascontiguousarray(array) for name, array in zip(names, arrays, strict=True)}
    save_file(tensors, folder / HEAD_FILE)
    (folder / SETTINGS_FILE).write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")


def _read_settings(folder: Path) -> dict[str, Any]:
    try:
        settings: dict[str, Any] = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
        known = settings["format"] == FORMAT and {"labels", "activation", "max_length"} <= set(settings)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelCorrupt(f"{folder} is not a saved classifier ({error}); save it again.") from error
    if not known:
        raise ModelCorrupt(f"{folder / SETTINGS_FILE} is from another version of this package; save it again.")
    return settings


def _read_head(path: Path, activation: Literal["relu", "tanh"], labels: int) -> SequenceHead:
    safetensors = require("safetensors", extra="nlu")
    from safetensors.numpy import load_file

    try:
        head = SequenceHead(activation=activation, **load_file(path))
    except (OSError, TypeError, safetensors.SafetensorError) as error:
        raise ModelCorrupt(f"{path} cannot be read ({error}); save the classifier again.") from error
    if len(head.weight) != labels:
        raise ModelCorrupt(
            f"{path} has {len(head.weight)} labels, {SETTINGS_FILE} {labels}; save the classifier again."
        )
    return head
