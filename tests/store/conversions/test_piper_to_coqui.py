"""The parts of the voice conversion on small graphs, and its result loaded by stock TTS."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from convai_rasa.errors import ModelError
from convai_rasa.store import resolve
from convai_rasa.store.conversions import piper_to_coqui
from convai_rasa.store.conversions.piper_graph import graph_weights


@pytest.mark.parametrize(
    ("piper", "coqui"),
    [
        ("enc_p.encoder.norm_layers_1.0.gamma", "text_encoder.encoder.norm_layers_1.0.gamma"),
        ("dec.ups.1.weight", "waveform_decoder.ups.1.weight"),
        ("flow.flows.6.enc.in_layers.0.weight", "flow.flows.3.enc.in_layers.0.weight"),
        ("flow.flows.0.post.bias", "flow.flows.0.post.bias"),
        ("dp.flows.0.m", "duration_predictor.flows.0.translation"),
        ("dp.flows.0.logs", "duration_predictor.flows.0.log_scale"),
        ("dp.flows.3.proj.weight", "duration_predictor.flows.2.proj.weight"),
        ("dp.flows.7.proj.weight", "duration_predictor.flows.4.proj.weight"),
        ("dp.convs.norms_1.0.gamma", "duration_predictor.convs.norms_1.0.gamma"),
    ],
)
def test_weights_get_coquis_names(piper: str, coqui: str) -> None:
    assert piper_to_coqui.coqui_name(piper) == coqui


def graph() -> Any:
    """An ONNX graph with one weight of each kind that the exporter renames or folds."""
    from onnx import helper, numpy_helper

    arrays = {
        "enc_p.proj.bias": np.ones(2, np.float32),
        "sid": np.arange(6, dtype=np.float32).reshape(3, 2),
        "onnx::Conv_7": np.full((2, 2, 3), 0.5, np.float32),
        "dec.ups.0.bias": np.zeros(2, np.float32),
        "onnx::Mul_9": np.exp(-np.array([0.25, -1.0], np.float32)),
        "unrelated": np.zeros(1, np.float32),
    }
    nodes = [
        helper.make_node("Gather", ["sid", "input"], ["a"], name="/enc_p/emb/Gather"),
        helper.make_node(
            "ConvTranspose",
            ["a", "onnx::Conv_7", "dec.ups.0.bias"],
            ["b"],
            name="/dec/ups.0/ConvTranspose",
            strides=[8],
        ),
        helper.make_node("Conv", ["b", "unrelated_input"], ["c"], name="/dec/conv_post/Conv", dilations=[1]),
        helper.make_node("Mul", ["c", "onnx::Mul_9"], ["d"], name="/dp/flows.0/Mul"),
        helper.make_node("Mul", ["d", "c"], ["e"], name="/dp/flows.0/Mul_1"),
    ]
    return helper.make_graph(nodes, "voice", [], [], [numpy_helper.from_array(v, k) for k, v in arrays.items()])


def test_renamed_and_folded_weights_are_found_through_their_nodes() -> None:
    found = graph_weights(graph())
    assert set(found.weights) == {
        "enc_p.proj.bias",
        "enc_p.emb.weight",
        "dec.ups.0.weight",
        "dec.ups.0.bias",
        "dp.flows.0.logs",
    }
    np.testing.assert_allclose(found.weights["dp.flows.0.logs"], [0.25, -1.0], atol=1e-6)
    assert found.weights["enc_p.emb.weight"].shape == (3, 2)
    assert found.convolutions["dec.ups.0"]["strides"] == [8]
    assert found.count(r"dec\.ups\.\d+\.weight") == 1


def test_a_weight_under_weight_norm_is_split_so_that_it_stays_the_same() -> None:
    import torch

    layer = torch.nn.utils.parametrizations.weight_norm(torch.nn.Conv1d(3, 4, 5))
    empty = {
        "waveform_decoder.x.weight_v": torch.zeros(4, 3, 5),
        "waveform_decoder.x.weight_g": torch.zeros(4, 1, 1),
        "waveform_decoder.x.bias": torch.zeros(4),
        "posterior_encoder.y.weight_v": torch.zeros(2, 2),
        "posterior_encoder.y.bias": torch.full((2,), 3.0),
    }
    weight = layer.weight.detach().numpy()
    state = piper_to_coqui.coqui_state({"dec.x.weight": weight, "dec.x.bias": np.zeros(4)}, empty)
    v, g = state["waveform_decoder.x.weight_v"], state["waveform_decoder.x.weight_g"]
    np.testing.assert_allclose((g * v / v.norm(dim=(1, 2), keepdim=True)).numpy(), weight, atol=1e-6)
    assert state["posterior_encoder.y.weight_v"].eq(1).all()
    assert state["posterior_encoder.y.bias"].eq(0).all()
    with pytest.raises(ModelError, match=r"missing \['waveform_decoder\.x\.bias'\]"):
        piper_to_coqui.coqui_state({"dec.x.weight": weight}, empty)
    with pytest.raises(ModelError, match=r"unplaced weights \['waveform_decoder\.z\.weight_v'"):
        piper_to_coqui.coqui_state({"dec.z.weight": weight}, empty)


@pytest.mark.models
@pytest.mark.filterwarnings("ignore")
def test_the_installed_voice_is_loaded_by_stock_tts_and_speaks() -> None:
    from TTS.api import TTS

    folder = resolve("tts/vits-joe")
    tts = TTS(model_path=str(folder / "model.pth"), config_path=str(folder / "config.json"), progress_bar=False)
    samples = np.asarray(tts.tts("A table for two at eight, please."))
    assert tts.synthesizer.output_sample_rate == 22_050
    assert 1.0 < len(samples) / 22_050 < 5.0
    assert 0.1 < np.abs(samples).max() <= 1.0
