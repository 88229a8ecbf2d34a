"""What a caller and the channel say to each other, whatever the wire format.

The classes are the specification: ``docs/protocol.md`` is checked against them.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar, Dict, Iterable, List, Optional, Protocol, Union

from convai_rasa.options import BaseModel, Field, validator
from convai_rasa.voice import limits

LOWEST_RATE, HIGHEST_RATE = 8_000, 48_000
Frame = Union[str, bytes]  # what goes through a socket


class Message(BaseModel):
    """One message. Keys a receiver does not know are ignored, so that either side may be newer."""

    type: ClassVar[str]

    class Config:
        allow_mutation = False


# ------------------------------------------------------------------ client


class Settings(Message):
    """How to listen and speak from now on; what is absent stays as it is."""

    type = "settings"
    language: Optional[str] = Field(None, max_length=limits.MAX_LANGUAGE)  # ISO 639-1, or "auto"
    speed: Optional[float] = Field(None, ge=0.5, le=2.0)  # 1.0 is the voice's own pace
    inspect: Optional[bool] = None  # tell the client, with each turn, what the bot made of it


class Start(Settings):
    """Opens the conversation; without it the defaults hold."""

    type = "start"
    sender_id: Optional[str] = Field(None, min_length=1, max_length=limits.MAX_NAME)
    # Of a conversation whose connection was lost, to go on with it.
    session_id: Optional[str] = Field(None, max_length=limits.MAX_NAME)
    token: Optional[str] = Field(None, max_length=limits.MAX_TOKEN)  # the shared one, or a JWT for one caller
    sample_rate: int = Field(16_000, ge=LOWEST_RATE, le=HIGHEST_RATE)  # of the sound sent, Hz
    output_sample_rate: int = Field(16_000, ge=LOWEST_RATE, le=HIGHEST_RATE)  # of the sound wanted, Hz
    metadata: Dict[str, Any] = Field(default_factory=dict)  # handed to Rasa with every message
    greet: bool = False  # the person waits to be spoken to first, as on a telephone

    @validator("metadata")
    def _bounded(cls, metadata: Dict[str, Any]) -> Dict[str, Any]:
        if len(json.dumps(metadata, ensure_ascii=False).encode()) > limits.MAX_METADATA:
            raise ValueError(f"at most {limits.MAX_METADATA:,} bytes as JSON")
        return metadata


class Text(Message):
    """A typed message, or the payload of a button."""

    type = "text"
    text: str = Field(..., min_length=1, max_length=limits.MAX_TEXT)


class Dtmf(Message):
    """Telephone keys the person pressed."""

    type = "dtmf"
    digits: str = Field(..., regex=rf"^[0-9A-D*#]{{1,{limits.MAX_DIGITS}}}\Z")


class PlaybackReport(Message):
    """How much of a reply has been heard."""

    type = "playback"
    id: str = Field(..., max_length=limits.MAX_NAME)
    played_ms: float = Field(..., ge=0, le=limits.MAX_PLAYED_MS)


class Stop(Message):
    """The person is done speaking: end their turn now instead of waiting for silence."""

    type = "stop"


class Bye(Message):
    """The person ends the conversation: it cannot be resumed."""

    type = "bye"


ClientMessage = Union[Start, Settings, Text, Dtmf, PlaybackReport, Stop, Bye]

# ------------------------------------------------------------------ server


class Ready(Message):
    """The conversation is open."""

    type = "ready"
    session_id: str
    sender_id: str
    sample_rate: int  # of the sound that will be sent, Hz
    resumed: bool = False  # whether an earlier conversation goes on
    resume_s: float = 0.0  # how long after a lost connection it can be resumed
    languages: List[str] = Field(default_factory=list)  # that the bot hears and speaks, its own first
    suggestions: List[str] = Field(default_factory=list)  # what a person may ask it
    inspect: bool = False  # whether `inspect` may be asked for
    page: str = ""  # changes with the files of the page
    replica: Optional[str] = None  # of several servers the one to come back to, as ?replica=… of the address


class SpeechStarted(Message):
    """The person began to speak."""

    type = "speech.started"


class SpeechStopped(Message):
    """The person finished."""

    type = "speech.stopped"


class TranscriptPartial(Message):
    """What has been understood so far; the person may go on."""

    type = "transcript.partial"
    text: str


class TranscriptFinal(Message):
    """What was understood; empty when it was no speech after all."""

    type = "transcript.final"
    text: str
    confidence: float  # in [0, 1]


class BotMessage(Message):
    """One message of the bot, as soon as Rasa produced it."""

    type = "bot.message"
    id: str
    text: Optional[str] = None
    buttons: Optional[List[Dict[str, Any]]] = None
    image: Optional[str] = None
    custom: Optional[Any] = None


class AudioStart(Message):
    """Sound for a bot message follows as binary frames."""

    type = "audio.start"
    id: str
    text: str
    sample_rate: int  # Hz
    from_ms: float = 0.0  # of the reply's sound; above 0 when it goes on where it was stopped


class AudioEnd(Message):
    """All sound of that message was sent."""

    type = "audio.end"
    id: str


class Interrupted(Message):
    """The person spoke over the bot: drop what has not been played.

    It may have been a false alarm; then ``audio.start`` with the same id and ``from_ms`` goes on.
    """

    type = "interrupted"
    id: str
    heard_text: str


class TurnMetrics(BaseModel):
    """Where the time of one turn went, in ms; a part that did not happen is absent."""

    endpoint: Optional[float] = None  # end of speech -> the turn was seen to be over
    asr: Optional[float] = None  # -> the words were known
    readings: Optional[float] = None  # spent on other readings of doubtful words, most of it before the turn was over
    rasa: Optional[float] = None  # -> the bot's first message
    tts_first_audio: Optional[float] = None  # -> the first sound was sent
    response: Optional[float] = None  # end of speech -> the first sound was sent
    left_out: Optional[float] = None  # sound before and after the person's words in which only others spoke


class Inspect(Message):
    """What the bot made of a turn, before its ``turn.end``; only where it was asked for and is allowed."""

    type = "inspect"
    text: Optional[str] = None
    intent: Optional[Dict[str, Any]] = None
    intent_ranking: List[Dict[str, Any]] = Field(default_factory=list)
    entities: List[Dict[str, Any]] = Field(default_factory=list)
    sentiment: Optional[Any] = None
    slots: Dict[str, Any] = Field(default_factory=dict)  # that are set
    form: Optional[str] = None  # that is active
    actions: List[Dict[str, Any]] = Field(default_factory=list)  # name, policy and confidence of each
    events: List[Dict[str, Any]] = Field(default_factory=list)  # of Rasa's tracker


class TurnEnd(Message):
    """The bot has said all it had to say."""

    type = "turn.end"
    metrics: TurnMetrics


class Hangup(Message):
    """The bot ends the conversation once all its sound is played; the connection is then closed."""

    type = "hangup"


class Transfer(Message):
    """The bot hands the person over; the connection is closed once all its sound is played."""

    type = "transfer"
    to: str  # for example tel:+441632960000


class Error(Message):
    """Something went wrong; the conversation goes on unless the socket closes."""

    type = "error"
    code: str
    message: str
    retry_after_s: Optional[float] = None  # when to try again, where that helps


ServerMessage = Union[
    Ready,
    SpeechStarted,
    SpeechStopped,
    TranscriptPartial,
    TranscriptFinal,
    BotMessage,
    AudioStart,
    AudioEnd,
    Interrupted,
    Inspect,
    TurnEnd,
    Hangup,
    Transfer,
    Error,
]


class Wire(Protocol):
    """Translates for one connection; may remember what it has seen."""

    def receive(self, frame: Frame) -> Iterable[Union[ClientMessage, bytes]]:
        """Read a frame: messages, and PCM16 mono sound at ``Start.sample_rate``; else ``ProtocolError``."""

    def send(self, item: Union[ServerMessage, bytes]) -> Iterable[Frame]:
        """Write a message, or PCM16 mono sound at ``Start.output_sample_rate``, as frames for the client."""
