"""Where it is computed: torch's device, precision and threads in training; for a message, this thread alone."""

from __future__ import annotations

import os
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import Any, ContextManager, Iterator, Optional, Sequence

import numpy as np

from convai_rasa.errors import require
from convai_rasa.hardware import choose_device, cores, has_bfloat16

MAX_THREADS = 8  # more bring nothing for batches of a few dozen short messages
_FEW_ROWS = 4  # more are faster with all threads
_WAIT_POLICY = "OMP_WAIT_POLICY"  # read by OpenMP once, when torch brings it


def torch_installed() -> bool:
    """Say whether torch can be had, without importing it."""
    return find_spec("torch") is not None


def import_torch() -> ModuleType:
    """Import torch so that its threads sleep while they wait for each other, unless the environment says otherwise.

    By default they spin, and where a processor is shared with anything else, each waits for one that is not running:
    a pass that took 7 s with sleeping threads was not over after 75 s.

    Raises:
        MissingExtra: torch is not installed.
    """
    given = os.environ.get(_WAIT_POLICY)
    os.environ[_WAIT_POLICY] = given or "PASSIVE"
    try:
        return require("torch", extra="train")
    finally:
        if given is None:
            del os.environ[_WAIT_POLICY]


def pick_device(torch: Any, wanted: str) -> Any:
    """Return the torch device that an option names: "cpu", "cuda:1"...; "auto" takes a CUDA device when there is one.

    Raises:
        ConfigurationError: there is no such device.
    """

    def usable() -> int:
        return int(torch.cuda.device_count()) if torch.cuda.is_available() else 0

    return torch.device(choose_device(wanted, usable, library="torch", remedy="install NVIDIA's driver"))


def mixed_precision(torch: Any, device: Any) -> ContextManager[Any]:
    """Return a context in which matrices are multiplied in bfloat16 where the device does that in hardware."""
    able = torch.cuda.is_bf16_supported() if device.type == "cuda" else has_bfloat16()
    return torch.autocast(device.type, torch.bfloat16, enabled=able)


@contextmanager
def processor_threads(torch: Any, wanted: Optional[int]) -> Iterator[None]:
    """Let torch use so many threads; None means all this process may use, at most 8."""
    before = torch.get_num_threads()
    torch.set_num_threads(wanted or min(MAX_THREADS, cores()))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def products(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the inner products of rows, shape (n, dim), with others, shape (m, dim); float32 of shape (n, m).

    Those of a single message are made without BLAS, whose threads wait for the next task spinning: 25 ms of a processor
    for work of a few microseconds.
    """
    return np.einsum("ij,kj->ik", rows, others) if len(rows) <= _FEW_ROWS else rows @ others.T


def batches_alike(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """Cut texts of these lengths into batches of about equal length, each in rising order."""
    order = sorted(range(len(lengths)), key=lambda index: lengths[index])
    for start in range(0, len(order), size):
        yield order[start : start + size]


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return the probabilities that logits of shape (n, labels) stand for, rows summing to one."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def log_sum_exp(logits: np.ndarray) -> np.ndarray:
    """Return log(sum(exp(logits))) over the last axis."""
    top = logits.max(axis=-1)
    return np.asarray(top + np.log(np.exp(logits - top[..., None]).sum(axis=-1)))
