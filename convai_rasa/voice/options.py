"""What a user may write under ``convai_rasa.voice.VoiceInput`` in credentials.yml."""

from __future__ import annotations

import difflib
import os
import re
from typing import Any, Dict, List, Optional, Sequence, Type

from typing_extensions import Literal

from convai_rasa.options import Field, Options, SecretStr, root_validator, validator

AUTO = "auto"  # asr.model; see asr/auto_model.py
ALLOW_ANYONE = "CONVAI_ALLOW_ANYONE"  # environment variable, for containers
REPLICA = "CONVAI_REPLICA"  # environment variable, for containers of one kind with a name each
_KEYS_OF_OTHERS = {"voice"}  # of engines that are not ours: too much like keys of ours to be told from a mistake
JwtMethod = Literal[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]


class EngineOptions(Options):
    """An engine, its model, and whatever else that engine itself takes; it checks those keys."""

    name: Optional[str] = None  # in the log and in the channel's health; None: the engine's
    engine: str
    model: str  # empty: the engine's own choice
    threads: int = Field(1, ge=1, le=256)

    class Config:
        extra = "allow"

    @root_validator(pre=True)
    def _of_this_engine(cls, values: Dict[str, Any]) -> Dict[str, Any]:
        values = dict(values)
        usual = cls.__fields__["engine"].default
        other = values.get("engine", usual) != usual
        if other:
            values.setdefault("model", "")
        # Other keys are the engine's to check, but it could not tell that one of ours was meant.
        for key in set(values) - set(cls.__fields__) - (_KEYS_OF_OTHERS if other or values.get("engines") else set()):
            close = difflib.get_close_matches(key, cls.__fields__, n=1, cutoff=0.75)
            if close:
                raise ValueError(f"unknown key '{key}' (did you mean '{close[0]}'?)")
        if isinstance(values.get("api_key"), str):
            values["api_key"] = SecretStr(values["api_key"])
        return _with_shared_keys(cls, values) if values.get("engines") else values

    @validator("engines", check_fields=False)  # of those who may be several
    def _names_differ(cls, value: List[Any]) -> List[Any]:
        return list(_named(value).values())

    def each(self) -> Dict[str, Any]:
        """Return the engines by their names, the first choice first: itself where it is one alone."""
        several = getattr(self, "engines", None) if "engines" in self.__fields__ else None
        return _named(several or [self])

    @property
    def title(self) -> str:
        """What it is called in sentences."""
        each = [*self.each().values()]
        if each[0] is not self:
            return ", then ".join(one.title for one in each)
        usual = self.__fields__["engine"].default
        return self.model if self.engine == usual else " ".join(filter(None, dict.fromkeys((self.engine, self.model))))

    def for_engine(self) -> Dict[str, Any]:
        """Return the keyword arguments for the engine's class."""
        own = {"engine", "engines", "name", "model", "prompt", "voices", "say_buttons", "cache", "warm"}
        return {key: value for key, value in self.dict().items() if key not in own}


def _with_shared_keys(options: Type[EngineOptions], values: Dict[str, Any]) -> Dict[str, Any]:
    """Give each of several engines the keys that stand beside them, where it has none of its own."""
    if beside := [key for key in ("engine", "model", "voices") if key in values]:
        raise ValueError(f"'{beside[0]}' stands beside 'engines'; write it into those engines that it is for")
    if not isinstance(values["engines"], list):
        raise ValueError("engines: is a list, each of its entries an engine")
    shared = {key: value for key, value in values.items() if key not in options.__fields__ or key == "threads"}
    each = [{"engine": one} if isinstance(one, str) else one for one in values["engines"]]
    values["engines"] = [{**shared, **one} if isinstance(one, dict) else one for one in each]
    return values


def _named(engines: Sequence[Any]) -> Dict[str, Any]:
    named: Dict[str, Any] = {}
    for one in engines:
        name = one.name or one.engine
        if name in named:
            raise ValueError(f"two engines are called '{name}'; give each its own, for example name: {name}-2")
        named[name] = one
    return named


