"""Builds voices with Coqui's own classes and random weights, and has those classes speak.

``python tiny_coqui.py FOLDER`` writes, for each of ``VOICES``, a voice's folder as Coqui saves it, ``expected.npz``
with a sentence, its symbol numbers, sound and, where there is one, spectrogram, and the graphs that it is exported to.
For each of ``PIPER`` it writes a voice as Piper does, out of the same layers. It is a program of its own, because it
imports Coqui's whole training code.
"""

from __future__ import annotations

import json
import pathlib
import sys
import warnings
from typing import Any

# Kinds of the catalogue's voices: tacotron2-DDC, glow-tts, vits; the VITS that earlier versions made of vits-joe; and
# one of several speakers.
VOICES = ("tacotron2", "glow_tts", "vits", "vits_joe", "vits_many")
PIPER = ("piper", "piper_many")
SPEAKERS = {"anna": 0, "ben": 1, "cleo": 2}
SENTENCE = "Hello there, friend!"
AUDIO = {
    "sample_rate": 22050, "num_mels": 80, "hop_length": 256, "win_length": 1024, "fft_size": 1024, "mel_fmin": 0.0,
    "mel_fmax": 8000.0, "preemphasis": 0.0, "min_level_db": -100, "ref_level_db": 20, "power": 1.5, "signal_norm": True,
    "symmetric_norm": True, "max_norm": 4.0, "clip_norm": True, "griffin_lim_iters": 2, "do_trim_silence": False,
}  # fmt: skip


def main(folder: pathlib.Path) -> None:
    warnings.simplefilter("ignore")
    import numpy as np
    import torch
    from TTS.tts.configs.glow_tts_config import GlowTTSConfig
    from TTS.tts.configs.shared_configs import CharactersConfig
    from TTS.tts.configs.tacotron2_config import Tacotron2Config
    from TTS.tts.models.glow_tts import GlowTTS
    from TTS.tts.models.tacotron2 import Tacotron2
    from TTS.vocoder.configs import HifiganConfig, MultibandMelganConfig

    from convai_rasa.tts.export import coqui_to_onnx

    torch.manual_seed(3)
    letters = CharactersConfig(  # as the released LJSpeech voice lists them
        characters_class="TTS.tts.utils.text.characters.Graphemes", pad="_", eos="~", bos="^", blank=None,
        characters="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!'(),-.:;? ", punctuations="!'(),-.:;? ",
        phonemes="iyɨʉɯuɪʏʊ", is_unique=False, is_sorted=True,
    )  # fmt: skip
    ipa = CharactersConfig(  # an older configuration: the phonemes have a key of their own, and there is no class
        pad="_", eos="~", bos="^", blank="#", characters="abc", punctuations="!'(),-.:;? ",
        phonemes="iyɨuɪʊeəoɛʌɔæaɑpbtdkɡmnŋfvθðszʃʒhɹjlwˈˌːɚɐɾ", is_unique=False, is_sorted=True,
    )  # fmt: skip
    (folder / "tacotron2").mkdir(parents=True)
    (folder / "glow_tts").mkdir()
    rng = np.random.default_rng(0)
    statistics = {f"{kind}_{what}": rng.uniform(0.5, 2.0, size) for kind, size in (("mel", 80), ("linear", 513))
                  for what in ("mean", "std")}  # fmt: skip

    config = Tacotron2Config(
        audio={**AUDIO, "stats_path": None}, characters=letters, use_phonemes=False, text_cleaner="english_cleaners",
        r=3, double_decoder_consistency=True, ddc_r=6, max_decoder_steps=50, attention_norm="sigmoid",
        prenet_type="bn", prenet_dropout=False, datasets=[],
    )  # fmt: skip
    model = Tacotron2.init_from_config(config)
    model.decoder.set_r(2)  # as gradual training leaves it
    with torch.no_grad():
        model.decoder.stopnet[1].linear_layer.bias.fill_(-20)  # it would stop at once, or anywhere
    from TTS.utils.audio import AudioProcessor

    np.save(folder / "tacotron2" / "scale_stats.npy", {**statistics, "audio_config": dict(AUDIO)}, allow_pickle=True)
    model.ap.setup_scaler(*(statistics[f"{kind}_{what}"] for kind in ("mel", "linear") for what in ("mean", "std")))
    hifigan = HifiganConfig(audio={**AUDIO, "symmetric_norm": False, "max_norm": 1.0})
    hifigan.generator_model_params.update(upsample_initial_channel=32)
    write(folder / "tacotron2", config, model, hifigan, {"r": 2}, AudioProcessor)

    config = GlowTTSConfig(
        audio={**AUDIO, "signal_norm": False}, characters=ipa, use_phonemes=True, phonemizer="gruut",
        phoneme_language="en-us", text_cleaner="phoneme_cleaners", add_blank=True, hidden_channels_enc=32,
        hidden_channels_dec=32, hidden_channels_dp=32, num_flow_blocks_dec=3, datasets=[], length_scale=1.2,
    )  # fmt: skip
    model = GlowTTS.init_from_config(config)
    with torch.no_grad():
        model.encoder.duration_predictor.proj.bias.fill_(1.5)
        for flow in model.decoder.flows:
            if hasattr(flow, "end"):
                flow.end.weight.normal_(0, 0.05)  # fresh ones are zero, which would prove nothing
    melgan = MultibandMelganConfig(audio={**AUDIO, "signal_norm": False})
    write(folder / "glow_tts", config, model, melgan, {}, AudioProcessor)
    write_vits(folder / "vits", as_converted=False)
    write_piper(folder / "piper", write_vits(folder / "vits_joe", as_converted=True))
    write_piper(folder / "piper_many", write_vits(folder / "vits_many", as_converted=True, speakers=SPEAKERS))
    for kind in VOICES:
        (folder / kind / "onnx").mkdir()
        coqui_to_onnx.convert(folder / kind, folder / kind / "onnx")


