"""The weights of a Piper voice, read out of its ONNX graph under the names they had in PyTorch.

Exporting to ONNX renames or folds some weights: convolutions whose weight norm was removed become anonymous, the
phoneme embedding takes the name of another input, and one affine flow keeps exp(-log scale) instead of the log scale.
Each is found again through the node that uses it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

_NAMED = re.compile(r"(enc_p|dp|flow|dec)\.")


@dataclass(frozen=True)
class PiperGraph:
    """What the conversion needs of a voice.

    Attributes:
        weights: float32 arrays by PyTorch name, such as ``dec.ups.0.weight``.
        convolutions: the integer attributes (strides, dilations, …) of each convolution, by module name.
    """

    weights: dict[str, np.ndarray]
    convolutions: dict[str, dict[str, list[int]]]

    def count(self, pattern: str) -> int:
        """Return how many weights have a name that the regular expression matches whole."""
        return sum(1 for name in self.weights if re.fullmatch(pattern, name))


def read_graph(path: Path) -> PiperGraph:
    """Read the weights of a Piper voice.

    Args:
        path: the ``.onnx`` file.
    """
    import onnx

    return graph_weights(onnx.load(str(path)).graph)


def graph_weights(graph: Any) -> PiperGraph:
    """Collect the weights of a loaded ``onnx.GraphProto``; see the module's docstring for how."""
    from onnx import numpy_helper

    initial = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    weights = {name: array for name, array in initial.items() if _NAMED.match(name)}
    convolutions = {}
    for node in graph.node:
        module = node.name.strip("/").rpartition("/")[0].replace("/", ".")  # /dec/ups.0/ConvTranspose → dec.ups.0
        if node.op_type in ("Conv", "ConvTranspose"):
            for array, kind in zip(node.input[1:], ("weight", "bias"), strict=False):  # the bias is optional
                if array in initial:
                    weights[f"{module}.{kind}"] = initial[array]
            convolutions[module] = {attribute.name: list(attribute.ints) for attribute in node.attribute}
        elif node.name == "/enc_p/emb/Gather":
            weights["enc_p.emb.weight"] = initial[node.input[0]]
        elif node.name == "/dp/flows.0/Mul":
            folded = next(initial[name] for name in node.input if name in initial)
            weights["dp.flows.0.logs"] = -np.log(folded.astype(np.float64)).astype(np.float32)
    return PiperGraph(weights, convolutions)
