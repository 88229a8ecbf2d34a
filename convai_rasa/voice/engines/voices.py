"""The voices that credentials.yml asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Optional, Union

from convai_rasa.tts import SoundCache, Voices
from convai_rasa.tts.remote import SeveralVoices
from convai_rasa.voice.options import CacheOptions, TtsOptions


def load_voices(options: TtsOptions) -> Union[Voices, SeveralVoices]:
    """Return the voices, not started yet; a folder of the cache is relative to the working directory."""
    cache = _cache(options.cache)
    each = [
        (name, Voices(one.engine, one.model, one.voices, one.for_engine(), cache))
        for name, one in options.each().items()
    ]
    return SeveralVoices(each) if options.engines else each[0][1]


def _cache(options: Optional[CacheOptions]) -> Optional[SoundCache]:
    if options is None:
        return None
    folder = Path(options.folder).expanduser().absolute()
    return SoundCache(folder, memory_mb=options.memory_mb, disk_mb=options.disk_mb)
