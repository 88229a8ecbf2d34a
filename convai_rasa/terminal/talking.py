"""Holds a conversation from a terminal."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Callable, Optional, Union

from convai_rasa.errors import ConfigurationError
from convai_rasa.terminal.devices import Device, SoundCard
from convai_rasa.terminal.exchange import Conversation
from convai_rasa.terminal.wav_files import WavFiles
from convai_rasa.voice.wire import VoiceClient, messages as m

Person = Union[SoundCard, WavFiles]


def person(
    recording: Optional[Path],
    output: Optional[Path],
    fast: bool = False,
    microphone: Device = None,
    loudspeaker: Device = None,
) -> Person:
    """Return who talks: whoever sits before the microphone, or a recording.

    Args:
        recording: what is said; None for the microphone.
        output, fast: with a recording alone: a wav file for what the bot says, and not to take the time of speaking.
        microphone, loudspeaker: of this machine.

    Raises:
        ConfigurationError: the arguments do not go together, or the output's folder does not exist.
        AudioError, MissingExtra: the recording or the devices cannot be used.
    """
    if recording is None:
        if output is not None or fast:
            raise ConfigurationError("--out and --fast go with --wav, which names the recording to say.")
        return SoundCard(microphone, loudspeaker)
    if output is not None and not output.absolute().parent.is_dir():
        raise ConfigurationError(f"{output} cannot be written: there is no folder {output.absolute().parent}.")
    return WavFiles(recording, output, fast=fast)


def hold_conversation(
    url: str,
    side: Person,
    *,
    token: Optional[str] = None,
    language: Optional[str] = None,
    show: Callable[[str], None],
) -> None:
    """Talk until the recording or the bot has ended the conversation, or Ctrl-C, and show it line by line.

    Args:
        url, token: of the voice channel; the token is what callers share.
        side, language: who talks, and in which language; None leaves that to the channel.

    Raises:
        ConvaiError: the bot cannot be reached, refuses, or was lost.
    """
    live = isinstance(side, SoundCard)
    rate = side.sample_rate
    # A recording does not know that it is greeted and would speak into it.
    start = m.Start(sample_rate=rate, output_sample_rate=rate, token=token, language=language, greet=live)

    async def converse() -> None:
        async with VoiceClient(url, start) as client:
            await Conversation(client, side.player, show).hold(side)

    try:
        asyncio.run(converse())
    finally:
        if isinstance(side, WavFiles):
            side.save()
