"""What a person has said to its end goes to the bot, a turn at a time."""

from __future__ import annotations

import asyncio

from convai_rasa.errors import ConvaiError, PartialAnswer
from convai_rasa.voice.bot import Occasion
from convai_rasa.voice.call.host import Host
from convai_rasa.voice.call.replies import Replies, Turn
from convai_rasa.voice.conversation import Conversation
from convai_rasa.voice.mouth import Emit
from convai_rasa.voice.wire import messages as m

MAX_TURNS_WAITING = 8


class Answering:
    """Has the bot answer one caller's turns, in order."""

    def __init__(self, conversation: Conversation, replies: Replies, host: Host, emit: Emit) -> None:
        self._conversation = conversation
        self._replies = replies
        self._bot = host.bot
        self._filler_after_ms = host.options.call.filler_after_ms
        self._emit = emit
        self._turns: asyncio.Queue[Turn] = asyncio.Queue(MAX_TURNS_WAITING)
        self.shows_inside = False  # to the client: what the bot makes of each turn

    @property
    def busy(self) -> bool:
        """Whether somebody waits for the bot."""
        return self._replies.turn is not None or not self._turns.empty()

    async def put(self, turn: Turn, *, overtakes: bool) -> None:
        """Take a turn; one that overtakes leaves the rest of the present answer unspoken."""
        if overtakes and self._replies.turn is not None:
            self._replies.turn.overtaken = True
        await self._turns.put(turn)

    async def run(self) -> None:
        """Have turns answered until canceled."""
        while True:
            turn = await self._turns.get()
            self._replies.turn = turn
            filler = asyncio.ensure_future(self._bridge_wait(turn))
            try:
                await self._conversation.take_turn(
                    turn.words, turn.timer, lambda _, content: self._replies.say(content)
                )
            except ConvaiError as error:
                # Nobody waits for an answer to the call's own beginning, and some of an answer is one.
                aloud = turn.timer is not None and not isinstance(error, PartialAnswer)
                await self._replies.complain(error, aloud=aloud)
            finally:
                filler.cancel()
            if turn.timer is not None:
                turn.timer.bot_answered()
            self._replies.turn = None
            seen = await self._bot.inspect(self._conversation.sender_id) if self.shows_inside else None
            if seen is not None:
                await self._emit(m.Inspect(**seen))
            self._replies.end_turn(turn)

    async def _bridge_wait(self, turn: Turn) -> None:
        """Say that it takes a while, once, if the bot has said nothing for long."""
        if not self._filler_after_ms or turn.timer is None:
            return
        await asyncio.sleep(self._filler_after_ms / 1000)
        words = self._bot.words_for(Occasion.LONG_WAIT)
        if words and not turn.timer.answered and not turn.overtaken:
            await self._replies.bridge(words)
