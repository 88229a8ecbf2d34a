"""Wire formats: what goes through a socket, and the messages it stands for."""

from __future__ import annotations

from typing import Iterable, Protocol, Union

from convai_rasa.voice.wire.messages import ClientMessage, ServerMessage

Frame = Union[str, bytes]


class Wire(Protocol):
    """Translates for one connection; may remember what it has seen."""

    def receive(self, frame: Frame) -> Iterable[Union[ClientMessage, bytes]]:
        """Read a frame of the client: messages, and PCM16 mono sound at the rate its ``Start`` gave.

        Raises:
            ProtocolError: the frame makes no sense; the message says why.
        """

    def send(self, item: Union[ServerMessage, bytes]) -> Iterable[Frame]:
        """Write a message, or PCM16 mono sound at ``Start.output_sample_rate``, as frames for the client."""
