"""Whisper models with random weights: as transformers saves them, and converted by CTranslate2 as they are served."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

LANGUAGES = 99  # of the models that know many; large-v3 knows one more
_ENGLISH_PIECES = 300  # the letters and a few pieces more: CTranslate2 takes so few for a model of English alone
_PIECES = 50_257  # of the real multilingual vocabulary, the last one empty: CTranslate2 tells the kinds apart by that


def save_transformers(folder: Path, *, english_only: bool = True, mels: int = 80) -> Path:
    """Write a Whisper of two tiny layers as ``save_pretrained`` does, with tokenizer.json and preprocessor_config.json.

    Args:
        folder: created if need be.
        english_only: else it knows 99 languages, or 100 with 128 mels.
        mels: 80, or 128 as large-v3 has.
    """
    import torch
    from faster_whisper.tokenizer import _LANGUAGE_CODES
    from transformers import (
        PreTrainedTokenizerFast,
        WhisperConfig,
        WhisperFeatureExtractor,
        WhisperForConditionalGeneration,
    )

    languages = list(_LANGUAGE_CODES)[: LANGUAGES + (mels == 128)] if not english_only else ["en"]
    serialised = _tokenizer(_ENGLISH_PIECES, [], languages) if english_only else _tokenizer(_PIECES, [""], languages)
    vocabulary = serialised.get_vocab()
    timestamps = 1501
    config = WhisperConfig(
        vocab_size=len(vocabulary) + timestamps, num_mel_bins=mels, d_model=16, encoder_layers=2, decoder_layers=2,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32,
        bos_token_id=vocabulary["<|endoftext|>"], eos_token_id=vocabulary["<|endoftext|>"],
        pad_token_id=vocabulary["<|endoftext|>"], decoder_start_token_id=vocabulary["<|startoftranscript|>"],
    )  # fmt: skip
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        model = WhisperForConditionalGeneration(config)
        generation = model.generation_config
        generation._from_model_config = False  # as the released ones, else transformers forgets the languages
        generation.suppress_tokens, generation.begin_suppress_tokens = [], [vocabulary["<|endoftext|>"]]
        generation.lang_to_id = {f"<|{language}|>": vocabulary[f"<|{language}|>"] for language in languages}
        model.save_pretrained(folder, safe_serialization=True)
        PreTrainedTokenizerFast(tokenizer_object=serialised, eos_token="<|endoftext|>").save_pretrained(folder)
        WhisperFeatureExtractor(feature_size=mels).save_pretrained(folder)
    return folder


def convert(source: Path, folder: Path) -> Path:
    """Convert what ``save_transformers`` wrote with CTranslate2's own converter, as ct2-transformers-converter does.

    In a process of its own, as users do: in this one CTranslate2 may have been imported without torch.
    """
    command = [sys.executable, "-W", "ignore", "-m", "ctranslate2.converters.transformers", "--model", str(source)]
    command += ["--output_dir", str(folder), "--quantization", "float16", "--force"]
    subprocess.run([*command, "--copy_files", "tokenizer.json", "preprocessor_config.json"], check=True)
    return folder


def _tokenizer(pieces: int, last: list[str], languages: list[str]) -> Any:
    """Return a byte-level ``tokenizers.Tokenizer`` with so many pieces and Whisper's special tokens after them."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    names = [*letters, *(f"Ġpiece{number}" for number in range(pieces - len(letters) - len(last))), *last]
    tokenizer = Tokenizer(models.BPE({name: number for number, name in enumerate(names)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(
        [
            "<|endoftext|>",
            "<|startoftranscript|>",
            *(f"<|{language}|>" for language in languages),
            *("<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>"),
            *("<|nospeech|>", "<|notimestamps|>"),
        ]
    )
    return tokenizer
