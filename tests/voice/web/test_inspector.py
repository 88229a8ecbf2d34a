"""What developers see beside the conversation: how each turn was understood, and the transcript to take away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Browser
from conftest import Launch
from page_driver import Page
from scripted_channel import ScriptedChannel

STATE = "document.documentElement.dataset"
TURN: dict[str, Any] = {
    "text": "a table for four",
    "intent": {"name": "book_table", "confidence": 0.94},
    "intent_ranking": [{"name": "book_table", "confidence": 0.94}, {"name": "inform", "confidence": 0.04}],
    "entities": [{"entity": "number", "value": 4, "extractor": "SpacyModelEntityExtractor"}],
    "sentiment": {"label": "neutral", "score": 0.12},
    "slots": {"party_size": 4, "requested_slot": "date"},
    "form": "booking_form",
    "actions": [
        {"name": "booking_form", "policy": "policy_1_RulePolicy", "confidence": 1.0},
        {"name": "action_listen", "policy": "policy_1_RulePolicy", "confidence": 1.0},
    ],
    "events": [
        {"event": "user", "text": "a table for four", "timestamp": 1.0},
        {"event": "slot", "name": "party_size", "value": 4, "timestamp": 2.0},
    ],
}

pytestmark = pytest.mark.browser


@pytest.fixture
def channel() -> Iterator[ScriptedChannel]:
    with ScriptedChannel() as channel:
        yield channel


def _open(page: Page, channel: ScriptedChannel, query: str = "?inspect") -> None:
    page.open(channel.url + "talk" + query)
    page.wait_for(f"{STATE}.connection === 'open'")


def _turn(channel: ScriptedChannel, number: int) -> None:
    channel.send("transcript.final", text=f"turn {number}", confidence=0.9)
    channel.send("bot.message", id=str(number), text=f"answer {number}")
    channel.send("inspect", **{**TURN, "text": f"turn {number}"})
    channel.send("turn.end", metrics={"endpoint": 256, "asr": 41, "rasa": 38})


def test_a_turn_is_taken_apart(launch: Launch, channel: ScriptedChannel, screenshot_dir: Path) -> None:
    with launch(size=(1280, 800)) as page:
        _open(page, channel)
        assert channel.wait_for("start")["inspect"] is True
        for number in (1, 2):
            _turn(channel, number)
        page.wait_for("document.getElementById('step').textContent === 'Turn 2 of 2'")
        seen = page.text("#understood").split("\n")
        assert [line for line in seen if line in ("turn 2", "book_table", "inform", "94%", "4%")] == [
            "turn 2", "book_table", "94%", "inform", "4%",
        ]  # fmt: skip
        assert page.text(".tags li") == "number 4"
        assert page.text(".actions li") == "action_listen\nRulePolicy · 100%"
        assert page.text(".changed").startswith("party_size")
        assert page.text("#session") == "session-1"
        assert page.evaluate("document.querySelectorAll('.latency g').length") == 2
        assert page.evaluate("document.querySelectorAll('.latency g')[0].querySelectorAll('rect').length") == 3
        page.click("#earlier")
        assert page.text("#understood blockquote") == "turn 1"
        assert "Turn 1: 335 ms" in page.evaluate("document.querySelector('svg.latency').getAttribute('aria-label')")
        if isinstance(page, Browser):
            channel.send("transcript.final", text="A table for four, please.", confidence=0.9)
            channel.send("bot.message", id="3", text="For which day?")
            channel.send("inspect", **{**TURN, "text": "A table for four, please."})
            page.wait_for("document.getElementById('step').textContent.endsWith('3')")
            page.click("#later")
            page.click("#later")
            page.screenshot(screenshot_dir / "talk-inspector.png")
        assert page.complaints == []


def test_it_is_switched_on_in_the_settings_and_off_again(launch: Launch, channel: ScriptedChannel) -> None:
    with launch() as page:
        _open(page, channel, query="")
        assert channel.wait_for("start")["inspect"] is False
        assert page.evaluate("document.getElementById('inspector').hidden")
        page.click("#open-settings")
        page.click("#developers")
        assert channel.wait_for("settings")["inspect"] is True
        page.click("#settings .primary")
        page.wait_for("!document.getElementById('inspector').hidden")
        page.click("#close-inspector")
        assert channel.wait_for("settings", 2)["inspect"] is False
        page.wait_for("document.getElementById('inspector').hidden && document.activeElement.id === 'open-settings'")


def test_a_server_that_keeps_its_inside_to_itself_is_no_mystery(chromium: Launch, channel: ScriptedChannel) -> None:
    channel.ready["inspect"] = False
    with chromium() as page:
        _open(page, channel)
        assert "inspect: true" in page.text("#understood")


def test_levels_move_with_the_sound(launch: Launch, channel: ScriptedChannel) -> None:
    share = "Number(document.getElementById('level-bot').style.getPropertyValue('--share'))"
    with launch() as page:
        _open(page, channel)
        page.wait_for(f"{share} === 0")
        page.click("h1")
        channel.say("a", "a long tone", 3)
        page.wait_for(f"{share} > 0.5")
        page.wait_for("document.querySelector('#level-bot + .number').textContent.includes('dB')")
        page.wait_for(f"{share} === 0")


def test_the_transcript_can_be_taken_away(chromium: Launch, channel: ScriptedChannel) -> None:
    """Firefox has the same code, but no way to see what was copied or saved without a person."""
    with chromium() as page:
        _open(page, channel)
        _turn(channel, 1)
        page.wait_for("document.querySelector('.timing') !== null")
        page.evaluate(
            "(navigator.clipboard.writeText = async (text) => { window.copied = text; },"
            " HTMLAnchorElement.prototype.click = function () { window.saved = [this.download, this.href]; }, 1)"
        )
        page.click("#copy")
        page.wait_for("document.getElementById('copy').textContent === 'Copied'")
        lines = [line.split("  ")[1] for line in page.evaluate("window.copied").splitlines()]
        assert lines == ["> turn 1", "< answer 1"]
        page.click("#download")
        name, address = page.evaluate("window.saved")
        assert name.startswith("Test bot ")
        assert name.endswith(".txt")
        assert address.startswith("blob:")


def test_devices_can_be_chosen(chromium: Launch, channel: ScriptedChannel) -> None:
    """Firefox lets a page choose the microphone, not the loudspeaker of an AudioContext."""
    asked = "JSON.stringify(window.asked?.audio.deviceId ?? null)"
    with chromium() as page:
        _open(page, channel, query="")
        page.evaluate(
            "((ask) => { navigator.mediaDevices.getUserMedia = (wanted) => ask((window.asked = wanted)); })"
            "(navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices))"
        )
        page.click("#hands-free")
        page.wait_for(f"{STATE}.microphone === 'on'")
        assert page.evaluate(asked) == "null"
        page.click("#open-settings")
        page.wait_for("document.getElementById('microphone').options.length > 2")
        chosen = page.evaluate(
            "((select) => { select.selectedIndex = 2;"
            " select.dispatchEvent(new Event('change')); return select.value; })"
            "(document.getElementById('microphone'))"
        )
        page.wait_for(f"{asked} !== 'null' && {STATE}.microphone === 'on'")
        assert page.evaluate(asked) == f'{{"ideal":"{chosen}"}}'
        speaker = page.evaluate("document.getElementById('speaker').options.length")
        assert speaker >= 1
        assert not page.evaluate("document.getElementById('speaker').closest('.field').hidden")
