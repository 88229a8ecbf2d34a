"""Coqui's Tacotron 2, with or without double decoder consistency, as graphs: its encoder, one step, and its postnet."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any, Callable, Mapping

import numpy as np

from convai_rasa.errors import ConfigurationError
from convai_rasa.tts.export.coqui.layers import frozen, prepare_import, quiet
from convai_rasa.tts.export.voice_file import FRAMES, STEP, TEXT
from convai_rasa.tts.export.writing import Graph, part

_UNUSED = ("coarse_decoder.", "decoder_backward.")  # weights that only training needs
_OF_DECODER = ("query", "attention_rnn_cell_state", "decoder_hidden", "decoder_cell", "context")
_OF_ATTENTION = ("attention_weights", "attention_weights_cum", "alpha", "u", "mu_prev", "win_idx")
_GROWS = ("inputs", "processed_inputs", "attention_weights", "attention_weights_cum", "alpha")  # with the sentence
_CHECK_STEPS = 12


class Tacotron2:
    """A Tacotron 2 model that was written as graphs.

    ``text.onnx`` answers what stays the same in a sentence and the state before its first step; ``step.onnx`` takes
    both, and answers frames, a stop token, and the state after it, each part as ``next_`` and its name.

    Args:
        config: the ``config.json`` of the model.
        checkpoint: ``model`` holds its weights, ``r`` the frames it makes at a time where that differs from ``config``.
        to_vocoder: takes frames from the model's scale to the vocoder's.
        target: folder for the graphs.

    Raises:
        ConfigurationError: the model takes a style from a recording.
    """

    def __init__(
        self, config: Mapping[str, Any], checkpoint: Mapping[str, Any], to_vocoder: Callable[[Any], Any], target: Path
    ) -> None:
        for key in ("use_gst", "use_capacitron_vae"):
            if config.get(key):
                raise ConfigurationError(f"The voice has '{key}'; only voices without styles are supported.")
        state = {key: value for key, value in checkpoint["model"].items() if not key.startswith(_UNUSED)}
        self._symbols = int(state["embedding.weight"].shape[0])
        with quiet():
            self._network = _network(config, self._symbols)
        self._network.load_state_dict(state)
        frozen(self._network)
        self._decoder, self._mels = self._network["decoder"], int(config.get("out_channels", 80))
        self._drops = bool(config.get("prenet_dropout_at_inference", False)) and self._decoder.prenet.prenet_dropout
        _without_branches(self._decoder.attention)
        saved = checkpoint.get("config") if isinstance(checkpoint.get("config"), Mapping) else {}
        self._decoder.set_r(int(checkpoint.get("r") or (saved or {}).get("r") or config.get("r", 2)))
        self.speaks_by = {"longest_steps": int(config.get("max_decoder_steps", 10_000))}
        self._write(to_vocoder, target)

    def frames(self, run: Callable[..., Any]) -> np.ndarray:
        """Make frames of a row of symbols, by ``Graph.original`` or by ``Graph.written``."""
        rng = np.random.default_rng(0)
        symbols = rng.integers(1, self._symbols, (1, 41))
        state = dict(zip(self._text.outputs, run(self._text, symbols), strict=True))
        made = []
        for _ in range(_CHECK_STEPS):
            if self._drops:
                state["dropout"] = 2 * rng.integers(0, 2, (1, 2 * self._decoder.prenet_dim)).astype(np.float32)
            answer = run(self._step, *(state[name] for name in self._step.inputs))
            frames, _, *after = answer
            made.append(frames)
            state.update(zip((name.removeprefix("next_") for name in self._step.outputs[2:]), after, strict=True))
        return np.asarray(run(self._frames, np.concatenate(made, axis=2))[0])

    def _write(self, to_vocoder: Callable[[Any], Any], target: Path) -> None:
        import torch

        decoder, attention, network = self._decoder, self._decoder.attention, self._network

        def begin(symbols: Any) -> dict[str, Any]:
            inputs = network["encoder"].inference(network["embedding"](symbols).transpose(1, 2))
            decoder._init_states(inputs, mask=None)
            attention.init_states(inputs)
            if hasattr(attention, "win_idx") and attention.windowing:
                attention.win_idx = torch.full((1, 1), -1)
            constants = {"inputs": inputs, "processed_inputs": decoder.processed_inputs}
            memory = decoder._update_memory(decoder.get_go_frame(inputs))
            return {**{name: value for name, value in constants.items() if value is not None}, **state(memory)}

        def state(memory: Any) -> dict[str, Any]:
            parts = {name: getattr(decoder, name) for name in _OF_DECODER}
            parts |= {name: getattr(attention, name, None) for name in _OF_ATTENTION}
            return {"memory": memory, **{name: part for name, part in parts.items() if torch.is_tensor(part)}}

        def step(*values: Any) -> tuple[Any, ...]:
            given = dict(zip(names, values, strict=True))
            decoder.inputs, decoder.mask = given["inputs"], None
            decoder.processed_inputs = given.get("processed_inputs")
            for owner, held in ((decoder, _OF_DECODER), (attention, _OF_ATTENTION)):
                for name in held:
                    if name in given:
                        # added to in place by Coqui's layers, which must not reach back into what was given
                        setattr(owner, name, given[name] + 0)
            if hasattr(attention, "J"):
                attention.J = torch.arange(0, given["inputs"].shape[1] + 2.0) + 0.5
            output, _, stop = decoder.decode(self._prenet(given["memory"], given.get("dropout")))
            frames = output.reshape(1, decoder.r, -1).transpose(1, 2)
            return frames, torch.sigmoid(stop), *state(decoder._update_memory(output)).values()

        with torch.no_grad():
            first = begin(torch.ones(1, 37, dtype=torch.long))
        examples = {**first, "dropout": torch.ones(1, 2 * decoder.prenet_dim)} if self._drops else first
        names = list(examples)
        after = [f"next_{name}" for name in first if name not in ("inputs", "processed_inputs")]
        growing = {name: 1 for name in first if name in _GROWS}
        self._text = Graph.write(
            part(network, lambda symbols: tuple(begin(symbols).values())),
            target / TEXT,
            {"symbols": torch.ones(1, 37, dtype=torch.long)},
            list(first),
            {"symbols": 1, **growing},
        )
        self._step = Graph.write(
            part(network, step),
            target / STEP,
            examples,
            ["frames", "stop", *after],
            {**growing, **{f"next_{name}": 1 for name in growing if f"next_{name}" in after}},
        )
        self._frames = Graph.write(
            part(network, lambda frames: to_vocoder(frames + network["postnet"](frames))),
            target / FRAMES,
            {"frames": torch.randn(1, self._mels, 50)},
            ("latents",),
            {"frames": 2, "latents": 2},
        )

    def _prenet(self, memory: Any, dropout: Any) -> Any:
        """Compute what Coqui's ``Prenet`` does, with the connections that are dropped as an input."""
        import torch

        if dropout is None:
            return self._decoder.prenet(memory)
        for linear, kept in zip(self._decoder.prenet.linear_layers, dropout.chunk(2, dim=1), strict=True):
            memory = torch.relu(linear(memory)) * kept
        return memory


