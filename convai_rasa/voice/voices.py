"""The voices that credentials.yml asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from convai_rasa.tts.cache import SoundCache
from convai_rasa.tts.voices import Voices
from convai_rasa.voice.options import CacheOptions, TtsOptions


def load_voices(options: TtsOptions) -> Voices:
    """Return the voices, not started yet; a folder of the cache is relative to the working directory."""
    return Voices(options.engine, options.model, options.voices, options.for_engine(), _cache(options.cache))


def _cache(options: Optional[CacheOptions]) -> Optional[SoundCache]:
    if options is None:
        return None
    folder = Path(options.folder).expanduser().absolute()
    return SoundCache(folder, memory_mb=options.memory_mb, disk_mb=options.disk_mb)