def write(
    folder: pathlib.Path, config: Any, model: Any, vocoder_config: Any, more: dict[str, Any], processor: Any
) -> None:
    import numpy as np
    import torch
    from TTS.vocoder.models import setup_generator

    model.eval()
    for module in model.modules():  # fresh statistics would let a forgotten normalisation pass
        if isinstance(module, torch.nn.BatchNorm1d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    vocoder = setup_generator(vocoder_config)
    with torch.no_grad():
        for name, weight in vocoder.named_parameters():
            if folder.name == "glow_tts" and name.endswith("weight_g"):
                weight.mul_(1.5)  # fresh ones hardly hear beyond two frames, and would let too small an overlap pass
    (folder / "vocoder").mkdir()
    if folder.name == "tacotron2":
        config.audio["stats_path"] = "/the/machine/it/was/trained/on/scale_stats.npy"
    config.save_json(str(folder / "config.json"))
    vocoder_config.save_json(str(folder / "vocoder" / "config.json"))
    torch.save({"model": model.state_dict(), "step": 1, **more}, folder / "model_file.pth")
    torch.save({"model": vocoder.state_dict()}, folder / "vocoder" / "model.pth")

    ids = model.tokenizer.text_to_ids(SENTENCE)
    with torch.inference_mode():
        symbols = torch.tensor([ids])
        outputs = model.inference(symbols, aux_input={"x_lengths": torch.tensor([len(ids)]), "d_vectors": None,
                                                      "speaker_ids": None})  # fmt: skip
        mel = outputs["model_outputs"][0].numpy()
        mel = processor.init_from_config(vocoder_config).normalize(model.ap.denormalize(mel.T))
        sound = vocoder.eval().inference(torch.tensor(mel).float().unsqueeze(0))
    np.savez(folder / "expected.npz", sentence=SENTENCE, ids=ids, mel=mel, sound=sound.numpy().reshape(-1))


def write_vits(folder: pathlib.Path, *, as_converted: bool, speakers: dict[str, int] | None = None) -> Any:
    """Write a VITS voice: with the symbols of the released LJSpeech voice, or those of one converted from Piper."""
    import numpy as np
    import torch
    from TTS.tts.configs.shared_configs import CharactersConfig
    from TTS.tts.configs.vits_config import VitsConfig
    from TTS.tts.models.vits import Vits, VitsArgs, VitsAudioConfig, VitsCharacters

    released = {"characters": VitsCharacters().to_config(), "phonemizer": "gruut", "text_cleaner": "phoneme_cleaners"}
    converted = {
        "characters": CharactersConfig(
            characters_class="TTS.tts.utils.text.characters.IPAPhonemes", pad="_", bos="^", eos="$", blank="_",
            characters=" !',.?abdefhijklmnoprstuvwzæðŋɐɑɔəɚɛɜɡɪɫɹɾʃʊʌʒˈˌːθ", punctuations="", phonemes=None,
            is_unique=False, is_sorted=False,
        ), "phonemizer": "gruut", "text_cleaner": None, "enable_eos_bos_chars": True,
    }  # fmt: skip
    config = VitsConfig(
        model_args=VitsArgs(
            num_chars=200, hidden_channels=32, hidden_channels_ffn_text_encoder=64, num_layers_text_encoder=2,
            num_layers_flow=2, num_layers_posterior_encoder=1, init_discriminator=False, length_scale=2.0,
            upsample_initial_channel_decoder=32, inference_noise_scale=0.0, inference_noise_scale_dp=0.0,
            resblock_type_decoder="2", resblock_kernel_sizes_decoder=[3, 5],
            resblock_dilation_sizes_decoder=[[1, 2], [2, 6]],
            use_speaker_embedding=bool(speakers), num_speakers=len(speakers or ()), speaker_embedding_channels=16,
        ),
        audio=VitsAudioConfig(sample_rate=22050), use_phonemes=True, phoneme_language="en-us", add_blank=True,
        test_sentences=[], datasets=[], **(converted if as_converted else released),
    )  # fmt: skip
    folder.mkdir()
    torch.manual_seed(7)
    model = Vits.init_from_config(config, verbose=False).eval()
    ids = model.tokenizer.text_to_ids(SENTENCE)
    speaker = {"speaker_ids": torch.tensor([max(speakers.values())])} if speakers else {}
    if speakers:
        torch.save(speakers, folder / "speakers.pth")
    with torch.no_grad():
        last = model.waveform_decoder.conv_post.weight
        last.sub_(last.mean(dim=2, keepdim=True)).mul_(10 if speakers else 100)  # fresh ones give next to no sound
        aux = dict.fromkeys(("x_lengths", "d_vectors", "speaker_ids", "language_ids", "durations"))
        sound = model.inference(torch.tensor([ids]), {**aux, **speaker})["model_outputs"]
    config.save_json(str(folder / "config.json"))
    torch.save({"model": model.state_dict(), "step": 1}, folder / ("model.pth" if as_converted else "model_file.pth"))
    np.savez(folder / "expected.npz", sentence=SENTENCE, ids=ids, sound=sound.numpy().reshape(-1))
    return model


def write_piper(folder: pathlib.Path, model: Any) -> None:
    """Write the layers of a VITS as Piper does: one graph that draws its own noise."""
    import torch
    from TTS.tts.utils.helpers import generate_path, sequence_mask

    class Piper(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.enc_p, self.dp, self.flow, self.dec = (
                model.text_encoder, model.duration_predictor, model.flow, model.waveform_decoder
            )  # fmt: skip
            if model.num_speakers:
                self.emb_g = model.emb_g

        def forward(self, input: Any, input_lengths: Any, scales: Any, sid: Any = None) -> Any:
            noise, length, rhythm = scales[0], scales[1], scales[2]
            g = None if sid is None else self.emb_g(sid).unsqueeze(-1)
            x, mean, log_scale, mask = self.enc_p(input, input_lengths)
            lasting = torch.exp(self.dp(x, mask, g=g, reverse=True, noise_scale=rhythm)) * mask * length
            lasting = torch.ceil(lasting)
            frames = torch.clamp_min(torch.sum(lasting, [1, 2]), 1).long()
            frame_mask = sequence_mask(frames, None).to(mask.dtype).unsqueeze(1)
            path_mask = mask.unsqueeze(2) * frame_mask.unsqueeze(-1)
            path = generate_path(lasting.squeeze(1), path_mask.squeeze(1).transpose(1, 2))
            mean = torch.matmul(path.transpose(1, 2), mean.transpose(1, 2)).transpose(1, 2)
            log_scale = torch.matmul(path.transpose(1, 2), log_scale.transpose(1, 2)).transpose(1, 2)
            prior = mean + torch.randn_like(mean) * torch.exp(log_scale) * noise
            return self.dec(self.flow(prior, frame_mask, g=g, reverse=True) * frame_mask, g=g).unsqueeze(1)

    folder.mkdir()
    for module in model.modules():
        if hasattr(module, "weight_g"):
            torch.nn.utils.remove_weight_norm(module)
    speaker = (torch.tensor([0]),) if model.num_speakers else ()
    path = folder / "en_US-tiny-low.onnx"
    torch.onnx.export(
        Piper().eval(),
        (torch.ones(1, 50, dtype=torch.long), torch.tensor([50]), torch.tensor([0.7, 1.0, 0.8]), *speaker),
        str(path), dynamo=False, opset_version=15, output_names=["output"],
        input_names=["input", "input_lengths", "scales", *(["sid"] if speaker else [])],
        dynamic_axes={"input": {1: "phonemes"}, "output": {3: "time"}},
    )  # fmt: skip
    symbols = model.tokenizer.characters.vocab
    config = {
        "audio": {"sample_rate": 22050}, "espeak": {"voice": "en-us"}, "num_speakers": max(1, model.num_speakers),
        "inference": {"noise_scale": 0.7, "length_scale": 2.0, "noise_w": 0.8},
        "phoneme_id_map": {symbol: [number] for number, symbol in enumerate(symbols)},
        "speaker_id_map": SPEAKERS if speaker else {},
    }  # fmt: skip
    path.with_name(f"{path.name}.json").write_text(json.dumps(config))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