class AsrEngine(EngineOptions):
    """A recognizer, one of several."""

    engine: str = "whisper"  # an entry point of the group convai_rasa.recognizers
    model: str = "whisper/base"  # auto: the largest Whisper installed that answers in time on this machine
    threads: int = Field(0, ge=0, le=256)  # 0: one each, and all cores for who speaks alone if that is quicker

    def for_engine(self) -> Dict[str, Any]:
        """Return the keyword arguments for the engine's class, where it is to recognize several at once."""
        return {**super().for_engine(), "threads": self.threads or 1}


class AsrOptions(AsrEngine):
    """Speech recognition."""

    engines: List[AsrEngine] = Field(default_factory=list)  # instead of one: the first that works hears
    workers: int = Field(2, ge=1, le=16)  # utterances recognized at the same time, over all callers
    prompt: bool = True  # show the recognizer the bot's own sentences


class CacheOptions(Options):
    """What the bot has said, kept so that it need not be computed again."""

    folder: str = ".convai-cache/tts"  # relative to the project, where Rasa is started
    memory_mb: float = Field(64.0, ge=0)  # 25 minutes of sound
    disk_mb: float = Field(512.0, ge=0)  # over three hours; 0: none is kept on disk


class TtsEngine(EngineOptions):
    """A synthesizer, one of several."""

    engine: str = "coqui"  # an entry point of the group convai_rasa.synthesizers
    model: str = "tts/vits-joe"
    voices: Dict[str, str] = Field(default_factory=dict)  # ISO 639-1 code: model; other languages get the one above


class TtsOptions(TtsEngine):
    """Speech synthesis."""

    engines: List[TtsEngine] = Field(default_factory=list)  # instead of one: the first that works speaks
    say_buttons: bool = True  # "You can say: a, b or c."
    cache: Optional[CacheOptions] = CacheOptions()  # false: nothing is kept
    warm: bool = True  # at start, say to the cache what the bot says in the same words each time

    @validator("cache", pre=True)
    def _on_or_off(cls, value: Any) -> Any:
        if isinstance(value, bool):
            return CacheOptions() if value else None
        return value


class TurnOptions(Options):
    """When a person has started, paused and finished. All times are in audio received, 32 ms a frame."""

    threshold: float = Field(0.5, gt=0, lt=1)  # Silero's own default speech probability
    start_ms: int = Field(96, ge=32)  # 3 frames of speech: a click or a tap is shorter
    min_speech_ms: int = Field(128, ge=32)  # 4 frames: the shortest "no" has five; less neither interrupts nor counts
    leave_out_others: bool = True  # people behind the caller, and far quieter, neither begin a turn nor belong to it
    pause_ms: int = Field(96, ge=32)  # 3 frames: one utterance in two has a longer pause in it and is heard again
    decided_by: str = "dialogue"  # an entry point of the group convai_rasa.turn_endings; silence: always after end_ms
    ending: Dict[str, Any] = Field(default_factory=dict)  # passed to what decided_by names, which checks it
    early_ms: int = Field(256, ge=32)  # end of a complete turn; the stop inside a word like "eight" lasts 100 to 200
    end_ms: int = Field(512, ge=64)  # 16 frames: three in a thousand have a longer one
    late_ms: int = Field(1_216, ge=64)  # end of a turn that breaks off in mid-sentence
    spelling_ms: int = Field(2_016, ge=64)  # end of a turn in the middle of a value that is spelled, see capture/
    partial_ms: int = Field(1_000, ge=0)  # speech between two looks at unfinished words, if nobody waits; 0: none
    max_utterance_s: float = Field(30.0, gt=1, le=30.0)  # what Whisper takes in one window

    @root_validator(skip_on_failure=True)
    def _in_order(cls, values: Dict[str, Any]) -> Dict[str, Any]:
        if values["pause_ms"] >= values["end_ms"]:
            raise ValueError(f"pause_ms ({values['pause_ms']}) must be shorter than end_ms ({values['end_ms']})")
        return values


class InterruptionOptions(Options):
    """What happens when a person speaks while the bot does."""

    enabled: bool = True  # false: the bot always speaks to its end
    min_words: int = Field(0, ge=0, le=10)  # words recognized before the bot stops; 0: turn.min_speech_ms of speech
    resume: bool = True  # after a false alarm, the bot goes on where it stopped
    echo: bool = True  # ignore the bot's own voice coming back through the microphone