def _without_branches(attention: Any) -> None:
    """Write anew what Coqui's attention decides in Python: a graph cannot."""
    import torch

    def window(self: Any, attention: Any, inputs: Any) -> Any:
        place = torch.arange(attention.shape[1])
        outside = (place < self.win_idx - 2) | (place >= self.win_idx + 6)
        attention = attention.masked_fill(outside, -float("inf"))
        first = torch.where(self.win_idx[:, 0] == -1, attention.max(dim=1).values, attention[:, 0])
        attention = torch.cat([first.unsqueeze(1), attention[:, 1:]], dim=1)
        self.win_idx = attention.argmax(dim=1, keepdim=True)
        return attention

    def forward_only(self: Any, alignment: Any) -> Any:
        ahead = torch.nn.functional.pad(self.alpha[:, :-1], (1, 0))
        alpha = ((1 - self.u) * self.alpha + self.u * ahead + 1e-8) * alignment
        place, best = torch.arange(alpha.shape[1]), ahead.argmax(dim=1, keepdim=True)
        kept = alpha.masked_fill((place >= best + 3) | (place < best - 1), 0.0)
        before = place == (best - 2) % alpha.shape[1]
        kept = torch.where(before, 0.01 * alpha.max(dim=1, keepdim=True).values, kept)
        return kept / kept.sum(dim=1, keepdim=True)

    if getattr(attention, "windowing", False):
        attention.apply_windowing = types.MethodType(window, attention)
    if getattr(attention, "forward_attn", False) and attention.forward_attn_mask:
        attention.apply_forward_attention = types.MethodType(forward_only, attention)


def _network(config: Mapping[str, Any], symbols: int) -> Any:
    """Return the layers as a ModuleDict whose keys are the checkpoint's."""
    import torch

    prepare_import()
    from TTS.tts.layers.tacotron.tacotron2 import Decoder, Encoder, Postnet

    mels = int(config.get("out_channels", 80))
    return torch.nn.ModuleDict(
        {
            "embedding": torch.nn.Embedding(symbols, 512, padding_idx=0),
            "encoder": Encoder(int(config.get("encoder_in_features", 512))),
            "decoder": Decoder(
                int(config.get("decoder_in_features", 512)),
                int(config.get("decoder_output_dim", mels)),
                int(config.get("r", 2)),
                config.get("attention_type", "original"),
                config.get("attention_win", False),
                config.get("attention_norm", "sigmoid"),
                config.get("prenet_type", "original"),
                config.get("prenet_dropout", True),
                config.get("use_forward_attn", False),
                config.get("transition_agent", False),
                config.get("forward_attn_mask", False),
                config.get("location_attn", True),
                config.get("attention_heads"),
                config.get("separate_stopnet", True),
                config.get("max_decoder_steps", 10_000),
            ),
            "postnet": Postnet(mels),
        }
    )
