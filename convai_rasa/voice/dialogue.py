"""The bot as Rasa runs it: takes turns, understands words without acting on them, and says what it waits for."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, List, Optional

from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import AwaitableTrackerStore, FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from convai_rasa.errors import BotError, ConvaiError, PartialAnswer
from convai_rasa.languages import lexicon_of
from convai_rasa.voice.action_failures import failed_actions
from convai_rasa.voice.bot import Content, Deliver, Expectation, Fit, Occasion, Understanding, UserTurn
from convai_rasa.voice.expectations import expectation_of, fills
from convai_rasa.voice.mouth import fixed_texts
from convai_rasa.voice.patience import within
from convai_rasa.voice.watch import inspection

logger = logging.getLogger(__name__)

# What each language has words for, should the bot have none of its own.
OWN_WORDS = {
    Occasion.TECHNICAL_PROBLEM: attrgetter("sorry"),
    Occasion.SERVER_STOPS: attrgetter("goodbye"),
    Occasion.CUT_OFF: attrgetter("cut_off"),
}
SESSION_END = "session_end"
STALE_LOCK_S = 3.0  # most turns are over by then; one that a dead server had begun never is
VOCABULARY = "vocabulary"  # of a parse
NOTHING = Expectation()


class RasaBot:
    """A :class:`~convai_rasa.voice.bot.Bot` in this Rasa server, whose ``agent`` may be exchanged while that runs.

    ``output`` makes the channel through which its messages come; a turn may take ``answer_s`` seconds.
    """

    def __init__(
        self,
        channel: str,
        on_new_message: Callable[[UserMessage], Awaitable[Any]],
        output: Callable[[Deliver], OutputChannel],
        agent: Callable[[], Optional[Agent]],
        answer_s: float = 60.0,
    ) -> None:
        self._channel = channel
        self._on_new_message = on_new_message
        self._output = output
        self._agent = agent
        self._answer_s = answer_s
        self._expectations: Dict[str, Expectation] = {}

    async def answer(self, sender_id: str, turn: UserTurn, deliver: Deliver) -> None:
        """Answer a turn; see :meth:`Bot.answer`."""
        delivered = 0

        async def count(recipient: str, content: Content) -> None:
            nonlocal delivered
            delivered += 1
            await deliver(recipient, content)

        turn = await self._understood(sender_id, turn)
        message = UserMessage(
            turn.text,
            self._output(count),
            sender_id,
            parse_data=turn.understanding.parse if turn.understanding else None,
            input_channel=self._channel,
            metadata=turn.metadata,
        )
        try:
            with failed_actions() as failed:
                await within(self._answer_s, self._on_new_message(message))
            tracker = await self._tracker(sender_id)
            self._look_ahead(sender_id, tracker)
        except ConvaiError:
            raise
        except asyncio.TimeoutError as error:
            logger.error("Rasa did not answer %s within %g s; the turn was given up.", sender_id, self._answer_s)
            raise BotError(f"The bot took longer than {self._answer_s:g} seconds to answer.") from error
        except Exception as error:
            logger.exception("Rasa failed to answer %s.", sender_id)
            raise BotError("The bot could not answer this; the server's log says why.") from error
        # Rasa goes on as if such an action had nothing to say.
        if failed and delivered:
            raise PartialAnswer("An action of the bot failed; the server's log says which and why.")
        rejected = any(isinstance(event, ActionExecutionRejected) for event in _since_spoken(tracker))
        if failed or (not delivered and rejected):
            raise BotError("An action of the bot failed; the server's log says which and why.")

    async def understand(self, sender_id: str, turn: UserTurn) -> Optional[Understanding]:
        """Judge words without acting on them; see :meth:`Bot.understand`."""
        about, asked = turn.metadata.get("voice"), self.expectation(sender_id).asked
        if not asked or not isinstance(about, dict):
            return await self._understanding(sender_id, turn.text, turn.metadata)
        told = {**turn.metadata, "voice": {**about, "asked": dict(asked)}}
        found = await self._understanding(sender_id, turn.text, told)
        if found is None or found.fit is None or found.fit.answers:
            return found
        answer = found.parse[VOCABULARY].get("answer")
        if answer is None:
            return found
        led = {**turn.metadata, "voice": {**about, "agreement": answer["agreement"]}}
        meant = await self._understanding(sender_id, str(answer["text"]), led)
        if meant is None or meant.fit is None or not meant.fit.answers:
            return found
        return replace(meant, meant=str(answer["text"]))

    async def _understanding(self, sender_id: str, text: str, metadata: Dict[str, Any]) -> Optional[Understanding]:
        processor = self._processor
        if processor is None:
            return None
        message = UserMessage(text, sender_id=sender_id, input_channel=self._channel, metadata=metadata)
        try:
            parse: Dict[str, Any] = await processor.parse_message(message)
        except Exception as error:
            logger.exception("Rasa failed to understand %r.", text)
            raise BotError("The bot could not understand this; the server's log says why.") from error
        intent, fit = parse.get("intent") or {}, self._fit(sender_id, parse)
        return Understanding(intent.get("name"), float(intent.get("confidence") or 0.0), parse, fit)

    def _fit(self, sender_id: str, parse: Dict[str, Any]) -> Optional[Fit]:
        """Return how well some words fit into the bot's world, which its ``Vocabulary`` tells."""
        told = parse.get(VOCABULARY)
        if not isinstance(told, dict):
            return None
        slot = self.expectation(sender_id).slot
        answers = slot is not None and fills(self._domain, slot, parse)
        return Fit(float(told["log_probability"]), float(told["values"]), answers)

    async def _understood(self, sender_id: str, turn: UserTurn) -> UserTurn:
        """Return a turn with what was meant in the place of what was heard, where the bot had asked for few answers."""
        about = turn.metadata.get("voice")
        spoken = isinstance(about, dict) and "confidence" in about
        if turn.understanding is None and spoken and self.expectation(sender_id).asked:
            turn = replace(turn, understanding=await self.understand(sender_id, turn))
        meant = turn.understanding.meant if turn.understanding is not None else None
        if meant is None or not isinstance(about, dict):
            return turn
        return replace(turn, text=meant, metadata={**turn.metadata, "voice": {"heard_first": turn.text, **about}})

    async def inspect(self, sender_id: str) -> Optional[Dict[str, Any]]:
        """Describe the last turn; see :meth:`Bot.inspect`."""
        try:
            tracker = await self._tracker(sender_id)
        except Exception:
            logger.exception("The conversation with %s could not be read for the inspector.", sender_id)
            return None
        if tracker is None:
            return None
        events = [event.as_dict() for event in _since_spoken(tracker)]
        return inspection(events, tracker.current_slot_values(), tracker.active_loop_name)

    def expectation(self, sender_id: str) -> Expectation:
        """What the bot waits for since its last answer."""
        return self._expectations.get(sender_id, NOTHING)

    async def goes_on(self, sender_id: str) -> bool:
        """Look a conversation up; its end is that Rasa would begin a new session, or that the bot was told of it."""
        try:
            await self._free(sender_id)
            tracker = await self._tracker(sender_id)
        except Exception:
            logger.exception("The conversation with %s could not be read; it begins again.", sender_id)
            return False
        last = None if tracker is None else tracker.get_last_event_for(UserUttered)
        if last is None or last.intent_name == SESSION_END:
            return False
        minutes = self._domain.session_config.session_expiration_time
        if minutes and time.time() - last.timestamp > 60 * minutes:
            return False
        self._look_ahead(sender_id, tracker)
        return True

    async def _free(self, sender_id: str) -> None:
        """Take the conversation from a server that died while it answered: its lock would stand for a minute."""
        agent = self._agent()
        if agent is None:
            return
        give_up_at = time.monotonic() + STALE_LOCK_S
        while agent.lock_store.is_someone_waiting(sender_id):
            if time.monotonic() > give_up_at:
                logger.warning("The lock of %s was left behind by another server, and is removed.", sender_id)
                agent.lock_store.delete_lock(sender_id)
                return
            await asyncio.sleep(0.2)

    def forget(self, sender_id: str) -> None:
        """Remove a conversation from Rasa's in-memory store, which keeps it for ever; other stores are left alone."""
        self._expectations.pop(sender_id, None)
        processor = self._processor
        store = None if processor is None else processor.tracker_store
        while isinstance(store, (FailSafeTrackerStore, AwaitableTrackerStore)):
            store = store._tracker_store
        if isinstance(store, InMemoryTrackerStore):
            store.store.pop(sender_id, None)

    def knows_intent(self, name: str) -> bool:
        """Whether the domain lists an intent."""
        return name in self._domain.intents

    def words_for(self, occasion: Occasion) -> str:
        """Return a text of the occasion's response, one for this channel first, or a sentence of our own."""
        variants = self._domain.responses.get(occasion.value, [])
        own = [variant for variant in variants if variant.get("channel") == self._channel]
        chosen = own or [variant for variant in variants if not variant.get("channel")]
        texts: List[str] = [variant["text"] for variant in chosen if variant.get("text")]
        if texts:
            return random.choice(texts)
        said = OWN_WORDS.get(occasion, lambda lexicon: "")
        return said(lexicon_of(self.language)) or said(lexicon_of(None))

    def fixed_texts(self, *, say_buttons: bool) -> List[str]:
        """Return what the bot says in the same words each time, as far as its domain knows."""
        responses, channel = self._domain.responses, self._channel
        fixed = fixed_texts(responses, channel=channel, say_buttons=say_buttons, language=self.language)
        return [*fixed, *map(self.words_for, OWN_WORDS)]

    async def warm_up(self) -> None:
        """Understand and decide once: the first time costs seconds. The conversation is never stored."""
        processor = self._processor
        if processor is None:
            return
        parsed = await processor.parse_message(UserMessage("hello", sender_id="warm-up", input_channel=self._channel))
        tracker = DialogueStateTracker("warm-up", processor.domain.slots)
        tracker.update(ActionExecuted("action_listen"))
        tracker.update(UserUttered("hello", parsed.get("intent"), parsed.get("entities"), parsed))
        processor.predict_next_with_tracker(tracker)

    @property
    def assistant_id(self) -> Optional[str]:
        """The assistant_id of config.yml, as trained."""
        processor = self._processor
        return processor.model_metadata.assistant_id if processor else None

    @property
    def language(self) -> Optional[str]:
        """The language of config.yml, as trained."""
        processor = self._processor
        return processor.model_metadata.language if processor else None

    def model_archive(self) -> Optional[Path]:
        """Where the trained model lies that is loaded at present."""
        processor = self._processor
        if processor is None:
            return None
        path = Path(processor.model_path)
        return path if path.is_file() else path / processor.model_filename

    @property
    def _processor(self) -> Optional[MessageProcessor]:
        agent = self._agent()
        return agent.processor if agent is not None else None

    @property
    def _domain(self) -> Domain:
        processor = self._processor
        return processor.domain if processor is not None else Domain.empty()

    async def _tracker(self, sender_id: str) -> Optional[DialogueStateTracker]:
        processor = self._processor
        return None if processor is None else await processor.tracker_store.retrieve(sender_id)

    def _look_ahead(self, sender_id: str, tracker: Optional[DialogueStateTracker]) -> None:
        """Note what the bot waits for now, while its answer is being spoken."""
        slot = tracker.get_slot(REQUESTED_SLOT) if tracker is not None and tracker.active_loop_name else None
        if slot is None:
            self._expectations.pop(sender_id, None)  # most callers, most of the time: nothing is kept for them
        else:
            self._expectations[sender_id] = expectation_of(self._domain, slot)


def _since_spoken(tracker: Optional[DialogueStateTracker]) -> List[Event]:
    """Return what has happened since the person last spoke, their own event first."""
    events = list(tracker.events) if tracker is not None else []
    spoken = [number for number, event in enumerate(events) if isinstance(event, UserUttered)]
    return events[spoken[-1] if spoken else 0 :]
