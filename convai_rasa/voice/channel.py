"""The channel as Rasa sees it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Dict, List, Optional

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, Sanic

from convai_rasa import heap
from convai_rasa.errors import ConfigurationError, ConvaiError, install_command
from convai_rasa.options import parse_options
from convai_rasa.voice.bot import Deliver
from convai_rasa.voice.dialogue import RasaBot
from convai_rasa.voice.options import VoiceOptions
from convai_rasa.voice.patience import Tasks

logger = logging.getLogger(__name__)

WHERE = "credentials.yml, convai_rasa.voice.VoiceInput"


class VoiceChannelError(RasaException):
    """A mistake in the configuration or installation; Rasa prints its sentence without a stack trace."""


class VoiceOutput(OutputChannel):
    """Hands each message of the bot on the moment Rasa produces it."""

    @classmethod
    def name(cls) -> str:
        """Equal to the input's name, so that ``channel: voice`` picks response variants."""
        return "voice"

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        """Say and show a whole response at once: how it is to be spoken may be in its custom part."""
        content = {key: message[key] for key in ("image", "custom", "metadata") if message.get(key)}
        buttons = [*(message.get("buttons") or []), *(message.get("quick_replies") or [])]
        if message.get("attachment") and "custom" not in content:
            content["custom"] = {"attachment": message["attachment"]}
        if buttons:
            content["buttons"] = buttons
        if message.get("text") and message["text"].strip():
            content["text"] = message["text"].strip()
        if isinstance(message.get("voice"), dict):  # a response's metadata arrives unpacked
            content.setdefault("metadata", {"voice": message["voice"]})
        if content:
            await self._deliver(recipient_id, content)
        if message.get("elements"):
            await self.send_elements(recipient_id, message["elements"])

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Say a text."""
        await self._deliver(recipient_id, {"text": text.strip()})

    async def send_text_with_buttons(
        self, recipient_id: str, text: str, buttons: List[Dict[str, Any]], **kwargs: Any
    ) -> None:
        """Say a text and show buttons."""
        await self._deliver(recipient_id, {"text": text.strip(), "buttons": buttons})

    async def send_image_url(self, recipient_id: str, image: str, **kwargs: Any) -> None:
        """Show an image."""
        await self._deliver(recipient_id, {"image": image})

    async def send_attachment(self, recipient_id: str, attachment: Any, **kwargs: Any) -> None:
        """Show an attachment."""
        await self._deliver(recipient_id, {"custom": {"attachment": attachment}})

    async def send_custom_json(self, recipient_id: str, json_message: Dict[str, Any], **kwargs: Any) -> None:
        """Pass the bot's own JSON on to the client."""
        await self._deliver(recipient_id, {"custom": json_message})


