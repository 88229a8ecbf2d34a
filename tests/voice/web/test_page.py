"""The talk page of a running bot, in headless Chromium with a wav file as its microphone.

The page tells what it is doing in ``document.documentElement.dataset``: ``connection`` (connecting, open, waiting,
refused), ``microphone`` (off, asking, on, lost, refused, missing, busy, insecure, unsupported), ``mode`` (press,
hands-free), ``phase`` (idle, listening, hearing, thinking, speaking), ``session``, ``turns`` (ended so far),
``playedMs`` (milliseconds of sound played), ``loudest`` (highest root mean square of the sound as it left the page,
0 to 1) and ``error`` (code of the server's last one).

Needs the fixtures ``voice_bot_url`` (where the channel is, ending in a slash) and ``spoken_question_wav``
(a question, then silence) and saves screenshots where ``screenshot_dir`` says.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser import CHROMIUM_NAMES, Browser, find_chromium

STATE = "document.documentElement.dataset"
TURN_TIMEOUT_S = 60.0  # two shared cores; the first turn of a cold server
AUDIBLE = 0.005  # root mean square, -46 dB: speech is well above, dither and silence are far below

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.skipif(find_chromium() is None, reason=f"no browser on the PATH: {', '.join(CHROMIUM_NAMES)}"),
]


@pytest.fixture
def screenshot_dir(tmp_path: Path) -> Path:
    """Where screenshots go: the folder in CONVAI_SCREENSHOTS, or a temporary one."""
    return Path(os.environ.get("CONVAI_SCREENSHOTS", tmp_path))


def _open(browser: Browser, url: str) -> None:
    browser.open(url + "talk")
    browser.wait_for(f"{STATE}.connection === 'open'")


def _wait_for_answer(browser: Browser) -> None:
    """Wait until a turn has ended and its sound has been played."""
    browser.wait_for(f"Number({STATE}.turns) >= 1 && {STATE}.phase === 'idle'", TURN_TIMEOUT_S)


def _assert_answered_aloud(browser: Browser) -> None:
    assert browser.text(".bot .words").strip()
    assert float(browser.evaluate(f"{STATE}.playedMs")) > 300
    assert float(browser.evaluate(f"{STATE}.loudest")) > AUDIBLE


def test_spoken_question_gets_audible_answer(
    voice_bot_url: str, spoken_question_wav: Path, screenshot_dir: Path
) -> None:
    with Browser(spoken_question_wav) as browser:
        _open(browser, voice_bot_url)
        browser.screenshot(screenshot_dir / "talk-welcome.png")
        browser.click("#talk")  # tapped, not held: the server finds the end of the turn
        browser.wait_for(f"{STATE}.phase === 'hearing'", TURN_TIMEOUT_S)
        browser.wait_for("document.querySelector('.person[data-manner=spoken]') !== null", TURN_TIMEOUT_S)
        browser.wait_for(f"{STATE}.phase === 'speaking' && Number({STATE}.playedMs) > 400", TURN_TIMEOUT_S)
        browser.screenshot(screenshot_dir / "talk-speaking.png")
        _wait_for_answer(browser)

        assert len(browser.text(".person .bubble").split()) >= 2
        _assert_answered_aloud(browser)
        assert browser.text(".timing summary").startswith("Answered in ")
        browser.evaluate("document.querySelector('.timing summary').click()")
        assert browser.evaluate("document.querySelectorAll('.timing .bar').length") >= 3
        browser.screenshot(screenshot_dir / "talk-answered.png")

        host = urlsplit(voice_bot_url).netloc
        outside = [url for url in browser.requests if urlsplit(url).netloc != host and not url.startswith("data:")]
        assert not outside, "the page asks nobody but its own server"
        assert not browser.complaints


def test_held_space_bar_talks(voice_bot_url: str, spoken_question_wav: Path) -> None:
    with Browser(spoken_question_wav) as browser:
        _open(browser, voice_bot_url)
        with browser.holding_key("Space"):
            browser.wait_for(f"{STATE}.phase === 'hearing'", TURN_TIMEOUT_S)
            browser.wait_for(f"{STATE}.phase !== 'hearing'", TURN_TIMEOUT_S)  # the wav has gone silent
        browser.wait_for("document.querySelector('.person[data-manner=spoken]') !== null", TURN_TIMEOUT_S)
        _wait_for_answer(browser)
        _assert_answered_aloud(browser)


def test_letting_go_ends_the_turn(voice_bot_url: str, spoken_question_wav: Path) -> None:
    with Browser(spoken_question_wav) as browser:
        _open(browser, voice_bot_url)
        with browser.holding("#talk"):
            browser.wait_for(f"{STATE}.phase === 'hearing'", TURN_TIMEOUT_S)
        browser.wait_for(f"Number({STATE}.turns) >= 1", TURN_TIMEOUT_S)
        assert browser.evaluate("document.getElementById('talk').getAttribute('aria-pressed')") == "false"


def test_hands_free_answers_without_a_press(voice_bot_url: str, spoken_question_wav: Path) -> None:
    with Browser(spoken_question_wav, size=(390, 844), dark=True) as browser:
        _open(browser, voice_bot_url)
        browser.click("#hands-free")
        browser.wait_for("document.querySelector('.person[data-manner=spoken]') !== null", TURN_TIMEOUT_S)
        browser.wait_for(f"Number({STATE}.turns) >= 1 && {STATE}.phase === 'listening'", TURN_TIMEOUT_S)
        _assert_answered_aloud(browser)

        browser.open(voice_bot_url + "talk?again")
        browser.wait_for(f"{STATE}.connection === 'open'")
        assert browser.evaluate(f"{STATE}.mode") == "hands-free", "the choice is remembered"


def test_refused_microphone_is_explained_and_typing_works(voice_bot_url: str, screenshot_dir: Path) -> None:
    with Browser(allow_microphone=False, size=(390, 844)) as browser:
        _open(browser, voice_bot_url)
        browser.click("#talk")
        browser.wait_for(f"{STATE}.microphone === 'refused'")
        assert "microphone is blocked" in browser.text("[role=alert]")
        browser.screenshot(screenshot_dir / "talk-refused.png")

        browser.type("#words", "hello")
        browser.press_key("Enter")
        browser.wait_for("document.querySelector('.person[data-manner=typed]') !== null")
        _wait_for_answer(browser)
        assert browser.text(".person .bubble") == "hello"
        _assert_answered_aloud(browser)
        assert not browser.complaints
