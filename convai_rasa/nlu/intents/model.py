"""A trained intent model: encoder, head and calibration; how it is used, saved and loaded."""

from __future__ import annotations

import functools
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Optional, Sequence

import numpy as np

from convai_rasa.errors import ModelCorrupt, ModelError, require
from convai_rasa.nlu.encoder import Checkpoint, Encoder, export_encoder, read_checkpoint, write_checkpoint
from convai_rasa.nlu.intents.calibration import Calibration
from convai_rasa.nlu.intents.head import IntentHead
from convai_rasa.nlu.symbol_names import SymbolNames
from convai_rasa.store import FORMATS, check_files, kind_of

SETTINGS_FILE = "intent_classifier.json"
HEAD_FILE = "head.safetensors"
ENCODER_FOLDER = "encoder"
CHECKPOINT_FOLDER = "checkpoint"  # the weights as trained, kept so that training can go on from them
FORMAT = 2


@dataclass(frozen=True)
class IntentModel:
    """Everything needed to tell the intent of a text.

    Attributes:
        labels: the intents, in the order of the head's rows.
        head: from embeddings to logits.
        calibration: from logits to confidences.
        encoder: from texts to embeddings.
        strategy: how it was trained.
        quantization: ``int8`` or ``float32``, of the encoder.
        symbols: the language in which unknown emoji are named, as they were in training; None: they are not.
        checkpoint: the encoder's weights; None unless just trained or loaded to be trained further.
        folder: where it was loaded from; None when just trained.
    """

    labels: tuple[str, ...]
    head: IntentHead
    calibration: Calibration
    encoder: Encoder
    strategy: Literal["fine_tune", "frozen"]
    quantization: str
    symbols: Optional[str] = None
    checkpoint: Optional[Checkpoint] = None
    folder: Optional[Path] = None

    def confidences(self, texts: Sequence[str]) -> np.ndarray:
        """Return the confidence of each intent for each text, shape (texts, labels)."""
        embeddings = self.encoder.encode(self._names(texts) if self._names else texts)
        return self.calibration.confidences(self.head.logits(embeddings), self.head.evidence(embeddings, self.strategy))

    @functools.cached_property
    def _names(self) -> Optional[SymbolNames]:
        return SymbolNames(self.encoder.tokenizer, self.symbols) if self.symbols else None

    def save(self, folder: Path) -> None:
        """Write the model into a folder."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        if self.checkpoint is not None:
            export_encoder(self.checkpoint, folder / ENCODER_FOLDER, quantization=self.quantization)
            write_checkpoint(self.checkpoint, folder / CHECKPOINT_FOLDER)
        elif self.folder is None or not self.folder.is_dir():
            raise ModelError(f"The folder this classifier was loaded from is gone ({self.folder}); it cannot be saved.")
        elif self.folder.resolve() != folder.resolve():
            for name in (ENCODER_FOLDER, CHECKPOINT_FOLDER):
                shutil.copytree(self.folder / name, folder / name, dirs_exist_ok=True)
        settings = {
            "format": FORMAT,
            "labels": list(self.labels),
            "strategy": self.strategy,
            "max_length": self.encoder.max_length,
            "quantization": self.quantization,
            "symbols": self.symbols,
            "calibration": asdict(self.calibration),
        }
        (folder / SETTINGS_FILE).write_text(json.dumps(settings, indent=2, ensure_ascii=False), encoding="utf-8")
        arrays = {name: np.ascontiguousarray(array) for name, array in self.head.arrays().items()}
        save_file(arrays, folder / HEAD_FILE)

    @classmethod
    def load(cls, folder: Path, *, trainable: bool) -> IntentModel:
        """Read what ``save`` wrote.

        Raises:
            ModelCorrupt: the folder does not hold a trained classifier.
        """
        safetensors = require("safetensors", extra="nlu")
        from safetensors.numpy import load_file

        check_files(folder, FORMATS["intents"], _advice)
        try:
            settings = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
            arrays = load_file(folder / HEAD_FILE)
            if settings["format"] != FORMAT:
                raise ModelCorrupt(f"{folder} was written by another version of convai-rasa; train the model again.")
            return cls(
                labels=tuple(settings["labels"]),
                head=IntentHead.load(arrays),
                calibration=Calibration(**settings["calibration"]),
                encoder=Encoder(folder / ENCODER_FOLDER, max_length=settings["max_length"]),
                strategy=settings["strategy"],
                quantization=settings["quantization"],
                symbols=settings.get("symbols"),  # earlier versions named none
                checkpoint=read_checkpoint(folder / CHECKPOINT_FOLDER) if trainable else None,
                folder=folder,
            )
        except (ValueError, KeyError, TypeError, safetensors.SafetensorError) as error:
            raise ModelCorrupt(f"{folder} holds a damaged intent classifier ({error!r}); train again.") from error


def _advice(folder: Path, missing: Sequence[str]) -> Optional[str]:
    if kind_of(folder).name != "checkpoint":
        return None
    return "it knows no intents yet, so train it on some: IntentClassifier().train(texts, labels, base_model=...)"
