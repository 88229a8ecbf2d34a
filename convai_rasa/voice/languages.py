"""Which language a bot is spoken to in, and whether what hears and speaks for it knows that language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional

from convai_rasa.languages import lexicon_of
from convai_rasa.store import load_catalogue
from convai_rasa.voice.options import AUTO, VoiceOptions

_WHISPERS = {"nb": "no", "iw": "he"}  # codes that Whisper has another one for
_MULTILINGUAL_RECOGNISER = "whisper/base"


def base_language(language: Optional[str]) -> Optional[str]:
    """Return ``de`` for ``de-AT`` or ``de_AT``; None for none."""
    code = code_of(language)
    return code and code.split("-")[0].strip()


def code_of(language: Optional[str]) -> Optional[str]:
    """Return ``en-gb`` for ``en_GB``, and ``de`` for ``de``; None for none."""
    if language is None or not language.strip():
        return None
    return language.replace("_", "-").strip().lower()


def heard_language(options: VoiceOptions, bots: Optional[str], known: Sequence[str]) -> Optional[str]:
    """Return the language that callers are taken to speak unless they ask for one; None: as the recognizer is set.

    ``asr.language``, where it is given, stays the recognizer's own. Without ``known`` languages it is taken to know the
    ``bots`` of config.yml.
    """
    asked = [one.for_engine().get("language") for one in options.asr.each().values()]
    if bots is None or any(language is not None for language in asked):
        return None
    code = _whispers(bots, known)
    return code if code in known or not known else None


def misfits(
    options: VoiceOptions, bots: Optional[str], *, heard: Sequence[str], spoken: Sequence[str]
) -> Iterator[str]:
    """Say what does not know the bot's language; each sentence ends with what to do, behind a semicolon.

    Args:
        bots: the bot's language; None where config.yml says none.
        heard: codes that the recognizer knows; empty where it does not tell.
        spoken: codes of the voice that would speak it; empty where it does not tell.
    """
    bots = base_language(bots)
    if bots is None:
        return
    asked = options.asr.for_engine().get("language")
    if asked not in (None, AUTO) and base_language(str(asked)) not in (bots, _WHISPERS.get(bots)):
        yield (
            f"The bot's language is '{bots}', but asr.language is '{asked}'; leave asr.language out, or correct "
            "language in config.yml"
        )
    elif heard and _whispers(bots, heard) not in heard:
        knows = "understands English only" if list(heard) == ["en"] else "does not know it"
        yield (
            f"The bot's language is '{bots}', but the recognizer {options.asr.title} {knows}; name another one as "
            f"asr.model, for example {_MULTILINGUAL_RECOGNISER} (convai models {_MULTILINGUAL_RECOGNISER})"
        )
    if spoken and bots not in map(base_language, spoken):
        voice = load_catalogue().voice_of(bots)
        other = f"for example {voice} (convai models {voice})" if voice else "a Coqui or Piper voice of your own"
        yield (
            f"The bot's language is '{bots}', but the voice {options.tts.title} speaks '{spoken[0]}'; name one of that "
            f"language as tts.model, {other}"
        )


def ends_by_silence(options: VoiceOptions, bots: Optional[str]) -> Optional[str]:
    """Say that turns in the bot's language end by silence though the dialogue is to decide; None if they do not."""
    language = base_language(bots)
    if options.turn.decided_by != "dialogue" or lexicon_of(language).turns is not None:
        return None
    return (
        f"Which words end no sentence in '{language}' is not known, so every turn is over after {options.turn.end_ms} "
        "ms of silence (turn.end_ms)"
    )


def _whispers(language: str, known: Sequence[str]) -> str:
    return language if language in known else _WHISPERS.get(language, language)
