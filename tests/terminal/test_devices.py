"""A sound card that is a module; the real one is not on every machine."""

from __future__ import annotations

import asyncio
import sys
from types import ModuleType
from typing import Any, ClassVar, Dict, List, Tuple

import numpy as np
import pytest

from convai_rasa.errors import AudioError, MissingExtra
from convai_rasa.terminal import devices
from convai_rasa.terminal.devices import SoundCard


class PortAudioError(Exception):
    pass


class Card(ModuleType):
    """What sounddevice offers, as far as it is asked."""

    PortAudioError = PortAudioError

    def __init__(self, rates: Tuple[int, ...] = (16_000, 48_000), default: float = 48_000.0) -> None:
        super().__init__("sounddevice")
        self.rates, self.default = rates, default
        self.opened: List[Dict[str, Any]] = []

    def query_devices(self, device: Any = None, kind: Any = None) -> Any:
        if device == "lamp" or not self.rates:
            raise ValueError(f"No {kind} device matching {device!r}")
        return {"default_samplerate": self.default} if kind else "  0 Microphone\n  1 Loudspeaker"

    def check_input_settings(self, device: Any, channels: int, dtype: str, samplerate: int) -> None:
        if samplerate not in self.rates:
            raise PortAudioError("Invalid sample rate")

    check_output_settings = check_input_settings

    def Stream(self, **options: Any) -> Any:
        self.opened.append(options)
        return Exchanges(options)


class Exchanges:
    """Hears 1, 2, 3 … and notes what is played."""

    played: ClassVar[List[List[int]]] = []

    def __init__(self, options: Dict[str, Any]) -> None:
        self._options = options

    def __enter__(self) -> None:
        count = self._options["blocksize"]
        for number in range(1, 4):
            played = np.full((count, 1), -1, np.int16)
            self._options["callback"](np.full((count, 1), number, np.int16), played, count, None, None)
            self.played.append(played[:, 0].tolist())

    def __exit__(self, *error: object) -> None:
        self.played.append([])


def install(monkeypatch: pytest.MonkeyPatch, card: Card) -> Card:
    monkeypatch.setitem(sys.modules, "sounddevice", card)
    monkeypatch.setattr(Exchanges, "played", [])
    return card


async def test_the_microphone_is_heard_while_the_bot_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    card = install(monkeypatch, Card())
    side = SoundCard("Mic", 1)
    side.player.start("r1")
    side.player.add(np.full(400, 9, np.int16))
    heard = []
    async for piece in side.heard(None):  # type: ignore[arg-type]  # a microphone asks nothing
        heard.append(np.frombuffer(piece, "<i2").tolist())
        if len(heard) == 3:
            break
    assert heard == [[1] * 320, [2] * 320, [3] * 320]
    assert Exchanges.played[:3] == [[9] * 320, [9] * 80 + [0] * 240, [0] * 320]
    (options,) = card.opened
    assert (options["samplerate"], options["device"], options["channels"]) == (16_000, ("Mic", 1), 1)
    await asyncio.sleep(0)


@pytest.mark.parametrize(("rates", "default", "rate"), [((48_000,), 48_000.0, 48_000), ((16_000,), 44_100.0, 16_000)])
def test_a_rate_that_both_can(
    monkeypatch: pytest.MonkeyPatch, rates: Tuple[int, ...], default: float, rate: int
) -> None:
    install(monkeypatch, Card(rates, default))
    assert SoundCard().sample_rate == rate


def test_no_rate_in_common_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, Card((22_050,), 48_000.0))
    with pytest.raises(AudioError, match="no sample rate in common"):
        SoundCard()


@pytest.mark.parametrize("card", [Card(rates=()), Card()], ids=["no device", "no such device"])
def test_a_device_that_is_not_there_gets_a_sentence(monkeypatch: pytest.MonkeyPatch, card: Card) -> None:
    install(monkeypatch, card)
    with pytest.raises(AudioError, match=r"no such microphone or loudspeaker .*--wav"):
        SoundCard("lamp")


def test_the_devices_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, Card())
    assert "Microphone" in devices.list_devices()


def test_without_sounddevice_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(MissingExtra, match=r"convai-rasa\[rasa,terminal\]"):
        SoundCard()


def test_without_portaudio_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(module: str, *, extra: str) -> Any:
        raise OSError("PortAudio library not found")

    monkeypatch.setattr(devices, "require", missing)
    with pytest.raises(MissingExtra, match="libportaudio2"):
        SoundCard()
