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
from pathlib import Path
from typing import Any, Literal, Sequence

import numpy as np

from convai_rasa.errors import ModelCorrupt, require
from convai_rasa.nlu.encoder.checkpoint import CONFIG_FILE, read_config, read_with_head
from convai_rasa.nlu.encoder.compute import products
from convai_rasa.nlu.encoder.ctranslate import Encoder, export_encoder
from convai_rasa.store import kind_of

HEAD_FILE = "head.safetensors"
SETTINGS_FILE = "classifier.json"
FORMAT = 1
_HIDDEN_LAYER = {"distilbert": "pre_classifier", "bert": "pooler.dense"}
_ACTIVATION = {"distilbert": "relu", "bert": "tanh"}
# Of the head, float32 of shapes (dim, dim), (dim,), (labels, dim) and (labels,).
_ARRAYS = ("hidden_weight", "hidden_bias", "weight", "bias")
_OTHER_PROBLEMS = ("regression", "multi_label_classification")


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
        safetensors = require("safetensors", extra="nlu")
        from safetensors.numpy import load_file

        try:
            settings = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
            known = settings["format"] == FORMAT and {"labels", "activation", "max_length"} <= set(settings)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelCorrupt(f"{folder} is not a saved classifier ({error}); save it again.") from error
        if not known:
            raise ModelCorrupt(f"{folder / SETTINGS_FILE} is from another version of this package; save it again.")
        try:
            head = load_file(folder / HEAD_FILE)
            self._hidden_weight, self._hidden_bias, self._weight, self._bias = (head[name] for name in _ARRAYS)
        except (OSError, KeyError, safetensors.SafetensorError) as error:
            raise ModelCorrupt(f"{folder / HEAD_FILE} cannot be read ({error}); save the classifier again.") from error
        self.labels: tuple[str, ...] = tuple(settings["labels"])
        if len(self._weight) != len(self.labels):
            raise ModelCorrupt(
                f"{folder / HEAD_FILE} has {len(self._weight)} labels, {SETTINGS_FILE} {len(self.labels)}; save the "
                "classifier again."
            )
        self._activation = settings["activation"]
        self._folder = folder
        self._encoder = Encoder(folder, max_length=settings["max_length"])

    @classmethod
    def from_checkpoint(
        cls, folder: Path, *, max_length: int = 128, quantization: Literal["int8", "float32"] = "int8"
    ) -> SequenceClassifier:
        """Make a classifier of a DistilBERT or BERT ``ForSequenceClassification`` that ``save_pretrained`` wrote.

        Texts are cut to ``max_length`` word pieces, at most what the checkpoint allows. ``int8`` is a quarter of the
        size and faster, ``float32`` exact.

        Raises:
            ModelCorrupt: the folder holds another kind of model, or is not whole.
        """
        from safetensors.numpy import save_file

        config = read_config(folder)
        kind, problem = config["model_type"], config.get("problem_type")
        if kind_of(folder).name != "classifier" or problem in _OTHER_PROBLEMS:
            found = f"a {problem} head" if problem in _OTHER_PROBLEMS else "no sequence-classification head"
            raise ModelCorrupt(f"{folder} has {found}; a checkpoint that picks one label of several is needed.")
        checkpoint, weights = read_with_head(folder)
        names = [f"{module}.{part}" for module in (_HIDDEN_LAYER[kind], "classifier") for part in ("weight", "bias")]
        missing = [name for name in names if name not in weights]
        if missing:
            raise ModelCorrupt(f"{folder} lacks the weights {', '.join(missing)} of its head; fetch the model again.")
        arrays = [weights[name] for name in names]
        settings = {
            "format": FORMAT,
            "labels": _labels(config, folder, rows=len(arrays[2])),
            "activation": _ACTIVATION[kind],
            "max_length": min(max_length, int(checkpoint.config["max_position_embeddings"])),
        }
        exported = Path(tempfile.mkdtemp(prefix="convai-classifier-"))
        try:
            export_encoder(checkpoint, exported, quantization=quantization)
            save_file(dict(zip(_ARRAYS, map(np.ascontiguousarray, arrays), strict=True)), exported / HEAD_FILE)
            (exported / SETTINGS_FILE).write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
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
        hidden = products(self._encoder.first_states(texts), self._hidden_weight) + self._hidden_bias
        hidden = np.tanh(hidden) if self._activation == "tanh" else np.maximum(hidden, 0.0)
        return products(hidden, self._weight) + self._bias

    def save(self, folder: Path) -> None:
        """Write the classifier into a folder, which is created if need be.

        Raises:
            ModelCorrupt: the classifier was loaded from a folder that has since been removed.
        """
        if not self._folder.is_dir():
            raise ModelCorrupt(f"{self._folder} is gone, so there is nothing to save; load the classifier again.")
        if folder.resolve() != self._folder.resolve():
            shutil.copytree(self._folder, folder, dirs_exist_ok=True)


def head_labels(folder: Path) -> tuple[str, ...]:
    """Return the labels of a checkpoint's own head; empty where it has none that picks one label of several."""
    if kind_of(folder).name != "classifier":
        return ()
    config = read_config(folder)
    named = config.get("id2label") or {}
    if not isinstance(named, dict):
        raise ModelCorrupt(f"{folder / CONFIG_FILE}: id2label is not a mapping of numbers to labels.")
    return () if config.get("problem_type") in _OTHER_PROBLEMS else tuple(map(str, named.values()))


def _labels(config: dict[str, Any], folder: Path, *, rows: int) -> list[str]:
    # transformers leaves the names out where they are its defaults
    named = config.get("id2label") or {str(number): f"LABEL_{number}" for number in range(rows)}
    if rows < 2 or set(named) != {str(number) for number in range(rows)}:
        raise ModelCorrupt(
            f"{folder / CONFIG_FILE} names {len(named)} labels in id2label, the weights have {rows}; at least two are "
            "needed, numbered from 0."
        )
    return [str(named[str(number)]) for number in range(rows)]
