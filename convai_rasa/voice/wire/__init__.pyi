from .client import BotTurn as BotTurn, VoiceClient as VoiceClient
from .contract import Frame as Frame, Wire as Wire
from .messages import HIGHEST_RATE as HIGHEST_RATE, LOWEST_RATE as LOWEST_RATE, TurnMetrics as TurnMetrics
from .twilio import TwilioWire as TwilioWire
