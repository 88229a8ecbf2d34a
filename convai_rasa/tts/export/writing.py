"""Graphs written by torch, and whether they say what the original says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence

import numpy as np

from convai_rasa.errors import ModelError, first_line
from convai_rasa.tts.export.coqui import quiet
from convai_rasa.tts.export.voice_file import OPSET

TOLERANCE = 1e-3  # of full scale: far below what is heard, far above what the order of additions does to float32


@dataclass(frozen=True)
class Graph:
    """A torch module and the graph that was written from it.

    Attributes:
        module: takes tensors in the order of ``inputs``.
        path: of the graph.
        inputs: names.
        outputs: names.
    """

    module: Any
    path: Path
    inputs: Sequence[str]
    outputs: Sequence[str]

    @classmethod
    def write(
        cls, module: Any, path: Path, examples: Mapping[str, Any], outputs: Sequence[str], grows: Mapping[str, int]
    ) -> Graph:
        """Write a module as a graph.

        Args:
            module: in evaluation mode.
            path: of the graph.
            examples: a tensor for each input, by name.
            outputs: names of what it returns.
            grows: for an input or output the axis that is of any length; the others are as in the examples.

        Raises:
            ModelError: the module does what a graph cannot.
        """
        import torch

        axes = {name: {axis: f"{name}_length"} for name, axis in grows.items()}
        try:
            with quiet(), torch.no_grad():
                torch.onnx.export(
                    module.eval(),
                    tuple(examples.values()),
                    str(path),
                    dynamo=False,  # the other exporter needs one more package, and is slower
                    opset_version=OPSET,
                    input_names=list(examples),
                    output_names=list(outputs),
                    dynamic_axes=axes,
                )
        # torch reports what it cannot export in as many ways as it has layers.
        except Exception as error:
            raise ModelError(f"{path.name} could not be exported ({first_line(error).partition('. ')[0]})") from error
        return cls(module, path, tuple(examples), tuple(outputs))

    def original(self, *inputs: Any) -> list[np.ndarray]:
        """Return what the torch module answers."""
        import torch

        with torch.no_grad(), quiet():
            answer = self.module(*map(torch.as_tensor, inputs))
        return [part.numpy() for part in (answer if isinstance(answer, (tuple, list)) else (answer,))]

    def written(self, *inputs: Any) -> list[np.ndarray]:
        """Return what the graph answers."""
        import onnxruntime

        session = onnxruntime.InferenceSession(str(self.path), providers=["CPUExecutionProvider"])
        taken = {entry.name for entry in session.get_inputs()}  # an input that changes nothing is left out
        feed = {name: np.asarray(value) for name, value in zip(self.inputs, inputs, strict=True) if name in taken}
        return list(session.run(list(self.outputs), feed))


def part(network: Any, compute: Callable[..., Any]) -> Any:
    """Return a torch module that computes something with a network."""
    import torch

    class Part(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network  # so that its weights are the module's

        def forward(self, *inputs: Any) -> Any:
            return compute(*inputs)

    return Part()


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest difference of two sounds; full scale is 1.

    Raises:
        ModelError: they differ in length, or by more than ``TOLERANCE``.
    """
    if one.shape != other.shape:
        raise ModelError(f"the exported voice speaks {one.size} samples where the original speaks {other.size}")
    largest = float(np.abs(one - other).max())
    if not np.isfinite(other).all():
        raise ModelError("the original produces NaN (not a number), so its weights are damaged")
    if not largest <= TOLERANCE:  # also true for nan
        raise ModelError(
            f"the exported voice differs from the original by {largest:.2g}, but at most {TOLERANCE} is allowed"
        )
    return largest


def spread(columns: np.ndarray, durations: np.ndarray) -> np.ndarray:
    """Let each symbol's column last as many frames as it is spoken: (1, channels, symbols) to (1, channels, frames)."""
    return np.repeat(columns, durations.reshape(-1).astype(np.int64), axis=2)
