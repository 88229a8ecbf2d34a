"""The channel as Rasa configures it; no server is started."""

from __future__ import annotations

from typing import Any, List, Mapping, Tuple

import pytest
from rasa.core.channels.channel import OutputChannel
from rasa.shared.exceptions import RasaException

from convai_rasa.voice import VoiceInput, VoiceOutput

pytestmark = pytest.mark.rasa


def test_an_empty_key_means_the_defaults() -> None:
    assert VoiceInput.from_credentials(None).name() == "voice"


def test_a_wrong_key_reaches_the_user_as_one_sentence_of_rasa() -> None:
    with pytest.raises(
        RasaException, match=r"credentials\.yml, .*VoiceInput: unknown key 'tokn' \(did you mean 'token'"
    ):
        VoiceInput.from_credentials({"tokn": "x"})


def test_a_wrong_name_of_what_ends_a_turn_is_told_before_a_model_is_loaded() -> None:
    channel = VoiceInput.from_credentials({"turn": {"decided_by": "dialog"}, "asr": {"model": "no/such"}})
    with pytest.raises(RasaException, match=r"credentials\.yml, .*'dialog' in .*did you mean 'dialogue'"):
        channel.blueprint(lambda message: None)


def test_input_and_output_have_one_name() -> None:
    """Rasa picks `channel: voice` variants by the output's name."""
    assert VoiceInput.name() == VoiceOutput.name() == "voice"


async def collect(messages: List[Mapping[str, Any]]) -> List[Tuple[str, Mapping[str, Any]]]:
    seen: List[Tuple[str, Mapping[str, Any]]] = []

    async def deliver(recipient: str, content: Mapping[str, Any]) -> None:
        seen.append((recipient, content))

    output: OutputChannel = VoiceOutput(deliver)
    for message in messages:
        await output.send_response("ann", dict(message))
    return seen


async def test_every_kind_of_response_is_handed_on() -> None:
    button = {"title": "Yes", "payload": "/affirm"}
    assert await collect(
        [
            {"text": " Hello "},
            {"text": "Sure?", "buttons": [button]},
            {"image": "menu.png"},
            {"custom": {"voice": {"hangup": True}}},
            {"text": "Look", "image": "map.png"},
            {"text": "Pick", "quick_replies": [button]},
            {"attachment": "menu.pdf"},
        ]
    ) == [
        ("ann", {"text": "Hello"}),
        ("ann", {"text": "Sure?", "buttons": [button]}),
        ("ann", {"image": "menu.png"}),
        ("ann", {"custom": {"voice": {"hangup": True}}}),
        ("ann", {"text": "Look", "image": "map.png"}),
        ("ann", {"text": "Pick", "buttons": [button]}),
        ("ann", {"custom": {"attachment": "menu.pdf"}}),
    ]
