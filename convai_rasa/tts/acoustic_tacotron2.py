"""Coqui's Tacotron 2, with or without double decoder consistency: symbol numbers to spectrogram frames, one by one."""

from __future__ import annotations

import copy
from typing import Any, Iterator, Mapping

from convai_rasa.errors import ConfigurationError
from convai_rasa.tts.coqui_layers import prepare_import, quiet, ready_to_speak, seeded
from convai_rasa.tts.overlap import in_pieces

_UNUSED = ("coarse_decoder.", "decoder_backward.")  # weights that only training needs
_POSTNET_REACH = 10  # frames that one depends on to each side: five convolutions of five frames
_BLOCK_FRAMES = 20
_LONGEST_PER_SYMBOL = 30  # frames; a model that never stops would else speak noise for minutes
_STOP = 0.5


class Tacotron2:
    """A Tacotron 2 model in memory.

    Args:
        config: the ``config.json`` of the model.
        checkpoint: ``model`` holds its weights, ``r`` the frames it makes at a time where that differs from ``config``.
        device: torch device.

    Raises:
        ConfigurationError: the model takes a style from a recording.
    """

    def __init__(self, config: Mapping[str, Any], checkpoint: Mapping[str, Any], *, device: str) -> None:
        import torch

        for key in ("use_gst", "use_capacitron_vae"):
            if config.get(key):
                raise ConfigurationError(f"The voice has '{key}'; supported are voices without a style of their own.")
        state = {key: value for key, value in checkpoint["model"].items() if not key.startswith(_UNUSED)}
        self._torch, self._device = torch, device
        with quiet():
            self._network = _network(config, int(state["embedding.weight"].shape[0]))
        self._network.load_state_dict(state)
        ready_to_speak(self._network, device)
        decoder = self._network["decoder"]
        decoder.prenet.dropout_at_inference = bool(config.get("prenet_dropout_at_inference", False))
        saved = checkpoint.get("config") if isinstance(checkpoint.get("config"), Mapping) else {}
        self._longest = int(config.get("max_decoder_steps", 10_000))
        decoder.set_r(int(checkpoint.get("r") or (saved or {}).get("r") or config.get("r", 2)))

    def frames(self, ids: list[int], *, speed: float, seed: int) -> Iterator[Any]:
        """Yield the spectrogram in the model's scale as it is made: tensors of shape (1, mels, frames).

        Args:
            ids: symbol numbers.
            speed: 1.0 is the voice's own pace; for another, the whole is made first and then stretched.
            seed: the same seed gives the same speech where the model drops connections at random.
        """
        pieces = in_pieces(
            self._blocks(ids, seed),
            self._smoothed,
            overlap=_POSTNET_REACH,
            first=_BLOCK_FRAMES,
            longest=4 * _BLOCK_FRAMES,
        )
        if speed == 1.0:
            yield from pieces
            return
        whole = self._torch.cat(list(pieces), dim=2)
        yield self._torch.nn.functional.interpolate(
            whole, size=max(1, round(whole.shape[2] / speed)), mode="linear", align_corners=False
        )

    def _smoothed(self, mel: Any) -> Any:
        with self._torch.inference_mode():
            return mel + self._network["postnet"](mel)

    def _blocks(self, ids: list[int], seed: int) -> Iterator[Any]:
        """Decode step by step, as Coqui's ``Decoder.inference`` does, and hand on what is there."""
        torch = self._torch
        decoder = self._own_decoder()
        with torch.inference_mode():
            embedded = self._network["embedding"](torch.tensor([ids], device=self._device)).transpose(1, 2)
            inputs = self._network["encoder"].inference(embedded)
            memory = decoder._update_memory(decoder.get_go_frame(inputs))
            decoder._init_states(inputs, mask=None)
            decoder.attention.init_states(inputs)
        steps: list[Any] = []
        for number in range(min(self._longest, max(1, len(ids) * _LONGEST_PER_SYMBOL // decoder.r))):
            with torch.inference_mode(), seeded(seed + number, self._device):
                output, _, stop = decoder.decode(decoder.prenet(memory))
                memory = decoder._update_memory(output)
            steps.append(output.view(1, decoder.r, -1).transpose(1, 2))
            if number and float(torch.sigmoid(stop)) > _STOP:
                break
            if len(steps) * decoder.r >= _BLOCK_FRAMES:
                yield torch.cat(steps, dim=2)
                steps = []
        if steps:
            yield torch.cat(steps, dim=2)

    def _own_decoder(self) -> Any:
        """Return a decoder with the shared weights and a state of its own, as several may speak at a time."""
        decoder = copy.copy(self._network["decoder"])
        decoder._modules = {**decoder._modules, "attention": copy.copy(decoder._modules["attention"])}
        return decoder


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
