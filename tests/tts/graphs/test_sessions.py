"""Graphs that cannot be run, or are not those of a voice: small ones, made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from convai_rasa.errors import ConfigurationError, MissingExtra, ModelCorrupt, SynthesisError
from convai_rasa.tts.graphs.sessions import Session

onnx = pytest.importorskip("onnx")
pytestmark = pytest.mark.needs("onnxruntime")


def write(path: Path, *inputs: str, opset: int = 17) -> Path:
    """Write a graph that adds up its inputs, float32 of shape (1, n)."""
    from onnx import TensorProto, helper

    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "n"]) for name in (*inputs, "sum")]
    node = helper.make_node("Sum", list(inputs), ["sum"])
    graph = helper.make_graph([node], "adds", infos[:-1], infos[-1:])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8), str(path))
    return path


def load(path: Path, device: str = "cpu") -> Session:
    return Session(path, threads=1, device=device, opset=17, needs=["latents"], may_have=["speaker"])


def test_a_graph_is_run_with_the_inputs_that_it_has(tmp_path: Path) -> None:
    ones = np.ones((1, 3), np.float32)
    alone, both = load(write(tmp_path / "a.onnx", "latents")), load(write(tmp_path / "b.onnx", "latents", "speaker"))
    np.testing.assert_array_equal(alone.run({"latents": ones, "speaker": ones})[0], ones)
    np.testing.assert_array_equal(both.run({"latents": ones, "speaker": ones})[0], 2 * ones)
    with pytest.raises(SynthesisError, match="onnxruntime cannot compute this sentence"):
        both.run({"latents": ones, "speaker": np.ones((1, 2), np.float32)})


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        (["prior"], "it has no input latents; copy it again from where it came"),
        (["speaker"], "it has no input latents"),
        (["latents", "language"], "it wants language, which no voice gives; copy it again"),
    ],
)
def test_a_graph_of_something_else_is_refused(tmp_path: Path, inputs: list[str], sentence: str) -> None:
    with pytest.raises(ModelCorrupt, match=rf"wave\.onnx is not the expected graph of a voice: {sentence}"):
        load(write(tmp_path / "wave.onnx", *inputs))


def test_an_onnxruntime_too_old_for_the_operators_is_told_how_to_become_newer(tmp_path: Path) -> None:
    graph = write(tmp_path / "wave.onnx", "latents", opset=999)
    with pytest.raises(MissingExtra, match=r"onnxruntime \d.* is too old for .*pip install --upgrade onnxruntime$"):
        load(graph)


def test_a_damaged_graph_is_named(tmp_path: Path) -> None:
    graph = write(tmp_path / "wave.onnx", "latents")
    graph.write_bytes(graph.read_bytes()[:40])
    with pytest.raises(ModelCorrupt, match=r"wave\.onnx cannot be loaded \(.*\); copy it again from where it came"):
        load(graph)


def test_a_gpu_is_only_promised_where_onnxruntime_has_one(tmp_path: Path) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime computes on a GPU")
    load(write(tmp_path / "wave.onnx", "latents"), device="auto")
    with pytest.raises(ConfigurationError, match="computes on no GPU; install onnxruntime-gpu in its place"):
        load(tmp_path / "wave.onnx", device="cuda")
