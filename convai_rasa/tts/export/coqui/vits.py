"""A Coqui VITS voice as graphs, put together from Coqui's own layers by the ``config.json`` of its checkpoint."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Optional, Tuple

import numpy as np

from convai_rasa.errors import ConfigurationError
from convai_rasa.tts.export.coqui.layers import frozen, loading, prepare_import, quiet, read_checkpoint
from convai_rasa.tts.export.coqui.symbol_table import read_symbols
from convai_rasa.tts.export.coqui.voice_folder import SPEAKER_FILES, CoquiFolder
from convai_rasa.tts.export.voice_file import FLOW, TEXT, WAVE, VoiceFile
from convai_rasa.tts.export.writing import Graph, difference, part, spread

# Decoder frames at each side of a piece that are computed and thrown away: the sound of a frame depends on
# its neighbors, and with this many the pieces joined equal the whole (tests/tts/test_graphs.py).
OVERLAP_FRAMES = 10

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
    use_speaker_embedding: bool = False
    speaker_embedding_channels: int = 256
    condition_dp_on_speaker: bool = True

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> VitsArgs:
        """Read a Coqui ``config.json``.

        Raises:
            ConfigurationError: the model speaks several languages, or with voices that lie in a file of their own.
        """
        given = config.get("model_args") or {}
        for key in ("use_d_vector_file", "use_language_embedding"):
            if given.get(key):
                raise ConfigurationError(
                    f"The voice has '{key}'; only voices of one language are supported, with several speakers by "
                    "'use_speaker_embedding'."
                )
        if given.get("encoder_sample_rate"):
            raise ConfigurationError("The voice upsamples between encoder and decoder, which is not supported.")
        known = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in given.items() if key in known and value is not None})

    @property
    def speaker_channels(self) -> int:
        """Numbers that tell one speaker from another; none where there is only one."""
        return self.speaker_embedding_channels if self.use_speaker_embedding else 0


def export(folder: CoquiFolder, target: Path) -> tuple[VoiceFile, float]:
    """Write the graphs of a voice; returns how to speak them, and how far they are from the original.

    Raises:
        ConfigurationError: the checkpoint is of an unsupported kind.
        ModelCorrupt: the file is damaged or does not fit its configuration.
        ModelError: the graphs do not say what the original says.
    """
    args, symbols = VitsArgs.from_config(folder.config), read_symbols(folder.config)
    state = read_checkpoint(folder.checkpoint)["model"]
    with loading(folder.checkpoint):
        with quiet():
            network = _network(args, state)
        network.load_state_dict({key: value for key, value in state.items() if not key.startswith(_UNUSED)})
        frozen(network)
        layers = sum(args.dilation_rate_flow**layer for layer in range(args.num_layers_flow))
        voice = VoiceFile(
            model="vits",
            symbols=symbols,
            sample_rate=int(folder.config["audio"]["sample_rate"]),
            hop_samples=int(np.prod(args.upsample_rates_decoder)),
            overlap_frames=OVERLAP_FRAMES,
            flow_overlap_frames=_FLOWS * layers * (args.kernel_size_flow // 2),
            noise_scale=args.inference_noise_scale,
            duration_noise_scale=args.inference_noise_scale_dp if args.use_sdp else 0.0,
            length_scale=args.length_scale,
            speakers=_speakers(folder, network),
        )
    return voice, _check(_write(network, args, target), args, bool(voice.speakers))


def _speakers(folder: CoquiFolder, network: Any) -> Mapping[str, int]:
    """Return the number of each speaker: from the file that Coqui saves beside the checkpoint, else just numbers."""
    import torch

    if "emb_g" not in network:
        return {}
    for path in (folder.path / name for name in SPEAKER_FILES):
        if path.is_file():
            with loading(path):
                if path.suffix == ".json":
                    saved = json.loads(path.read_text("utf-8"))
                else:
                    saved = torch.load(path, map_location="cpu", weights_only=True)
                return {str(speaker): int(number) for speaker, number in saved.items()}
    return {str(number): number for number in range(network["emb_g"].num_embeddings)}


def _write(network: Any, args: VitsArgs, target: Path) -> tuple[Graph, Graph, Graph]:
    import torch

    def embedded(speaker: Optional[Any]) -> Optional[Any]:
        return None if speaker is None else network["emb_g"](speaker).unsqueeze(-1)

    def text(symbols: Any, duration_noise: Any, speaker: Optional[Any] = None) -> Any:
        lengths = torch.ones(1, dtype=torch.long) * symbols.shape[1]
        hidden, mean, log_scale, mask = network["text_encoder"](symbols, lengths)
        voice = embedded(speaker) if args.condition_dp_on_speaker or not args.use_sdp else None
        if args.use_sdp:
            with noise_of(duration_noise):
                log_durations = network["duration_predictor"](hidden, mask, g=voice, reverse=True, noise_scale=1.0)
        else:
            log_durations = network["duration_predictor"](hidden, mask, g=voice)
        return mean, log_scale, torch.exp(log_durations)

    def flow(prior: Any, speaker: Optional[Any] = None) -> Any:
        return network["flow"](prior, torch.ones_like(prior[:, :1]), g=embedded(speaker), reverse=True)

    def wave(latents: Any, speaker: Optional[Any] = None) -> Any:
        return network["waveform_decoder"](latents, g=embedded(speaker)).reshape(1, -1)

    speaker = {"speaker": torch.zeros(1, dtype=torch.long)} if args.use_speaker_embedding else {}
    frames = torch.randn(1, args.hidden_channels, 50)
    symbols = {"symbols": torch.ones(1, 37, dtype=torch.long), "duration_noise": torch.randn(1, 2, 37), **speaker}
    return (
        Graph.write(
            part(network, text),
            target / TEXT,
            symbols,
            ("mean", "log_scale", "durations"),
            {"symbols": 1, "duration_noise": 2, "mean": 2, "log_scale": 2, "durations": 2},
        ),
        Graph.write(
            part(network, flow), target / FLOW, {"prior": frames, **speaker}, ("latents",), {"prior": 2, "latents": 2}
        ),
        Graph.write(
            part(network, wave), target / WAVE, {"latents": frames, **speaker}, ("sound",), {"latents": 2, "sound": 1}
        ),
    )


def _check(graphs: tuple[Graph, Graph, Graph], args: VitsArgs, speakers: bool) -> float:
    """Speak a row of symbols with the same noise by torch and by the graphs."""
    text, flow, wave = graphs
    rng = np.random.default_rng(0)
    speaker = [np.zeros(1, np.int64)] if speakers else []
    symbols = rng.integers(1, min(args.num_chars, 40), (1, 61))
    rhythm = (0.8 * rng.standard_normal((1, 2, 61))).astype(np.float32)
    # Rounding up may turn on the last bit, so both last as long as the original.
    durations = np.maximum(np.ceil(text.original(symbols, rhythm, *speaker)[2]), 1)
    melody = 0.667 * rng.standard_normal((1, args.hidden_channels, int(durations.sum())))

    def speak(run: Callable[..., Any]) -> np.ndarray:
        mean, log_scale, _ = run(text, symbols, rhythm, *speaker)
        prior = spread(mean, durations) + melody * np.exp(spread(log_scale, durations))
        (latents,) = run(flow, prior.astype(np.float32), *speaker)
        return np.asarray(run(wave, latents, *speaker)[0])

    return difference(speak(Graph.written), speak(Graph.original))


@contextlib.contextmanager
def noise_of(noise: Any) -> Iterator[None]:
    """Let torch's random numbers be an input of the graph."""
    import torch

    own = torch.randn
    torch.randn = lambda *size, **more: noise
    try:
        yield
    finally:
        torch.randn = own