class CallOptions(Options):
    """From the first word of a conversation to its last."""

    announce: bool = True  # tell the bot /session_start, and /session_end if it knows that intent
    silence_s: float = Field(8.0, ge=0)  # nobody speaks for so long: /silence, if the bot knows that intent; 0: never
    answer_s: float = Field(60.0, gt=0, le=600)  # a turn that takes the bot longer is given up, and the caller told
    filler_after_ms: int = Field(1_500, ge=0)  # then one of utter_please_wait is said; 0: never
    dtmf_wait_ms: int = Field(1_500, ge=0)  # after a telephone key, another may follow; # ends at once
    resume_s: float = Field(30.0, ge=0)  # a lost connection may come back for so long
    drain_s: float = Field(60.0, ge=0, le=3_600)  # told to stop (SIGTERM), the server lets calls end by themselves
    goodbye_s: float = Field(10.0, ge=0, le=600)  # then what is being said is finished, and each caller hears goodbye
    lead_s: float = Field(5.0, ge=0.5)  # sound sent ahead of what is played


class TwilioOptions(Options):
    """Telephone calls; see docs/telephone.md."""

    auth_token: Optional[str] = None  # of the Twilio account; None: TWILIO_AUTH_TOKEN, and without that no telephone
    public_url: Optional[str] = Field(None, regex=r"^https?://\S+$")  # up to /webhooks; None: https and the Host asked


class VoiceOptions(Options):
    """The whole channel."""

    asr: AsrOptions = AsrOptions()
    tts: TtsOptions = TtsOptions()
    turn: TurnOptions = TurnOptions()
    interruption: InterruptionOptions = InterruptionOptions()
    call: CallOptions = CallOptions()
    twilio: TwilioOptions = TwilioOptions()
    name: Optional[str] = None  # shown on the page; None: the assistant_id of config.yml
    token: Optional[str] = None  # shared secret; without it and jwt_key, only this machine may talk to the bot
    jwt_key: Optional[str] = None  # verifies JWTs, each for one caller: its 'sub' is the sender_id, 'exp' is required
    jwt_method: JwtMethod = "HS256"  # the only algorithm accepted
    allow_anyone: bool = False  # without token and jwt_key: let in whoever reaches the port, from other machines too
    inspect: Optional[bool] = None  # show developers the bot's inside; None: where only this machine may talk
    suggestions: Optional[List[str]] = None  # what the page suggests to ask; None: chosen from the training examples
    allow_payloads: bool = False  # clients may send /intent{…} that is not the payload of a button the bot has shown
    allowed_origins: List[str] = Field(default_factory=list)  # besides the page's own; "*" allows every site
    allowed_hosts: List[str] = Field(default_factory=list)  # names of this server besides loopback and its own address
    replica: Optional[str] = None  # name of this process among several; None: CONVAI_REPLICA, else it is alone
    max_sessions: int = Field(16, ge=1)  # callers at the same time, at most; the next one is told to try later
    max_wait_ms: int = Field(1_500, ge=100)  # while work waits longer for the processor, no new caller is let in
    max_note_s: float = Field(120.0, gt=0, le=600)  # longest voice note POST /message takes
    max_note_mb: float = Field(20.0, gt=0, le=90)  # largest one, 1,048,576 bytes each

    @validator("token", "jwt_key")
    def _not_empty(cls, value: Optional[str]) -> Optional[str]:
        if value is not None and not value.strip():
            raise ValueError("is empty; leave the key out, or give a long random value (openssl rand -hex 32)")
        return value

    @validator("replica", pre=True, always=True)
    def _or_named_outside(cls, value: Any) -> Any:
        name = value or os.environ.get(REPLICA) or None
        if name is not None and not re.fullmatch("[A-Za-z0-9][A-Za-z0-9_-]{0,62}", str(name)):
            raise ValueError(f"'{name}' is none: it takes up to 63 letters, digits, - and _, such as rasa-1")
        return name

    @validator("allow_anyone", pre=True, always=True)
    def _or_environment(cls, value: Any) -> Any:
        return value or os.environ.get(ALLOW_ANYONE, "").lower() in ("1", "true", "yes")
