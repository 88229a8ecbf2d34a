"""Whether everybody can use the page: axe's rules, room for a finger, small windows, other languages."""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Browser
from conftest import Launch
from page_driver import Page
from scripted_channel import ScriptedChannel

STATE = "document.documentElement.dataset"
FINGER = 44  # CSS pixels; WCAG 2.2, 2.5.5

pytestmark = pytest.mark.browser


@pytest.fixture
def channel() -> Iterator[ScriptedChannel]:
    with ScriptedChannel() as channel:
        channel.ready["suggestions"] = ["When are you open?", "I'd like to book a table", "What is for lunch?"]
        channel.ready["languages"] = ["en", "de"]
        yield channel


def _open(page: Page, channel: ScriptedChannel, query: str = "") -> None:
    page.open(channel.url + "talk" + query)
    page.wait_for(f"{STATE}.connection === 'open' && !document.getElementById('suggestions').hidden")


def _talk(page: Page, channel: ScriptedChannel) -> None:
    """A conversation in which everything occurs that a bot can show."""
    channel.send("transcript.final", text="What is for lunch?", confidence=0.9)
    channel.send(
        "bot.message", id="a", text="We have soup.", custom={"x": 1},
        buttons=[{"title": "Ok", "payload": "/ok"}, {"title": "Book a table", "payload": "/book"}],
    )  # fmt: skip
    channel.send("inspect", text="x", intent={"name": "menu", "confidence": 0.9}, slots={"a": 1}, events=[], actions=[])
    channel.send("turn.end", metrics={"endpoint": 256, "asr": 41, "rasa": 38})
    page.wait_for("document.querySelector('.timing') !== null")


def _violations(page: Page) -> list[Any]:
    axe = (importlib.resources.files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")
    page.wait_for("document.getAnimations().every(({ effect }) => effect.getTiming().iterations === Infinity)")
    found: list[Any] = page.evaluate(
        f"(() => {{ if (!window.axe) {{ {axe} }}"
        " return axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) =>"
        " [id, nodes.map(({ html, failureSummary }) => [html.slice(0, 100), failureSummary])])); })()"
    )
    return found


def test_axe_finds_nothing(launch: Launch, channel: ScriptedChannel) -> None:
    with launch() as page:
        _open(page, channel, "?inspect")
        assert _violations(page) == []
        _talk(page, channel)
        channel.send("error", code="bot_failed", message="x")
        page.wait_for("document.querySelector('.notice') !== null")
        assert _violations(page) == []
        page.click("#open-settings")
        page.wait_for("document.getElementById('settings').open")
        assert _violations(page) == []
        page.press_key("Escape")
        page.click("#end")
        page.wait_for("!document.getElementById('ended').hidden")
        assert _violations(page) == []


def test_axe_finds_nothing_in_the_dark(chromium: Launch, channel: ScriptedChannel) -> None:
    with chromium(dark=True, size=(390, 844)) as page:
        _open(page, channel, "?inspect")
        _talk(page, channel)
        assert _violations(page) == []


@pytest.mark.parametrize("size", [(1280, 800), (390, 844), (640, 400)], ids=["desktop", "phone", "low"])
def test_everything_has_room_for_a_finger(launch: Launch, channel: ScriptedChannel, size: tuple[int, int]) -> None:
    with launch(size=size) as page:
        _open(page, channel, "?inspect")
        small = f"""[...document.querySelectorAll('button, summary, select, a, input')]
          .filter((element) => !element.matches('[type=radio], [type=checkbox]')) // their labels are pressed
          .filter((element) => element.checkVisibility())
          .map((element) => [element.outerHTML.slice(0, 60), element.getBoundingClientRect()])
          .filter(([, box]) => box.width < {FINGER} - .5 || box.height < {FINGER} - .5)
          .map(([html, box]) => [html, box.width, box.height])"""
        assert page.evaluate(small) == []
        _talk(page, channel)
        channel.send("error", code="bot_failed", message="x")
        page.wait_for("document.querySelector('.notice') !== null")
        assert page.evaluate(small) == []
        page.click("#open-settings")
        page.wait_for("document.getElementById('settings').open")
        assert page.evaluate(small) == []


def test_a_low_window_shows_the_conversation_and_all_controls(launch: Launch, channel: ScriptedChannel) -> None:
    with launch(size=(640, 400)) as page:
        _open(page, channel)
        _talk(page, channel)
        height, *bottoms = page.evaluate(
            "[document.getElementById('conversation').clientHeight, ...['talk', 'words', 'caption', 'open-settings']"
            ".map((id) => document.getElementById(id).getBoundingClientRect().bottom)]"
        )
        assert height >= 180
        assert all(0 < bottom <= 400 for bottom in bottoms)
        assert page.evaluate("document.documentElement.scrollWidth") == 640


@pytest.mark.parametrize(
    ("language", "placeholder", "caption"),
    [
        ("de-AT", "Oder schreiben…", "Zum Sprechen halten oder antippen"),
        ("es", "O escriba aquí…", "Mantenga pulsado para hablar, o toque"),
        ("fr", "Type instead…", "Hold to talk, or tap"),
    ],
)
def test_the_page_speaks_the_browsers_language(
    launch: Launch, channel: ScriptedChannel, screenshot_dir: Path, language: str, placeholder: str, caption: str
) -> None:
    with launch(language=language, size=(390, 844)) as page:
        _open(page, channel)
        assert page.evaluate("document.getElementById('words').placeholder") == placeholder
        assert page.text("#caption") == caption
        assert page.evaluate("document.documentElement.lang") == {"de-AT": "de", "es": "es"}.get(language, "en")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert "undefined" not in page.evaluate("document.body.outerHTML")
        if isinstance(page, Browser) and language == "de-AT":
            page.screenshot(screenshot_dir / "talk-german.png")


def test_only_the_languages_of_the_bot_are_offered(launch: Launch, channel: ScriptedChannel) -> None:
    channel.ready["languages"] = ["en"]
    with launch() as page:
        page.evaluate("1")
        _open(page, channel)
        page.evaluate("localStorage.setItem('convai.voice.language', 'fr')")
        page.evaluate("location.reload()")
        assert channel.wait_for("start", 2)["language"] == "fr"
        assert channel.wait_for("settings")["language"] == "", "chosen for another bot at this address"
        assert page.evaluate("document.getElementById('language').closest('.field').hidden")


def test_what_is_said_is_a_list_in_a_log(chromium: Launch, channel: ScriptedChannel) -> None:
    with chromium() as page:
        _open(page, channel)
        _talk(page, channel)
        tree = page.call("Accessibility.getFullAXTree")["nodes"]
        by_id = {node["nodeId"]: node for node in tree}
        log = next(node for node in tree if node.get("role", {}).get("value") == "log")
        assert log["name"]["value"] == "What was said"
        items = [node for node in tree if node.get("role", {}).get("value") == "listitem"]
        inside = [node for node in items if by_id[node["parentId"]].get("role", {}).get("value") == "list"]
        assert len(inside) >= 2
        assert json.dumps(tree).count('"What is for lunch?"') >= 1
