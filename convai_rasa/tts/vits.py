"""A Coqui VITS voice, put together from Coqui's own layers by the ``config.json`` of its checkpoint.

``tests/tts/test_vits.py`` holds the result against Coqui's own class.
"""

from __future__ import annotations

import pathlib
import threading
from dataclasses import dataclass, fields
from typing import Any, Iterator, Mapping, Tuple

import numpy as np

from convai_rasa.errors import ConfigurationError
from convai_rasa.tts.coqui_layers import loading, prepare_import, quiet, read_checkpoint, ready_to_speak, seeded

# Decoder frames at each side of a chunk that are computed and thrown away: the sound of a frame depends on
# its neighbours, and with this many the chunks joined equal the whole (tests/tts/test_vits.py).
OVERLAP_FRAMES = 10

FIRST_FRAMES = 40  # half a second of sound: computed fast, and it lasts until the next chunk is there
LONGEST_FRAMES = 160

_FLOWS = 4  # coupling blocks in Coqui's ResidualCouplingBlocks
_UNUSED = ("posterior_encoder.", "disc.", "duration_predictor.post_")  # weights that only training needs


@dataclass(frozen=True)
class VitsArgs:
    """The keys of ``model_args`` that matter for speaking, with Coqui's defaults."""

    num_chars: int = 100
    hidden_channels: int = 192
    hidden_channels_ffn_text_encoder: int = 768
    num_heads_text_encoder: int = 2
    num_layers_text_encoder: int = 6
    kernel_size_text_encoder: int = 3
    kernel_size_flow: int = 5
    dilation_rate_flow: int = 1
    num_layers_flow: int = 4
    resblock_type_decoder: str = "1"
    resblock_kernel_sizes_decoder: Tuple[int, ...] = (3, 7, 11)
    resblock_dilation_sizes_decoder: Tuple[Tuple[int, ...], ...] = ((1, 3, 5), (1, 3, 5), (1, 3, 5))
    upsample_rates_decoder: Tuple[int, ...] = (8, 8, 2, 2)
    upsample_initial_channel_decoder: int = 512
    upsample_kernel_sizes_decoder: Tuple[int, ...] = (16, 16, 4, 4)
    use_sdp: bool = True
    inference_noise_scale: float = 0.667
    inference_noise_scale_dp: float = 1.0
    length_scale: float = 1.0

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> VitsArgs:
        """Read a Coqui ``config.json``.

        Raises:
            ConfigurationError: the model is no VITS, or speaks with several voices or languages.
        """
        model = config.get("model")
        if model != "vits":
            raise ConfigurationError(f"The voice is a '{model}' model, not 'vits'.")
        given = config.get("model_args") or {}
        for key in ("use_speaker_embedding", "use_d_vector_file", "use_language_embedding"):
            if given.get(key):
                raise ConfigurationError(f"The voice has '{key}'; supported are voices of one speaker and language.")
        if given.get("encoder_sample_rate"):
            raise ConfigurationError("The voice upsamples between encoder and decoder, which is not supported.")
        known = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in given.items() if key in known and value is not None})