class VoiceInput(InputChannel):
    """``convai_rasa.voice.VoiceInput`` in credentials.yml; every key has a default (see :class:`VoiceOptions`)."""

    @classmethod
    def name(cls) -> str:
        """The channel's name, also its place under ``/webhooks/``."""
        return "voice"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> VoiceInput:
        """Check the configuration; raises ``VoiceChannelError`` where a key is unknown or its value impossible."""
        try:
            return cls(parse_options(VoiceOptions, credentials, where=WHERE))
        except ConvaiError as error:
            raise VoiceChannelError(str(error)) from error

    def __init__(self, options: VoiceOptions) -> None:
        self._options = options
        self._push: Optional[Deliver] = None

    def get_output_channel(self) -> Optional[OutputChannel]:
        """Return a channel that reaches whoever is connected, for reminders and external events."""
        return None if self._push is None else VoiceOutput(self._push)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Load the models and return the routes.

        Raises:
            VoiceChannelError: a model or an optional dependency is missing or broken.
        """
        heap.begin_loading()
        # Rasa sets the level of its own loggers only; ours speak as loudly.
        logging.getLogger("convai_rasa").setLevel(logging.getLogger("rasa").level)

        serving: Dict[str, Sanic] = {}  # known once the server starts

        def agent() -> Optional[Agent]:
            return serving["app"].ctx.agent if "app" in serving else None

        bot = RasaBot(self.name(), on_new_message, VoiceOutput, agent, self._options.call.answer_s)
        try:
            # The engines need the extra 'voice'. An ImportError here would reach the user as Rasa's
            # "failed to find input channel class"; ours says which package is missing.
            from convai_rasa.voice.call import Host
            from convai_rasa.voice.ears import load_turn_ending
            from convai_rasa.voice.engines import Engines
            from convai_rasa.voice.http import MAX_WEBSOCKET_MESSAGE, Stopping, VoiceServer, guard_heads

            ending = load_turn_ending(self._options.turn)  # a wrong name is told before the models are loaded
            engines = Engines(self._options)
            server = VoiceServer(Host(self._options, engines, bot, ending))
        except ConfigurationError as error:
            raise VoiceChannelError(f"{WHERE}: {error}") from error
        except ConvaiError as error:
            raise VoiceChannelError(str(error)) from error
        except ImportError as error:
            raise VoiceChannelError(f"{error}; install it with: {install_command('voice')}") from error

        self._push = server.push
        blueprint = Blueprint("convai_voice")
        server.add_routes(blueprint)

        @blueprint.listener("main_process_start")
        async def prepare(app: Sanic, _: Any) -> None:
            _check_port(app)
            guard_heads(app)
            app.config.WEBSOCKET_MAX_SIZE = max(app.config.WEBSOCKET_MAX_SIZE, MAX_WEBSOCKET_MESSAGE)

        readiness, tasks = Readiness(server, bot, engines, self._options), Tasks()

        @blueprint.listener("after_server_start")
        async def warm_up(app: Sanic, _: Any) -> None:
            serving["app"] = app
            Stopping(server.departure, app).listen()
            tasks.keep(readiness.get_ready(app))

        @blueprint.listener("before_server_stop")
        async def stop(app: Sanic, _: Any) -> None:
            await tasks.cancel()  # it stops before it is ready, perhaps
            await server.close()

        @blueprint.listener("after_server_stop")
        async def say_how_it_went(app: Sanic, _: Any) -> None:
            if readiness.failed:
                _leave_the_last_word_to_the_sentence()
                raise SystemExit(1)

        return blueprint


@dataclass
class Readiness:
    """Pays for every first time before the first caller comes."""

    server: Any
    bot: RasaBot
    engines: Any
    options: VoiceOptions
    failed: bool = False  # a model could not be loaded, so that the server stops

    async def get_ready(self, app: Sanic) -> None:
        """Load and warm up, beside the start of the server; look after its memory from then on."""
        try:
            await self.engines.wait_ready()
        except ConvaiError as error:
            logger.error("The voice channel cannot start: %s", error)
            self.failed = True
            app.stop()
            return
        await _trained_model(app)
        for misfit in self.engines.suit(self.bot.language):
            logger.warning("%s.", misfit)
        try:
            await self.bot.warm_up()
        except Exception:
            # The bot's own code may fail here as in any turn. Callers are let in all the same and get an error then.
            logger.exception("The bot failed to answer a first test turn.")
        heap.settle()
        self.server.open(self.options.name or self.bot.assistant_id, self.bot.model_archive)
        if self.options.tts.warm:
            texts = self.bot.fixed_texts(say_buttons=self.options.tts.say_buttons)
            self.engines.warm(texts)  # beside the calls; ends with the engines
        logger.info("The voice channel is ready: open /webhooks/voice/talk")
        await heap.keep_small(lambda: app.ctx.agent and app.ctx.agent.processor)


def _check_port(app: Sanic) -> None:
    """Say in a sentence that the port is taken, which Sanic does with a stack trace and exit status 0."""
    host, port = app.state.host, app.state.port
    with contextlib.closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: a closed one may linger
        try:
            probe.bind((host, port))
        except OSError as error:
            _leave_the_last_word_to_the_sentence()
            why = "is taken by another program; stop it" if error.errno == errno.EADDRINUSE else "cannot be used here"
            raise VoiceChannelError(f"Port {port} {why}, or choose another port with --port.") from error


def _leave_the_last_word_to_the_sentence() -> None:
    """Keep Sanic from logging a stack trace of what ends it."""
    logging.getLogger("sanic.error").disabled = True


async def _trained_model(app: Sanic) -> None:
    """Wait for a trained model; it may come later, from a model server or through Rasa's API."""
    told = False
    while app.ctx.agent is None or not app.ctx.agent.is_ready():
        if not told:
            logger.error("No trained model is loaded, so nobody can talk to the bot yet; train one with: rasa train")
            told = True
        await asyncio.sleep(1)
