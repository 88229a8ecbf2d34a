"""The channel as Rasa sees it. The only file of the voice room that imports Rasa."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, List, Optional

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, Sanic

from convai_rasa.errors import BotError, ConfigurationError, ConvaiError
from convai_rasa.options import parse_options
from convai_rasa.voice.bot import Deliver, UserTurn
from convai_rasa.voice.options import VoiceOptions

logger = logging.getLogger(__name__)

WHERE = "credentials.yml, convai_rasa.voice.VoiceInput"


class VoiceChannelError(RasaException):
    """A mistake in the configuration or installation; Rasa prints its sentence without a stack trace."""


class VoiceOutput(OutputChannel):
    """Hands each message of the bot on the moment Rasa produces it.

    Args:
        deliver: takes the recipient and the message.
    """

    @classmethod
    def name(cls) -> str:
        """Equal to the input's name, so that ``channel: voice`` picks response variants."""
        return "voice"

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver

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
        """Check the configuration.

        Raises:
            VoiceChannelError: a key is unknown or its value impossible.
        """
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

        # Rasa sets the level of its own loggers only; ours speak as loudly.
        logging.getLogger("convai_rasa").setLevel(logging.getLogger("rasa").level)

        async def answer(sender_id: str, turn: UserTurn, deliver: Deliver) -> None:
            message = UserMessage(
                turn.text, VoiceOutput(deliver), sender_id, input_channel=self.name(), metadata=turn.metadata
            )
            try:
                await on_new_message(message)
            except ConvaiError:
                raise
            except Exception as error:
                logger.exception("Rasa failed to answer %s.", sender_id)
                raise BotError("The bot could not answer this; the server's log says why.") from error

        try:
            # The engines need the extra 'voice'. An ImportError here would reach the user as Rasa's
            # "failed to find input channel class"; ours says which package is missing.
            from convai_rasa.voice.engines import Engines
            from convai_rasa.voice.server import MAX_WEBSOCKET_MESSAGE, VoiceServer

            server = VoiceServer(self._options, Engines(self._options), answer)
        except ConfigurationError as error:
            raise VoiceChannelError(f"{WHERE}: {error}") from error
        except ConvaiError as error:
            raise VoiceChannelError(str(error)) from error
        except ImportError as error:
            raise VoiceChannelError(f"{error}; install it with: pip install 'convai-rasa[voice]'") from error

        self._push = server.push
        blueprint = Blueprint("convai_voice")
        server.add_routes(blueprint)

        @blueprint.listener("main_process_start")
        async def allow_large_frames(app: Sanic, _: Any) -> None:
            app.config.WEBSOCKET_MAX_SIZE = max(app.config.WEBSOCKET_MAX_SIZE, MAX_WEBSOCKET_MESSAGE)

        @blueprint.listener("after_server_start")
        async def warm_up(app: Sanic, _: Any) -> None:
            app.add_task(_get_ready(app, server, self._options.name))

        @blueprint.listener("before_server_stop")
        async def stop(app: Sanic, _: Any) -> None:
            await server.close()

        return blueprint


async def _get_ready(app: Sanic, server: Any, name: Optional[str]) -> None:
    """Pay for every first time before the first caller comes."""
    try:
        await server.load()
    except ConvaiError as error:
        logger.error("The voice channel cannot start: %s", error)
        app.stop()
        return
    agent = await _loaded_agent(app)
    try:
        await _take_a_turn(agent)
    except Exception:
        # The bot's own code may fail here as in any turn. Callers are let in all the same and get an error in theirs.
        logger.exception("The bot failed to answer a first, throw-away turn.")
    assistant_id = agent.processor.model_metadata.assistant_id if agent.processor else None
    server.open(name or assistant_id, lambda: _model_archive(app.ctx.agent))
    logger.info("The voice channel is ready: open /webhooks/voice/talk")


async def _loaded_agent(app: Sanic) -> Agent:
    """Wait for a trained model; it may come later, from a model server or through Rasa's API."""
    told = False
    while app.ctx.agent is None or not app.ctx.agent.is_ready():
        if not told:
            logger.error("No trained model is loaded, so nobody can talk to the bot yet; train one with: rasa train")
            told = True
        await asyncio.sleep(1)
    return app.ctx.agent


def _model_archive(agent: Agent) -> Optional[Path]:
    processor = agent.processor
    if processor is None:
        return None
    path = Path(processor.model_path)
    return path if path.is_file() else path / processor.model_filename


async def _take_a_turn(agent: Agent) -> None:
    """Understand and decide once: the first time costs seconds. The conversation is never stored."""
    processor = agent.processor
    if processor is None:
        return
    parsed = await processor.parse_message(UserMessage("hello", sender_id="warm-up", input_channel="voice"))
    tracker = DialogueStateTracker("warm-up", processor.domain.slots)
    tracker.update(ActionExecuted("action_listen"))
    tracker.update(UserUttered("hello", parsed.get("intent"), parsed.get("entities"), parsed))
    processor.predict_next_with_tracker(tracker)