class VitsVoice:
    """The network in three steps: symbol numbers to a prior, the prior to latent frames, those to samples.

    Attributes:
        hop_samples: samples per latent frame.
        sample_rate: of the sound in Hz.
    """

    def __init__(
        self, args: VitsArgs, state: Mapping[str, Any], *, sample_rate: int, device: str, bfloat16: bool
    ) -> None:
        import torch

        self._torch, self._args, self._device = torch, args, device
        with quiet():
            self._network = _network(args)
        self._network.load_state_dict({key: value for key, value in state.items() if not key.startswith(_UNUSED)})
        ready_to_speak(self._network, device)
        self._decoder_type = torch.bfloat16 if bfloat16 else torch.float32
        self._network["waveform_decoder"].to(self._decoder_type)
        self._lock = threading.Lock()
        self.sample_rate = sample_rate
        self.hop_samples = int(np.prod(args.upsample_rates_decoder))
        layers = sum(args.dilation_rate_flow**layer for layer in range(args.num_layers_flow))
        self._flow_overlap = _FLOWS * layers * (args.kernel_size_flow // 2)  # frames that one frame depends on

    def speak(self, ids: list[int], *, speed: float, seed: int) -> Iterator[np.ndarray]:
        """Speak symbols piece by piece: float32 arrays of shape (n,); threads may do so at the same time.

        Args:
            ids: symbol numbers from ``SymbolEncoder.encode``.
            speed: 1.0 is the voice's own pace, 2.0 twice as fast.
            seed: the same seed gives the same melody and rhythm.
        """
        with self._lock:  # torch has one random generator, which is seeded for each sentence
            prior = self.prior(ids, speed=speed, seed=seed)
        yield from self.speak_in_chunks(prior, FIRST_FRAMES, LONGEST_FRAMES)

    def prior(self, ids: list[int], *, speed: float, seed: int) -> Any:
        """Return how a sentence is to be spoken, a tensor of shape (1, channels, frames).

        Args:
            ids: symbol numbers from ``SymbolEncoder.encode``.
            speed: 1.0 is the voice's own pace, 2.0 twice as fast.
            seed: the same seed gives the same melody and rhythm.
        """
        torch, network, args = self._torch, self._network, self._args
        with torch.inference_mode(), seeded(seed, self._device):
            symbols = torch.tensor([ids], device=self._device)
            lengths = torch.tensor([len(ids)], device=self._device)
            hidden, mean, log_scale, mask = network["text_encoder"](symbols, lengths)
            if args.use_sdp:
                log_durations = network["duration_predictor"](
                    hidden, mask, reverse=True, noise_scale=args.inference_noise_scale_dp
                )
            else:
                log_durations = network["duration_predictor"](hidden, mask)
            durations = torch.ceil(torch.exp(log_durations) * args.length_scale / speed)[0, 0].long()
            if not int(durations.sum()):
                durations[-1] = 1
            # Each symbol lasts some frames: repeating its column is Coqui's multiplication with a 0/1 path.
            mean, log_scale = (torch.repeat_interleave(part, durations, dim=2) for part in (mean, log_scale))
            return mean + torch.randn_like(mean) * torch.exp(log_scale) * args.inference_noise_scale

    def latents(self, prior: Any, start: int, end: int) -> Any:
        """Return the latent frames from ``start`` to ``end``, exactly as a computation of all frames gives them."""
        first, last = max(0, start - self._flow_overlap), min(prior.shape[2], end + self._flow_overlap)
        part = prior[:, :, first:last]
        with self._torch.inference_mode():
            latents = self._network["flow"](part, self._torch.ones_like(part[:, :1]), reverse=True)
        return latents[:, :, start - first : end - first]

    def decode(self, latents: Any) -> np.ndarray:
        """Return the sound of latent frames: float32 of shape (frames * hop_samples,)."""
        with self._torch.inference_mode():
            sound = self._network["waveform_decoder"](latents.to(self._decoder_type))
        return sound[0, 0].float().cpu().numpy()

    def speak_in_chunks(self, prior: Any, first_frames: int, longest_frames: int) -> Iterator[np.ndarray]:
        """Turn a prior into sound piece by piece; the pieces joined equal the sound of the whole.

        Args:
            prior: tensor of shape (1, channels, frames).
            first_frames: length of the first piece; each following one is twice as long.
            longest_frames: up to this length.
        """
        total = prior.shape[2]
        # Latents of the first piece alone, so that it is there early, then those of all the others at once.
        latents, known_from = self.latents(prior, 0, min(total, first_frames + OVERLAP_FRAMES)), 0
        start, length = 0, first_frames
        while start < total:
            end = min(total, start + length)
            if start and total - end < first_frames // 2:  # no crumbs: the overlap would cost more than the sound
                end = total
            before, after = min(OVERLAP_FRAMES, start), min(OVERLAP_FRAMES, total - end)
            if start == first_frames:
                known_from = start - before
                latents = self.latents(prior, known_from, total)
            sound = self.decode(latents[:, :, start - before - known_from : end + after - known_from])
            yield sound[before * self.hop_samples : len(sound) - after * self.hop_samples]
            start, length = end, min(2 * length, longest_frames)


def load_vits(checkpoint: pathlib.Path, config: Mapping[str, Any], *, device: str, bfloat16: bool) -> VitsVoice:
    """Load a checkpoint.

    Args:
        checkpoint: a Coqui ``model.pth``.
        config: the ``config.json`` beside it.
        device: torch device, for example ``cpu``.
        bfloat16: whether the decoder computes in bfloat16.

    Raises:
        ConfigurationError: the checkpoint is of an unsupported kind.
        ModelCorrupt: the file is damaged or does not fit its configuration.
    """
    args = VitsArgs.from_config(config)
    state = read_checkpoint(checkpoint)["model"]
    with loading(checkpoint):
        sample_rate = int(config["audio"]["sample_rate"])
        return VitsVoice(args, state, sample_rate=sample_rate, device=device, bfloat16=bfloat16)


def _network(args: VitsArgs) -> Any:
    """Return the layers as a ModuleDict whose keys are the checkpoint's."""
    import torch

    prepare_import()
    from TTS.tts.layers.glow_tts.duration_predictor import DurationPredictor
    from TTS.tts.layers.vits.networks import ResidualCouplingBlocks, TextEncoder
    from TTS.tts.layers.vits.stochastic_duration_predictor import StochasticDurationPredictor
    from TTS.vocoder.models.hifigan_generator import HifiganGenerator

    channels = args.hidden_channels
    layers = {
        "text_encoder": TextEncoder(
            args.num_chars,
            channels,
            channels,
            args.hidden_channels_ffn_text_encoder,
            args.num_heads_text_encoder,
            args.num_layers_text_encoder,
            args.kernel_size_text_encoder,
            dropout_p=0.0,
        ),
        "flow": ResidualCouplingBlocks(
            channels,
            channels,
            kernel_size=args.kernel_size_flow,
            dilation_rate=args.dilation_rate_flow,
            num_layers=args.num_layers_flow,
        ),
        "duration_predictor": StochasticDurationPredictor(channels, 192, 3, 0.0, 4)
        if args.use_sdp
        else DurationPredictor(channels, 256, 3, 0.0),
        "waveform_decoder": HifiganGenerator(
            channels,
            1,
            args.resblock_type_decoder,
            args.resblock_dilation_sizes_decoder,
            args.resblock_kernel_sizes_decoder,
            args.upsample_kernel_sizes_decoder,
            args.upsample_initial_channel_decoder,
            args.upsample_rates_decoder,
            inference_padding=0,
            conv_pre_weight_norm=False,
            conv_post_weight_norm=False,
            conv_post_bias=False,
        ),
    }
    for name in [key for key in layers["duration_predictor"]._modules if key.startswith("post_")]:
        delattr(layers["duration_predictor"], name)
    return torch.nn.ModuleDict(layers)
