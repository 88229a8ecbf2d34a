"""The weights in a Hugging Face checkpoint folder: safetensors or PyTorch's own format, in one file or several."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np

from convai_rasa.errors import ModelCorrupt, require

SAFETENSORS_FILE = "model.safetensors"
PYTORCH_FILE = "pytorch_model.bin"
_INDEX = ".index.json"  # names the file of each weight where there are several files
_DTYPES = {"F64": np.float64, "F32": np.float32, "F16": np.float16}


def weight_files(folder: Path) -> list[Path]:
    """Return the files with the weights: safetensors where there are both kinds, nothing where there is neither.

    Raises:
        ModelCorrupt: the list of the files cannot be read or names files that are not there.
    """
    for name in (SAFETENSORS_FILE, PYTORCH_FILE):
        if (folder / name).is_file():
            return [folder / name]
        if (folder / f"{name}{_INDEX}").is_file():
            return _shards(folder / f"{name}{_INDEX}")
    return []


def read_weights(folder: Path) -> dict[str, np.ndarray]:
    """Read the weights of a checkpoint folder, float32 by name; whole numbers are left out, an encoder learns none.

    PyTorch's format is read by torch, restricted to plain tensors; for safetensors numpy is enough.

    Raises:
        ModelCorrupt: a file is damaged or holds something else.
        MissingExtra: torch is needed and not installed.
    """
    weights: dict[str, np.ndarray] = {}
    for path in weight_files(folder):
        weights.update(_read_safetensors(path) if path.suffix == ".safetensors" else _read_pytorch(path))
    return weights


def _shards(index: Path) -> list[Path]:
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelCorrupt(f"{index} does not list files of weights ({error}); fetch the model again.") from error
    missing = [name for name in names if not (index.parent / name).is_file()]
    if missing:
        raise ModelCorrupt(f"{index.parent} lacks {', '.join(missing)}; fetch the model again.")
    return [index.parent / name for name in names]


def _read_safetensors(path: Path) -> dict[str, np.ndarray]:
    safetensors = require("safetensors", extra="nlu")
    try:
        entries = safetensors.deserialize(path.read_bytes())
    except safetensors.SafetensorError as error:
        raise ModelCorrupt(f"{path} cannot be read ({error}); fetch the model again.") from error
    weights = {}
    for name, entry in entries:
        if entry["dtype"] == "BF16":  # the upper half of a float32; numpy has no such type
            array = (np.frombuffer(entry["data"], "<u2").astype(np.uint32) << 16).view(np.float32)
        elif entry["dtype"] in _DTYPES:
            array = np.frombuffer(entry["data"], _DTYPES[entry["dtype"]]).astype(np.float32)
        else:
            continue
        weights[name] = array.reshape(entry["shape"])
    return weights


def _read_pytorch(path: Path) -> dict[str, np.ndarray]:
    torch = require("torch", extra="train")
    try:
        tensors = torch.load(path, map_location="cpu", weights_only=True)
        return {name: tensor.float().numpy() for name, tensor in tensors.items() if tensor.is_floating_point()}
    # what torch raises for a damaged archive, for other pickled things, and for contents that are not tensors by name
    except (RuntimeError, pickle.UnpicklingError, EOFError, AttributeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelCorrupt(f"{path} cannot be read as weights ({reason}); fetch the model again.") from error
