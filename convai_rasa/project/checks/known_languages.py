"""Whether the components, the recognizer and the voice know the language of the bot."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional

from convai_rasa.asr import knows_english_only
from convai_rasa.errors import ConvaiError
from convai_rasa.nlu.encoder import MOST_LOST, REMEDY, cannot_read
from convai_rasa.project.change import (
    DEFAULT_MODELS,
    ENTITIES,
    INTENTS,
    SENTIMENT,
    fitting_components,
    lost_on,
)
from convai_rasa.project.checks.understanding import our_steps
from convai_rasa.project.checks.voice import usable_options
from convai_rasa.project.findings import Finding
from convai_rasa.store import resolve
from convai_rasa.tts.export import VOICE_FILE
from convai_rasa.tts.text import has_words, words_package
from convai_rasa.voice import AUTO, VoiceOptions, base_language, ends_by_silence, misfits


def check_language(
    config: Mapping[str, Any], credentials: Mapping[str, Any], texts: Sequence[str]
) -> Iterator[Finding]:
    """See that what hears, understands and speaks knows the language of the bot and of its intents' examples.

    The working directory is the project's folder.
    """
    language = None if config.get("language") is None else str(config["language"])
    yield from _components(config, texts, language)
    if options := usable_options(credentials):
        yield from _channel(options, language)


def _components(config: Mapping[str, Any], texts: Sequence[str], language: Optional[str]) -> Iterator[Finding]:
    for step in our_steps(config):
        component = step["name"]
        model = str(step.get("model", DEFAULT_MODELS.get(component, "")))
        if component == INTENTS and not step.get("any_language") and step.get("strategy") != "ready":
            lost = lost_on(model, texts)
            if lost > MOST_LOST:
                yield Finding("pipeline", "error", cannot_read(model, lost), REMEDY)
        elif component in (ENTITIES, SENTIMENT) and not (
            step.get("train") or step.get("train_from")
        ):  # in any language
            for note in fitting_components([component], texts, language, {component: model}).notes:
                what, _, fix = note.replace(" was left out", "").rstrip(".").partition("; to use it, ")
                yield Finding("pipeline", "warning", what, f"{fix}, or remove it from the pipeline")


def _channel(options: VoiceOptions, language: Optional[str]) -> Iterator[Finding]:
    bots = base_language(language)
    one = next(iter(options.tts.each().values()))
    spoken = _spoken(one.voices.get(bots or "", one.model)) if one.engine == "coqui" else ()
    for sentence in misfits(options, language, heard=_heard(options), spoken=spoken):
        what, _, fix = sentence.partition("; ")
        yield Finding("voice", "warning", what, fix)
    if by_silence := ends_by_silence(options, language):
        yield Finding("voice", "note", by_silence)
    if spoken and bots == base_language(spoken[0]) and not has_words(spoken[0]):
        what = f"The voice speaks '{spoken[0]}', but gruut's word list for it is not installed"
        yield Finding("voice", "error", what, f"pip install '{words_package(spoken[0])}'")


def _heard(options: VoiceOptions) -> tuple[str, ...]:
    """Return English for a Whisper of English alone, nothing for one that knows many languages or cannot be told."""
    if options.asr.engines or options.asr.engine != "whisper" or options.asr.model == AUTO:
        return ()
    try:
        return ("en",) if knows_english_only(resolve(options.asr.model)) else ()
    except (ConvaiError, OSError, ValueError):
        return ()  # check_models says what is wrong with it


def _spoken(model: str) -> tuple[str, ...]:
    """Return the language of a voice as its files tell it; nothing where they do not."""
    symbols = _json(model, VOICE_FILE).get("symbols") or {}
    piper = _json(model, "*.onnx.json").get("espeak") or {}
    coqui = _json(model, "config.json")
    found = symbols.get("language") or piper.get("voice") or coqui.get("phoneme_language")
    return (str(found),) if found else ()


def _json(model: str, pattern: str) -> dict[str, Any]:
    try:
        file = next(iter(sorted(resolve(model).glob(pattern))), None)
        content = json.loads(file.read_text(encoding="utf-8")) if file else {}
    except (ConvaiError, OSError, ValueError):
        return {}  # check_models says what is wrong with it
    return content if isinstance(content, dict) else {}
