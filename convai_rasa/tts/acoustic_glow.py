"""Coqui's Glow-TTS: symbol numbers to spectrogram frames, all at once."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from convai_rasa.tts.coqui_layers import prepare_import, quiet, ready_to_speak, seeded

_ENCODER = {"kernel_size": 3, "dropout_p": 0.1, "num_layers": 6, "num_heads": 2, "hidden_channels_ffn": 768}


class GlowTts:
    """A Glow-TTS model in memory.

    Args:
        config: the ``config.json`` of the model.
        state: its weights.
        device: torch device.
    """

    def __init__(self, config: Mapping[str, Any], state: Mapping[str, Any], *, device: str) -> None:
        import torch

        self._torch, self._device = torch, device
        self._length_scale = float(config.get("length_scale", 1.0))
        self._noise_scale = float(config.get("inference_noise_scale", 0.0))
        with quiet():
            self._network = _network(config, int(state["encoder.emb.weight"].shape[0]))
        self._network.load_state_dict(dict(state))
        with quiet():
            self._network["decoder"].store_inverse()  # once, instead of in every call
        ready_to_speak(self._network, device)

    def frames(self, ids: list[int], *, speed: float, seed: int) -> Iterator[Any]:
        """Yield the spectrogram in the model's scale: one tensor of shape (1, mels, frames).

        Args:
            ids: symbol numbers.
            speed: 1.0 is the voice's own pace.
            seed: the same seed gives the same melody.
        """
        torch = self._torch
        with torch.inference_mode(), seeded(seed, self._device):
            symbols = torch.tensor([ids], device=self._device)
            lengths = torch.tensor([len(ids)], device=self._device)
            mean, log_scale, log_durations, _ = self._network["encoder"](symbols, lengths)
            durations = (torch.exp(log_durations) - 1) * self._length_scale / speed
            durations = torch.clamp_min(torch.ceil(durations), 1)[0, 0].long()
            # Each symbol lasts some frames: repeating its column is Coqui's multiplication with a 0/1 path.
            mean, log_scale = (torch.repeat_interleave(part, durations, dim=2) for part in (mean, log_scale))
            latents = mean + torch.exp(log_scale) * torch.randn_like(mean) * self._noise_scale
            mel, _ = self._network["decoder"](latents, torch.ones_like(latents[:, :1]), reverse=True)
        yield mel


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
