"""Hearing what people spell or say digit by digit, while the bot waits for it.

A recognizer writes letters in the style of its prompt, and in the wrong style it writes nonsense; so each style is
tried, and the surest hearing that has a value in it is believed. Where none has one, the person has said something
else, and is heard as always. So is a name, besides: most people only say it.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Optional

import numpy as np

from convai_rasa.asr import Expected, Transcript
from convai_rasa.capture import ON_KEYS, agreed, is_in_words, likeliest, prompts, words_of_alphabet
from convai_rasa.voice.engines import Engines

_DIGITS_ALONE = "phone"
_ONLY_SAID = "name"


async def recognise_spelled(
    engines: Engines, samples: np.ndarray, kind: str, *, language: Optional[str], otherwise: Optional[str]
) -> Transcript:
    """Recognize an utterance in which a value of some kind, see ``capture.KINDS``, was asked for.

    Args:
        samples: float32 of shape (n,) at 16 kHz.
        language: that is spoken, ISO 639-1; None or ``auto`` where that is not known.
        otherwise: the prompt for whatever else the person may say.
    """

    async def recognized(prompt: Optional[str], expected: Optional[Expected] = None) -> Transcript:
        return await engines.recognise(samples, language=language, prompt=prompt, expected=expected)

    styles = prompts(kind, language)
    expected = Expected(digits=kind == _DIGITS_ALONE) if kind in ON_KEYS else None
    requests = [recognized(style, expected) for style in styles]
    if kind == _ONLY_SAID:
        requests.append(recognized(otherwise))
    heard = list(await asyncio.gather(*requests))
    plain = heard[-1] if kind == _ONLY_SAID else None
    found = likeliest(kind, heard[: len(styles)], language, plain)
    in_words = len(styles) > 1 and any(is_in_words(one.text, language) for one in heard[: len(styles)])
    only = words_of_alphabet(kind, language) if in_words else None
    if only:  # there is nothing else to choose from
        again = await recognized(styles[-1], Expected(only=only))
        text = agreed(kind, found.text if found is not None else "", again, language)
        found = found if text is None else replace(again, text=text, log_probability=None)
    if found is not None:
        return replace(found, alternatives=())  # which would be judged by the bot's sentences
    if plain is not None:
        return plain
    return await recognized(otherwise)
