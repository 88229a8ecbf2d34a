from .client import BotTurn as BotTurn, VoiceClient as VoiceClient
from .messages import (
    HIGHEST_RATE as HIGHEST_RATE,
    LOWEST_RATE as LOWEST_RATE,
    Frame as Frame,
    TurnMetrics as TurnMetrics,
    Wire as Wire,
)
from .twilio import TwilioWire as TwilioWire
