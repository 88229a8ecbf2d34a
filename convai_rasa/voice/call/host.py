"""Who answers the callers of one channel, and by what rules."""

from __future__ import annotations

from dataclasses import dataclass

from convai_rasa.voice.bot import Bot
from convai_rasa.voice.ears import TurnEnding
from convai_rasa.voice.engines import Engines
from convai_rasa.voice.options import VoiceOptions


@dataclass(frozen=True)
class Host:
    """What all callers share."""

    options: VoiceOptions
    engines: Engines
    bot: Bot
    ending: TurnEnding  # decides when their turns are over