def _network(args: VitsArgs, state: Mapping[str, Any]) -> Any:
    """Return the layers as a ModuleDict whose keys are the checkpoint's."""
    import torch

    prepare_import()
    from TTS.tts.layers.glow_tts.duration_predictor import DurationPredictor
    from TTS.tts.layers.vits.networks import ResidualCouplingBlocks, TextEncoder
    from TTS.tts.layers.vits.stochastic_duration_predictor import StochasticDurationPredictor
    from TTS.vocoder.models.hifigan_generator import HifiganGenerator

    channels, speaker = args.hidden_channels, args.speaker_channels
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
            cond_channels=speaker,
        ),
        "duration_predictor": StochasticDurationPredictor(
            channels, 192, 3, 0.0, 4, cond_channels=speaker if args.condition_dp_on_speaker else 0
        )
        if args.use_sdp
        else DurationPredictor(channels, 256, 3, 0.0, cond_channels=speaker),
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
            cond_channels=speaker,
            conv_pre_weight_norm=False,
            conv_post_weight_norm=False,
            conv_post_bias=False,
        ),
    }
    if speaker:
        layers["emb_g"] = torch.nn.Embedding(*state["emb_g.weight"].shape)
    for name in [key for key in layers["duration_predictor"]._modules if key.startswith("post_")]:
        delattr(layers["duration_predictor"], name)
    return torch.nn.ModuleDict(layers)
