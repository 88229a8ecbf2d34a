"""Sentence embeddings from a DistilBERT encoder, served by CTranslate2 without torch or transformers.

An encoder folder holds the CTranslate2 model (``model.bin``, ``config.json``, ``vocabulary.json``) and the
tokenizer (``tokenizer.json``). The embedding of a text is the mean of its last hidden states, scaled to
length one (mean pooling, Reimers and Gurevych 2019, "Sentence-BERT").
"""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import Any, Callable, ClassVar, Optional, Sequence
from weakref import WeakValueDictionary

import numpy as np

from convai_rasa.errors import ModelCorrupt, require
from convai_rasa.nlu.encoder.bert import LAYER_NORM_EPSILON
from convai_rasa.nlu.encoder.checkpoint import TOKENIZER_FILE, Checkpoint
from convai_rasa.nlu.encoder.compute import batches_alike
from convai_rasa.nlu.encoder.lean_import import lean_import
from convai_rasa.store import joint_sha256

FILES = ("model.bin", "config.json", "vocabulary.json", TOKENIZER_FILE)
_SHOWN_TEXTS = 256  # per step of a bar
BATCH_SIZE = 32  # texts encoded together; more brings nothing on a CPU


class Encoder:
    """Turns texts into embeddings of length one.

    One encoder may be used from several threads. Those of one process that were made of the same weights share them,
    and a text that one has just embedded costs the next nothing: intents and sentiment may have the same encoder.

    Attributes:
        max_length: word pieces after which a text is cut.
    """

    def __init__(self, folder: Path, *, max_length: int = 128) -> None:
        """Load what ``export_encoder`` wrote into memory; the folder is not needed afterwards.

        Raises:
            ModelCorrupt: a file is missing or not what it should be.
            MissingExtra: ctranslate2 or tokenizers is not installed.
        """
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise ModelCorrupt(f"{folder} is not an exported encoder: {', '.join(missing)} missing; train again.")
        self.max_length = max_length
        self.tokenizer = load_tokenizer((folder / TOKENIZER_FILE).read_text(encoding="utf-8"), max_length=max_length)
        self._weights = _Weights.of(folder)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return the embeddings of texts, float32 of shape (len(texts), dim), each of length one."""
        pieces = self.pieces(texts)
        if len(pieces) != 1:
            return self._pooled(pieces, _mean)
        last = self._weights.last
        if last is None or last[0] != pieces[0]:
            last = self._weights.last = pieces[0], self._pooled(pieces, _mean)
        return last[1].copy()

    def encode_shown(self, texts: Sequence[str], label: str) -> np.ndarray:
        """Do what ``encode`` does, with a bar on a terminal."""
        from tqdm import tqdm

        parts = []
        with tqdm(total=len(texts), desc=label, unit="text", disable=None, leave=False) as bar:
            for start in range(0, len(texts), _SHOWN_TEXTS):
                parts.append(self.encode(texts[start : start + _SHOWN_TEXTS]))
                bar.update(len(parts[-1]))
        return np.concatenate(parts) if parts else self.encode(texts)

    def first_states(self, texts: Sequence[str]) -> np.ndarray:
        """Return the last hidden state of each text's first word piece, float32 of shape (len(texts), dim)."""
        return self._pooled(self.pieces(texts), lambda hidden, mask: hidden[:, 0])

    def pieces(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the numbers of each text's word pieces."""
        return [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]

    def _pooled(self, pieces: list[list[int]], pool: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
        """Encode texts in batches of like length; ``pool`` maps states and mask (n, length, dim | 1) to (n, dim)."""
        rows: dict[int, np.ndarray] = {}
        for chosen in batches_alike([len(ids) for ids in pieces], BATCH_SIZE):
            pooled = pool(*self._weights.hidden_states([pieces[index] for index in chosen]))
            rows.update(zip(chosen, pooled, strict=True))
        return np.stack([rows[index] for index in range(len(pieces))]) if pieces else np.zeros((0, 0), np.float32)


class _Weights:
    """A network in memory; ``last`` has the word pieces of the text it saw last and its embedding, float32 (1, dim)."""

    _lock = threading.Lock()
    _loaded: ClassVar[WeakValueDictionary[str, _Weights]] = WeakValueDictionary()

    def __init__(self, folder: Path) -> None:
        ctranslate2 = require("ctranslate2", extra="nlu")
        self.last: Optional[tuple[list[int], np.ndarray]] = None
        self._storage = ctranslate2.StorageView
        try:
            # a message is too short to share among threads
            self._model = ctranslate2.Encoder(str(folder), device="cpu", intra_threads=1, inter_threads=1)
        except (RuntimeError, ValueError) as error:
            raise ModelCorrupt(f"{folder / 'model.bin'} cannot be loaded ({error}); train again.") from error

    @classmethod
    def of(cls, folder: Path) -> _Weights:
        """Return the network of an encoder folder, the one of other encoders if they have the same files."""
        key = joint_sha256((name, folder / name) for name in FILES if name != TOKENIZER_FILE)
        with cls._lock:
            weights = cls._loaded.get(key) or cls(folder)
            cls._loaded[key] = weights
        return weights

    def hidden_states(self, pieces: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
        """Return the last hidden states, shape (n, length, dim), and 1 where there is a piece, shape (n, length, 1)."""
        lengths = np.array([len(ids) for ids in pieces], dtype=np.int32)
        padded = np.zeros((len(pieces), lengths.max()), dtype=np.int32)
        for row, ids in zip(padded, pieces, strict=True):
            row[: len(ids)] = ids
        output = self._model.forward_batch(
            self._storage.from_array(padded), lengths=self._storage.from_array(lengths)
        ).last_hidden_state
        mask = (np.arange(padded.shape[1]) < lengths[:, None]).astype(np.float32)[:, :, None]
        return np.array(output), mask


def _mean(hidden: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return normalise((hidden * mask).sum(axis=1))


def load_tokenizer(serialised: str, *, max_length: int) -> Any:
    """Make a ``tokenizers.Tokenizer`` from the text of a tokenizer.json; it truncates and does not pad."""
    tokenizers = require("tokenizers", extra="nlu")
    try:
        tokenizer = tokenizers.Tokenizer.from_str(serialised)
    # tokenizers raises the base class itself for a file it cannot parse
    except Exception as error:
        raise ModelCorrupt(f"tokenizer.json cannot be read ({error}); fetch the model again.") from error
    tokenizer.enable_truncation(max_length)
    tokenizer.no_padding()
    return tokenizer


def normalise(vectors: np.ndarray) -> np.ndarray:
    """Scale the rows of a matrix of shape (n, dim) to length one."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def export_encoder(checkpoint: Checkpoint, folder: Path, *, quantization: str) -> None:
    """Write an encoder folder: ``int8``, a quarter of the size and about four times as fast, or ``float32``."""
    require("ctranslate2", extra="nlu")
    lean_import("ctranslate2.specs")
    from ctranslate2.specs import common_spec, transformer_spec

    config = checkpoint.config
    weights = {name: array.copy() for name, array in checkpoint.weights.items()}  # quantising works in place
    encoder = transformer_spec.TransformerEncoderSpec(
        config["n_layers"],
        config["n_heads"],
        pre_norm=False,
        activation=common_spec.Activation.GELU,
        layernorm_embedding=True,
    )
    encoder.scale_embeddings = False
    encoder.embeddings[0].weight = weights["embeddings.word_embeddings.weight"]
    encoder.position_encodings.encodings = weights["embeddings.position_embeddings.weight"]
    _set_layer_norm(encoder.layernorm_embedding, weights, "embeddings.LayerNorm")
    for index, layer in enumerate(encoder.layer):
        name = f"transformer.layer.{index}"
        fused, output = layer.self_attention.linear
        heads = [f"{name}.attention.{part}_lin" for part in "qkv"]
        fused.weight = np.concatenate([weights[f"{head}.weight"] for head in heads])
        fused.bias = np.concatenate([weights[f"{head}.bias"] for head in heads])
        _set_linear(output, weights, f"{name}.attention.out_lin")
        _set_layer_norm(layer.self_attention.layer_norm, weights, f"{name}.sa_layer_norm")
        _set_linear(layer.ffn.linear_0, weights, f"{name}.ffn.lin1")
        _set_linear(layer.ffn.linear_1, weights, f"{name}.ffn.lin2")
        _set_layer_norm(layer.ffn.layer_norm, weights, f"{name}.output_layer_norm")
    spec = transformer_spec.TransformerEncoderModelSpec(encoder)
    spec.config.layer_norm_epsilon = LAYER_NORM_EPSILON
    # rows of the matrix without a piece get a filler
    pieces = {number: piece for piece, number in load_tokenizer(checkpoint.tokenizer, max_length=1).get_vocab().items()}
    spec.register_vocabulary([pieces.get(row, f"[no piece {row}]") for row in range(config["vocab_size"])])
    spec.validate()
    spec.optimize(quantization=quantization)
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    (folder / TOKENIZER_FILE).write_text(checkpoint.tokenizer, encoding="utf-8")


def encoder_from_checkpoint(checkpoint: Checkpoint, *, max_length: int, quantization: str = "int8") -> Encoder:
    """Export a checkpoint and load it, leaving nothing on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        export_encoder(checkpoint, Path(folder), quantization=quantization)
        return Encoder(Path(folder), max_length=max_length)


def _set_linear(spec: Any, weights: dict[str, np.ndarray], name: str) -> None:
    spec.weight, spec.bias = weights[f"{name}.weight"], weights[f"{name}.bias"]


def _set_layer_norm(spec: Any, weights: dict[str, np.ndarray], name: str) -> None:
    spec.gamma, spec.beta = weights[f"{name}.weight"], weights[f"{name}.bias"]
