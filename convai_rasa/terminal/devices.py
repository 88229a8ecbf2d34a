"""This machine's microphone and loudspeaker, by PortAudio."""

from __future__ import annotations

import asyncio
from typing import Any, AsyncIterator, Optional, Union

from convai_rasa.audio import SAMPLE_RATE
from convai_rasa.errors import AudioError, MissingExtra, require
from convai_rasa.terminal.exchange import Conversation
from convai_rasa.terminal.player import Player
from convai_rasa.voice.wire import HIGHEST_RATE, LOWEST_RATE

PIECE_S = 0.02

Device = Optional[Union[int, str]]
"""A device by its number, or by a part of its name; None for the machine's own choice."""


class SoundCard:
    """Microphone and loudspeaker at one rate; nothing is opened before the conversation begins.

    Raises:
        MissingExtra: sounddevice or PortAudio is not installed.
        AudioError: there is no such device, or none at all.
    """

    def __init__(self, microphone: Device = None, loudspeaker: Device = None) -> None:
        self._sounddevice = sounddevice()
        self._devices = (microphone, loudspeaker)
        self.sample_rate = self._common_rate()  # 16 kHz if both can, else the microphone's own
        self.player = Player(self.sample_rate)

    async def heard(self, conversation: Conversation) -> AsyncIterator[bytes]:
        """Yield what the microphone hears, until the conversation is over.

        Raises:
            AudioError: a device cannot be opened.
        """
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[bytes] = asyncio.Queue()

        def exchange(heard: Any, played: Any, count: int, times: Any, status: Any) -> None:
            played[:, 0] = self.player.pull(count)
            loop.call_soon_threadsafe(pieces.put_nowait, heard.astype("<i2").tobytes())

        try:
            stream = self._sounddevice.Stream(
                samplerate=self.sample_rate,
                blocksize=int(self.sample_rate * PIECE_S),
                device=self._devices,
                channels=1,
                dtype="int16",
                callback=exchange,
            )
        except (self._sounddevice.PortAudioError, ValueError) as error:
            raise AudioError(f"The microphone or the loudspeaker cannot be opened ({error}).") from error
        with stream:
            while True:
                yield await pieces.get()

    def _common_rate(self) -> int:
        microphone, loudspeaker = self._devices
        try:
            own = int(self._sounddevice.query_devices(microphone, "input")["default_samplerate"])
            self._sounddevice.query_devices(loudspeaker, "output")
            for rate in (SAMPLE_RATE, own):
                if LOWEST_RATE <= rate <= HIGHEST_RATE and self._can(rate):
                    return rate
        except (self._sounddevice.PortAudioError, ValueError) as error:
            raise AudioError(
                f"This machine has no such microphone or loudspeaker ({error}); name others with --microphone and "
                "--loudspeaker, or talk through files with --wav."
            ) from error
        raise AudioError("The microphone and the loudspeaker have no sample rate in common; name others.")

    def _can(self, rate: int) -> bool:
        microphone, loudspeaker = self._devices
        try:
            self._sounddevice.check_input_settings(microphone, 1, "int16", samplerate=rate)
            self._sounddevice.check_output_settings(loudspeaker, 1, "int16", samplerate=rate)
        except self._sounddevice.PortAudioError:
            return False
        return True


def sounddevice() -> Any:
    """Return the module sounddevice.

    Raises:
        MissingExtra: it is not installed, or the PortAudio library it needs is not.
    """
    try:
        return require("sounddevice", extra="terminal")
    except OSError as error:
        raise MissingExtra(
            f"The PortAudio library is missing ({error}); install it (on Debian: apt install libportaudio2), "
            "or talk through files with --wav."
        ) from error


def list_devices() -> str:
    """Return the devices of this machine, one a line, with the numbers that name them."""
    return str(sounddevice().query_devices()) or "This machine has no microphone and no loudspeaker."
