"""Parts of an ONNX graph, each a graph of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any


class Parts:
    """A graph that can be looked through and cut up.

    Args:
        model: a loaded ``onnx.ModelProto``.

    Attributes:
        inputs: names of what the whole takes.
        outputs: names of what it gives.
        opset: version of the operators.
    """

    def __init__(self, model: Any) -> None:
        import onnx

        self._model = onnx.shape_inference.infer_shapes(model)
        self._graph = self._model.graph
        self._makers = {output: node for node in self._graph.node for output in node.output}
        self._weights = {weight.name: weight for weight in self._graph.initializer}
        infos = (*self._graph.input, *self._graph.value_info, *self._graph.output)
        self._infos = {info.name: info for info in infos}
        self.inputs = [info.name for info in self._graph.input]
        self.outputs = [info.name for info in self._graph.output]
        self.opset = max(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))

    def maker(self, tensor: str) -> Any:
        """Return the node that makes a tensor."""
        return self._makers[tensor]

    def after(self, tensor: str, operator: str) -> Any:
        """Return the nearest node of a kind that depends on a tensor."""
        known = {tensor}
        for node in self._graph.node:  # in an order in which they can be computed
            if known & set(node.input):
                if node.op_type == operator:
                    return node
                known.update(node.output)
        raise StopIteration(operator)

    def of_type(self, operator: str) -> list[Any]:
        """Return all nodes of a kind."""
        return [node for node in self._graph.node if node.op_type == operator]

    def before(self, node: Any, operator: str) -> str:
        """Return the output of the nearest node of a kind that a node depends on."""
        waiting = list(node.input)
        for tensor in waiting:
            maker = self._makers.get(tensor)
            if maker is None:
                continue
            if maker.op_type == operator:
                return tensor
            waiting += maker.input
        raise StopIteration(operator)

    def write(
        self, inputs: Mapping[str, str], outputs: Mapping[str, str], path: Path, made: Sequence[Any] = ()
    ) -> None:
        """Write the nodes between some tensors and others as a graph.

        Args:
            inputs: name in the new graph: name in this one.
            outputs: the same of what it gives.
            path: of the new graph.
            made: new nodes, whose outputs take the place of tensors of this graph; they take inputs by their new names.
        """
        from onnx import helper, save

        known = {old: new for new, old in (*inputs.items(), *outputs.items())}
        ends = {*inputs.values(), *(output for node in made for output in node.output)}
        nodes = self._between(ends, outputs.values())
        for node in nodes:
            for names in (node.input, node.output):
                names[:] = [known.get(name, name) for name in names]
        taken = {name for node in nodes for name in node.input}
        graph = helper.make_graph(
            [*made, *nodes],
            path.stem,
            [self._info(old, new) for new, old in inputs.items()],
            [self._info(old, new) for new, old in outputs.items()],
            [weight for name, weight in self._weights.items() if name in taken],
        )
        whole = helper.make_model(graph, opset_imports=self._model.opset_import, ir_version=self._model.ir_version)
        save(whole, str(path))

    def _between(self, ends: Iterable[str], outputs: Iterable[str]) -> list[Any]:
        """Return copies of the nodes that make tensors, back to where ``ends`` are taken as they are."""
        wanted, waiting = set(ends), list(outputs)
        made = set()
        while waiting:
            tensor = waiting.pop()
            if tensor in wanted or tensor not in self._makers:
                continue
            wanted.add(tensor)
            made.update(self._makers[tensor].output)
            waiting += self._makers[tensor].input
        nodes = [type(node)() for node in self._graph.node if made & set(node.output)]
        for copy, node in zip(nodes, (node for node in self._graph.node if made & set(node.output)), strict=True):
            copy.CopyFrom(node)
        return nodes

    def _info(self, tensor: str, name: str) -> Any:
        info = type(self._graph.input[0])()
        info.CopyFrom(self._infos[tensor])
        info.name = name
        return info
