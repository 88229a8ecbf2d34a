"""Coqui's Glow-TTS as graphs: symbol numbers to spectrogram frames, all at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Mapping

import numpy as np

from convai_rasa.tts.export.coqui.layers import frozen, prepare_import, quiet
from convai_rasa.tts.export.voice_file import FLOW, TEXT
from convai_rasa.tts.export.writing import Graph, part, spread

_ENCODER = {"kernel_size": 3, "dropout_p": 0.1, "num_layers": 6, "num_heads": 2, "hidden_channels_ffn": 768}


class GlowTts:
    """A Glow-TTS model that was written as graphs.

    Args:
        config: the ``config.json`` of the model.
        checkpoint: ``model`` holds its weights.
        to_vocoder: takes frames from the model's scale to the vocoder's.
        target: folder for the graphs.
    """

    def __init__(
        self, config: Mapping[str, Any], checkpoint: Mapping[str, Any], to_vocoder: Callable[[Any], Any], target: Path
    ) -> None:
        import torch

        state = checkpoint["model"]
        self._symbols = int(state["encoder.emb.weight"].shape[0])
        with quiet():
            network = _network(config, self._symbols)
        network.load_state_dict(dict(state))
        with quiet():
            network["decoder"].store_inverse()  # once, instead of in every call
        frozen(network)
        self._mels = int(config.get("out_channels", 80))
        self.speaks_by = {
            "noise_scale": float(config.get("inference_noise_scale", 0.0)),
            "length_scale": float(config.get("length_scale", 1.0)),
            "shortest_frames": 1,
        }

        def text(symbols: Any) -> Any:
            lengths = torch.ones(1, dtype=torch.long) * symbols.shape[1]
            mean, log_scale, log_durations, _ = network["encoder"](symbols, lengths)
            return mean, log_scale, torch.exp(log_durations) - 1

        def flow(prior: Any) -> Any:
            mel, _ = network["decoder"](prior, torch.ones_like(prior[:, :1]), reverse=True)
            return to_vocoder(mel)

        self._text = Graph.write(
            part(network, text),
            target / TEXT,
            {"symbols": torch.ones(1, 37, dtype=torch.long)},
            ("mean", "log_scale", "durations"),
            {"symbols": 1, "mean": 2, "log_scale": 2, "durations": 2},
        )
        self._flow = Graph.write(
            part(network, flow),
            target / FLOW,
            {"prior": torch.randn(1, self._mels, 50)},
            ("latents",),
            {"prior": 2, "latents": 2},
        )

    def frames(self, run: Callable[..., Any]) -> np.ndarray:
        """Make frames of a row of symbols, by ``Graph.original`` or by ``Graph.written``."""
        rng = np.random.default_rng(0)
        symbols = rng.integers(1, self._symbols, (1, 61))
        durations = np.maximum(np.ceil(self._text.original(symbols)[2]), 1)
        melody = 0.3 * rng.standard_normal((1, self._mels, int(durations.sum())))
        mean, log_scale, _ = run(self._text, symbols)
        prior = spread(mean, durations) + melody * np.exp(spread(log_scale, durations))
        return np.asarray(run(self._flow, prior.astype(np.float32))[0])


def _network(config: Mapping[str, Any], symbols: int) -> Any:
    """Return the layers as a ModuleDict whose keys are the checkpoint's."""
    import torch

    prepare_import()
    from TTS.tts.layers.glow_tts.decoder import Decoder
    from TTS.tts.layers.glow_tts.encoder import Encoder

    mels = int(config.get("out_channels", 80))
    encoder = {**_ENCODER, **(config.get("encoder_params") or {})}
    return torch.nn.ModuleDict(
        {
            "encoder": Encoder(
                symbols,
                out_channels=mels,
                hidden_channels=config.get("hidden_channels_enc", 192),
                hidden_channels_dp=config.get("hidden_channels_dp", 256),
                encoder_type=config.get("encoder_type", "rel_pos_transformer"),
                encoder_params=encoder,
                mean_only=config.get("mean_only", True),
                use_prenet=config.get("use_encoder_prenet", True),
            ),
            "decoder": Decoder(
                mels,
                config.get("hidden_channels_dec", 192),
                config.get("kernel_size_dec", 5),
                config.get("dilation_rate", 1),
                config.get("num_flow_blocks_dec", 12),
                config.get("num_block_layers", 4),
                num_splits=config.get("num_splits", 4),
                num_squeeze=config.get("num_squeeze", 2),
                sigmoid_scale=config.get("sigmoid_scale", False),
            ),
        }
    )
