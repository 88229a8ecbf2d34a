"""A conversation without a microphone: questions spoken by the project's own voice to a running bot."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Callable, List, Optional, Tuple

import requests

from convai_rasa.audio import wav_bytes
from convai_rasa.errors import ConfigurationError
from convai_rasa.tts import Synthesizer
from convai_rasa.voice.wire import BotTurn, VoiceClient, messages as m


def read_questions(file: Path) -> List[str]:
    """Read one question a line; empty lines and lines that begin with # do not count.

    Raises:
        ConfigurationError: the file is missing or holds no question.
    """
    if not file.is_file():
        raise ConfigurationError(f"{file} does not exist; write one question a line into it.")
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    questions = [line for line in lines if line and not line.startswith("#")]
    if not questions:
        raise ConfigurationError(f"{file} holds no question; write one a line into it.")
    return questions


def hold_demo(
    server: str, url: str, questions: List[str], voice: Synthesizer, output: Path, show: Callable[[str], None]
) -> None:
    """Ask every question in one conversation, in real time, and show what happened to it, line by line.

    Args:
        server, url: addresses of Rasa's HTTP API, which knows what was understood, and of the voice channel.
        questions, voice: what to ask, and who speaks it.
        output: folder for the answers as wav files.
    """
    output.mkdir(parents=True, exist_ok=True)
    rate = voice.sample_rate

    async def converse() -> None:
        async with VoiceClient(url, m.Start(sample_rate=rate, output_sample_rate=rate)) as client:
            for number, question in enumerate(questions, start=1):
                turn = await client.say(voice.synthesize(question), real_time=True)
                answer = output / f"{number:02}.wav"
                answer.write_bytes(wav_bytes(turn.sound, rate))
                saved = f"{answer} ({len(turn.sound) / rate:.1f} s)"
                for line in _report(question, turn, _understood(server, client.sender_id), saved):
                    show(line)

    asyncio.run(converse())


def _report(question: str, turn: BotTurn, understood: Optional[Tuple[str, float]], saved: str) -> List[str]:
    lines = [
        f"Asked       {question}",
        f"Heard       {turn.transcript}  (confidence {turn.confidence:.2f})",
        f"Understood  {understood[0]} ({understood[1]:.2f})" if understood else "Understood  nothing",
        *(f"Answered    {message.text}" for message in turn.messages if message.text),
        *(f"Error       {error.message}" for error in turn.errors),
    ]
    if turn.metrics is not None:
        parts = turn.metrics.dict(exclude_none=True)
        times = ", ".join(f"{name.replace('_', ' ')} {value:.0f}" for name, value in parts.items())
        lines.append(f"Times (ms)  {times}")
    return [*lines, f"Saved       {saved}", ""]


def _understood(server: str, sender_id: str) -> Optional[Tuple[str, float]]:
    """Ask Rasa's tracker for the intent of the last message."""
    reply = requests.get(f"{server}/conversations/{sender_id}/tracker", timeout=30)
    reply.raise_for_status()
    # Not its latest_message, which stands still while a form is active.
    said = [event for event in reply.json()["events"] if event["event"] == "user"]
    intent = said[-1]["parse_data"]["intent"] if said else {}
    return (intent["name"], float(intent["confidence"])) if intent.get("name") else None
