"""The same service carried over machines by Ray Serve: ``serve run convai_rasa.speech.ray:app``.

Three deployments: the HTTP API, recognition, and voices, each with as many replicas as there is work for. What a
replica has begun when it dies is done again by another: a recognition gives the same words, and a voice the same sound,
of which what was sent already is left out.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Optional, Union, cast

from convai_rasa.asr import Request, Transcript
from convai_rasa.audio import Sound
from convai_rasa.errors import ConvaiError, require
from convai_rasa.options import parse_options
from convai_rasa.speech.app import make_app
from convai_rasa.speech.batches import Load, recognize_in_kinds
from convai_rasa.speech.desk import Desk
from convai_rasa.speech.local_engines import VoicePool, load_recognition
from convai_rasa.speech.openai_errors import Refusal, too_busy
from convai_rasa.speech.options import SpeechOptions, read_tokens
from convai_rasa.speech.prometheus import Metrics

require("ray.serve", extra="ray")
from ray import serve  # noqa: E402 - with our own words where it is missing
from ray.exceptions import RayActorError  # noqa: E402 - as above
from ray.serve.exceptions import BackPressureError  # noqa: E402 - as above

logger = logging.getLogger(__name__)

_ATTEMPTS = 5  # replicas that may die of, or under, one request
_PAUSE_S = 0.2  # before the next; meanwhile Ray finds out who is gone
_RETRY_S = 2.0
_BATCH = 8  # recognitions, as asr/whisper takes them

Heard = Union[Transcript, ConvaiError]  # errors travel as values: Ray would wrap what is raised
Said = Union[Sound, ConvaiError]


@serve.deployment(
    ray_actor_options={"num_cpus": 1},
    max_ongoing_requests=4 * _BATCH,  # a batch that is decoded, and what collects meanwhile
    autoscaling_config={"min_replicas": 1, "max_replicas": 16, "target_ongoing_requests": _BATCH},
)
class Recognition:
    """A recognizer, loaded once in each replica; ``workers`` and ``threads`` count inside it."""

    def __init__(self, options: SpeechOptions) -> None:
        self._recognizer = load_recognition(options)

    async def __call__(self, request: Request) -> Heard:
        """Recognize one utterance, together with others that wait."""
        return await self._together(request)

    # Nobody waits for company: what comes while a batch is decoded is the next one.
    @serve.batch(max_batch_size=_BATCH, batch_wait_timeout_s=0)
    async def _together(self, requests: list[Request]) -> list[Optional[Heard]]:
        return await asyncio.to_thread(recognize_in_kinds, self._recognizer, requests)

    async def languages(self) -> Sequence[str]:
        """Return the codes of the languages it knows."""
        return tuple(self._recognizer.capabilities.languages)


@serve.deployment(
    ray_actor_options={"num_cpus": 1},
    max_ongoing_requests=16,
    autoscaling_config={"min_replicas": 1, "max_replicas": 16, "target_ongoing_requests": 2},
)
class Speaking:
    """Voices, loaded once in each replica."""

    def __init__(self, options: SpeechOptions) -> None:
        self._voices = VoicePool(options)
        self._voices.wait_ready()

    async def __call__(
        self, text: str, voice: str, speed: float, language: Optional[str]
    ) -> AsyncGenerator[Said, None]:
        """Speak a text; see ``SpeechEngines.speak``. An error is the last that is yielded."""
        try:
            async for sound in self._voices.speak(text, voice=voice, speed=speed, language=language):
                yield sound
        except ConvaiError as error:
            yield error

    async def languages(self) -> Mapping[str, Sequence[str]]:
        """Return the codes of the languages that each voice knows."""
        return self._voices.languages()


class RayEngines:
    """``SpeechEngines`` whose work is done by the replicas of two deployments, of which one may be missing."""

    def __init__(self, options: SpeechOptions, recognition: Any, speaking: Any) -> None:
        self._asr = options.asr
        self._waiting = 0  # at the replicas, from here
        self._recognition = recognition
        self._speaking = None if speaking is None else speaking.options(stream=True)
        self._voices = speaking
        self._most = options.queue

    @property
    def load(self) -> Load:
        """How many recognitions wait."""
        return Load(self._waiting, _RETRY_S, is_full=self._waiting >= self._most)

    async def recognize(self, request: Request) -> Transcript:
        """Recognize one utterance; see ``SpeechEngines.recognize``."""
        self._waiting += 1
        try:
            heard: Heard = await self._surviving(dataclasses.replace(request, wanted=_always))
        finally:
            self._waiting -= 1
        if isinstance(heard, ConvaiError):
            raise heard
        return heard

    async def _surviving(self, request: Request) -> Heard:
        for _ in range(_ATTEMPTS):
            response = self._recognition.remote(request)
            try:
                heard: Heard = await response
                return heard
            except RayActorError as error:
                logger.warning("A recognizer is gone, another is asked: %s", _line(error))
                await asyncio.sleep(_PAUSE_S)
            except BackPressureError as error:
                raise too_busy("Too many recordings wait already; try again later.", _RETRY_S) from error
            except asyncio.CancelledError:
                response.cancel()
                raise
        raise _nobody_left()

    async def speak(
        self, text: str, *, voice: str, speed: float, language: Optional[str]
    ) -> AsyncGenerator[Sound, None]:
        """Speak a text; see ``SpeechEngines.speak``."""
        assert self._speaking is not None  # else its name is none of ours
        sent = 0
        for _ in range(_ATTEMPTS):
            parts = self._speaking.remote(text, voice, speed, language)
            passed = 0
            try:
                async for said in parts:
                    if isinstance(said, ConvaiError):
                        raise said
                    new = said.samples[max(0, sent - passed) :]  # the same text has the same sound
                    passed += len(said.samples)
                    if len(new):
                        sent += len(new)
                        yield Sound(new, said.rate)
                return
            except RayActorError as error:
                logger.warning("A voice is gone, another goes on: %s", _line(error))
                await asyncio.sleep(_PAUSE_S)
            except BackPressureError as error:
                raise too_busy("Too many texts wait already; try again later.", _RETRY_S) from error
            finally:
                parts.cancel()
        raise _nobody_left()

    async def languages(self) -> dict[str, Sequence[str]]:
        """Return the codes of the languages that each model knows; see ``SpeechEngines.languages``."""
        known: dict[str, Sequence[str]] = {}
        if self._recognition is not None and self._asr is not None:
            known[self._asr] = await self._recognition.languages.remote()
        if self._voices is not None:
            known.update(await self._voices.languages.remote())
        return known

    def close(self) -> None:
        """Do nothing: Ray ends the replicas."""


class _Application:
    """Hands each request to the application of the replica that it came to."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":  # asked before there is a replica
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{message['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        await serve.get_replica_context().servable_object.application(scope, receive, send)


@serve.deployment(
    ray_actor_options={"num_cpus": 0.2},
    max_ongoing_requests=1024,  # the service's own bound comes first, and says so in its own words
    autoscaling_config={"min_replicas": 1, "max_replicas": 8, "target_ongoing_requests": 32},
)
@serve.ingress(_Application())
class Api:
    """The HTTP API in front of the deployments; tokens are read from the environment of its replicas."""

    def __init__(self, options: SpeechOptions, recognition: Any = None, speaking: Any = None) -> None:
        desk = Desk(options, Metrics())
        desk.open(RayEngines(options, recognition, speaking))
        self.application = make_app(desk, read_tokens())


def app(args: Mapping[str, Any]) -> Any:
    """Return the application for ``serve run`` and ``serve deploy``.

    Args:
        args: keys of ``SpeechOptions``; ``tts`` may be names separated by commas, and ``none`` is no model.

    Raises:
        ConfigurationError: a key is unknown or its value impossible.
    """
    options = _options(args)
    recognition, speaking, api = (cast(Any, deployment) for deployment in (Recognition, Speaking, Api))
    return api.bind(
        options,
        recognition.bind(options) if options.asr else None,
        speaking.bind(options) if options.tts else None,
    )


def _options(args: Mapping[str, Any]) -> SpeechOptions:
    keys = {"workers": 1, "threads": 1, **args}  # a replica has one core; more of them do more
    if isinstance(keys.get("tts"), str):
        keys["tts"] = [name.strip() for name in keys["tts"].split(",") if name.strip() not in ("", "none")]
    if keys.get("asr") == "none":
        keys["asr"] = None
    return parse_options(SpeechOptions, keys, where="convai_rasa.speech.ray:app")


def _always() -> bool:
    return True


def _nobody_left() -> Refusal:
    return Refusal(
        503, "The engines that should do this ended one after the other; try again later.", retry_after_s=_RETRY_S
    )


def _line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
