"""The talk page of a running bot, in headless Chromium with a wav file as its microphone.

The page tells what it is doing in ``document.documentElement.dataset``: ``connection`` (connecting, open, waiting,
refused, ended), ``microphone`` (off, asking, on, lost, refused, missing, busy, insecure, unsupported), ``mode``
(press, hands-free), ``phase`` (idle, listening, hearing, thinking, speaking), ``session``, ``turns`` (ended so far),
``playedMs`` (milliseconds of sound played), ``loudest`` (highest root mean square of the sound as it left the page,
0 to 1) and ``error`` (code of the server's last one).

Screenshots go where CONVAI_SCREENSHOTS says; those of the documents are made that way.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser import CHROMIUM_NAMES, Browser, find_chromium
from firefox import Firefox
from page_driver import Page
from severable_link import SeverableLink

STATE = "document.documentElement.dataset"
TURN_TIMEOUT_S = 60.0  # two shared cores; the first turn of a cold server
AUDIBLE = 0.005  # root mean square, -46 dB: speech is well above, dither and silence are far below

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.skipif(find_chromium() is None, reason=f"no browser on the PATH: {', '.join(CHROMIUM_NAMES)}"),
]


PERSON = "document.querySelectorAll('.person[data-manner=spoken]').length"


def _open(browser: Page, url: str) -> None:
    """Open the page and wait until the bot has greeted."""
    browser.open(url + "talk")
    browser.wait_for(f"{STATE}.connection === 'open'")
    browser.wait_for("document.querySelector('.bot') !== null", TURN_TIMEOUT_S)
    browser.wait_for("document.getElementById('caption').textContent.includes('to hear the bot')", TURN_TIMEOUT_S)


def _wait_for_answer(browser: Page) -> None:
    """Wait until a turn has ended and its sound has been played."""
    browser.wait_for(f"Number({STATE}.turns) >= 1 && {STATE}.phase === 'idle'", TURN_TIMEOUT_S)


def _hear_more(browser: Page) -> None:
    """Wait until some more sound has been played."""
    before = float(browser.evaluate(f"{STATE}.playedMs"))
    browser.wait_for(f"Number({STATE}.playedMs) > {before + 700}", TURN_TIMEOUT_S)


def _assert_answered_aloud(browser: Page) -> None:
    assert browser.text(".bot .words").strip()
    assert float(browser.evaluate(f"{STATE}.playedMs")) > 300
    assert float(browser.evaluate(f"{STATE}.loudest")) > AUDIBLE


def test_spoken_question_gets_audible_answer(
    voice_bot_url: str, microphone: Callable[..., Path], screenshot_dir: Path
) -> None:
    with Browser(microphone(3.0, "What are your opening hours?", 20.0), size=(1100, 760)) as browser:
        _open(browser, voice_bot_url)
        assert "Welcome" in browser.text(".bot .words")
        browser.evaluate(
            "window.partials = []; new MutationObserver(([{ target }]) => window.partials.push(target.textContent))"
            ".observe(document.getElementById('hearing'), { childList: true })"
        )
        browser.click("#talk")  # tapped, not held: the server finds the end of the turn
        browser.wait_for(f"{STATE}.phase === 'hearing'", TURN_TIMEOUT_S)
        browser.wait_for(f"{PERSON} === 1", TURN_TIMEOUT_S)
        assert any("opening" in words for words in browser.evaluate("window.partials")), "shown before they were final"
        browser.wait_for(f"{STATE}.phase === 'speaking'", TURN_TIMEOUT_S)
        _wait_for_answer(browser)
        assert browser.text(".bot .remark") == "", "a greeting that nobody could hear was not interrupted"

        assert "opening hours" in browser.text(".person .bubble").lower()
        assert "11" in browser.text(".bot .words")
        _assert_answered_aloud(browser)
        assert browser.text(".timing summary").startswith("Answered in ")
        browser.click(".timing summary")
        assert browser.evaluate("document.querySelectorAll('.timing .segment').length") == 4
        browser.screenshot(screenshot_dir / "talk.png")

        host = urlsplit(voice_bot_url).netloc
        outside = [url for url in browser.requests if urlsplit(url).netloc != host and not url.startswith("data:")]
        assert not outside, "the page asks nobody but its own server"
        assert not browser.complaints


def test_spoken_question_gets_audible_answer_in_firefox(
    voice_bot_url: str, microphone: Callable[..., Path], firefox: Firefox
) -> None:
    with firefox.page(microphone(1.5, "What are your opening hours?", 20.0)) as page:
        _open(page, voice_bot_url)
        page.click("#talk")
        page.wait_for(f"{PERSON} === 1", TURN_TIMEOUT_S)
        assert "opening hours" in page.text(".person .bubble").lower()
        page.wait_for(f"Number({STATE}.turns) >= 1 && {STATE}.phase === 'idle'", TURN_TIMEOUT_S)
        assert "11" in page.text(".bot .words")
        _assert_answered_aloud(page)
        assert page.complaints == []


def test_held_space_bar_talks(voice_bot_url: str, microphone: Callable[..., Path]) -> None:
    with Browser(microphone(3.0, "What are your opening hours?", 20.0)) as browser:
        _open(browser, voice_bot_url)
        with browser.holding_key("Space"):
            browser.wait_for(f"{STATE}.phase === 'hearing'", TURN_TIMEOUT_S)
            browser.wait_for(f"{STATE}.phase !== 'hearing'", TURN_TIMEOUT_S)  # the wav has gone silent
        browser.wait_for(f"{PERSON} === 1", TURN_TIMEOUT_S)
        _wait_for_answer(browser)
        _assert_answered_aloud(browser)


def test_letting_go_ends_the_turn(voice_bot_url: str, microphone: Callable[..., Path]) -> None:
    with Browser(microphone(3.0, "What are your opening hours?", 20.0)) as browser:
        _open(browser, voice_bot_url)
        with browser.holding("#talk"):
            browser.wait_for(f"{STATE}.phase === 'hearing'", TURN_TIMEOUT_S)
        browser.wait_for(f"Number({STATE}.turns) >= 1", TURN_TIMEOUT_S)
        assert browser.evaluate("document.getElementById('talk').getAttribute('aria-pressed')") == "false"


def test_hands_free_answers_without_a_press(
    voice_bot_url: str, microphone: Callable[..., Path], screenshot_dir: Path
) -> None:
    with Browser(microphone(6.0, "When are you open on Sunday?", 20.0), size=(390, 844), dark=True) as browser:
        _open(browser, voice_bot_url)
        browser.click("#hands-free")
        browser.wait_for(f"{STATE}.phase === 'speaking'")  # the greeting is heard now
        browser.wait_for(f"{PERSON} === 1", TURN_TIMEOUT_S)
        browser.wait_for(f"{STATE}.phase === 'speaking' && document.querySelector('.timing') !== null", TURN_TIMEOUT_S)
        _hear_more(browser)
        browser.screenshot(screenshot_dir / "talk-dark.png")
        browser.wait_for(f"{STATE}.phase === 'listening'", TURN_TIMEOUT_S)
        _assert_answered_aloud(browser)
        assert browser.evaluate("document.querySelector('.unheard')") is None, "nobody interrupted"

        browser.open(voice_bot_url + "talk?again")
        browser.wait_for(f"{STATE}.connection === 'open'")
        assert browser.evaluate(f"{STATE}.mode") == "hands-free", "the choice is remembered"


def test_talking_over_the_answer_stops_it(
    voice_bot_url: str, microphone: Callable[..., Path], screenshot_dir: Path
) -> None:
    heard = microphone(6.0, "What desserts do you have?", 3.5, "Wait, when are you open on Sunday?", 20.0)
    with Browser(heard, size=(390, 844)) as browser:
        _open(browser, voice_bot_url)
        browser.click("#hands-free")
        browser.wait_for(f"{PERSON} === 1", TURN_TIMEOUT_S)
        browser.wait_for(f"{STATE}.phase === 'speaking'", TURN_TIMEOUT_S)
        browser.wait_for("document.querySelector('.unheard') !== null", TURN_TIMEOUT_S)
        assert browser.evaluate(f"{STATE}.phase") in ("hearing", "thinking")
        words, unheard = browser.text(".bot:has(.unheard) .words"), browser.text(".unheard")
        assert 0 < len(unheard) < len(words)
        browser.wait_for(f"{PERSON} === 2", TURN_TIMEOUT_S)
        assert "sunday" in browser.text(".person .bubble").lower()
        browser.wait_for(f"Number({STATE}.turns) >= 2 && {STATE}.phase === 'speaking'", TURN_TIMEOUT_S)
        _hear_more(browser)
        browser.screenshot(screenshot_dir / "talk-interrupted.png")
        browser.wait_for(f"{STATE}.phase === 'listening'", TURN_TIMEOUT_S)
        assert "Sunday" in browser.text(".bot .words")
        assert browser.evaluate("document.querySelectorAll('.unheard').length") == 1
        assert not browser.complaints


def test_silence_is_no_turn_and_ends_the_call(voice_bot_url: str, microphone: Callable[..., Path]) -> None:
    """Nobody speaks: the bot asks, asks again and hangs up, and nothing is put into the person's mouth."""
    with Browser(microphone(90.0)) as browser:
        _open(browser, voice_bot_url)
        browser.click("#hands-free")
        browser.wait_for("!document.getElementById('ended').hidden", 90)
        assert browser.evaluate("document.querySelectorAll('.person').length") == 0
        assert browser.text("#ended-words") == "The bot has ended the conversation."
        assert "Goodbye" in browser.text(".bot .words")
        assert browser.text(".remark") == "", "its last words were played to their end"

        ended = browser.evaluate(f"{STATE}.session")
        browser.click("#again")
        browser.wait_for(f"{STATE}.connection === 'open' && {STATE}.session !== {ended!r}")
        browser.wait_for("[...document.querySelectorAll('.divider ~ .bot .words')].at(-1) !== undefined")
        assert "Welcome" in browser.text(".divider ~ .bot .words")


@pytest.mark.parametrize("noticed", [True, False], ids=["by both sides", "by the page alone"])
def test_the_answer_goes_on_after_a_lost_connection(voice_bot_url: str, noticed: bool) -> None:
    with SeverableLink(urlsplit(voice_bot_url).port or 80) as link, Browser() as browser:
        _open(browser, f"http://127.0.0.1:{link.port}/webhooks/voice/")
        browser.type("#words", "What desserts do you have?")
        browser.press_key("Enter")
        browser.wait_for(f"Number({STATE}.turns) >= 1 && {STATE}.phase === 'speaking'", TURN_TIMEOUT_S)
        session, start = (browser.evaluate(f"{STATE}.{key}") for key in ("session", "playedMs"))
        browser.wait_for(f"Number({STATE}.playedMs) > {float(start) + 600}")
        if noticed:
            link.sever()
        else:
            link.freeze()
            browser.offline(True)
        browser.wait_for(f"{STATE}.connection === 'waiting' && {STATE}.phase === 'idle'")
        lost = float(browser.evaluate(f"{STATE}.playedMs"))
        browser.wait_for("document.querySelector('[data-subject=connection]') !== null")
        if noticed:
            link.restore()
        else:
            browser.offline(False)
        browser.wait_for(f"{STATE}.connection === 'open'", TURN_TIMEOUT_S)
        assert browser.evaluate(f"{STATE}.session") == session
        browser.wait_for(f"{STATE}.phase === 'speaking' && Number({STATE}.playedMs) > {lost + 600}")
        browser.wait_for(f"{STATE}.phase === 'idle'", TURN_TIMEOUT_S)
        assert browser.evaluate("document.querySelector('.divider')") is None
        assert browser.text("[data-subject=connection]") == ""
        assert browser.text(".bot:last-child .remark") == "", "the answer was not cut"


def test_refused_microphone_is_explained_and_typing_works(voice_bot_url: str) -> None:
    with Browser(allow_microphone=False, size=(390, 844)) as browser:
        _open(browser, voice_bot_url)
        browser.click("#talk")
        browser.wait_for(f"{STATE}.microphone === 'refused'")
        assert "microphone is blocked" in browser.text("[role=alert]")

        browser.type("#words", "hello")
        browser.press_key("Enter")
        browser.wait_for("document.querySelector('.person[data-manner=typed]') !== null")
        _wait_for_answer(browser)
        assert browser.text(".person .bubble") == "hello"
        _assert_answered_aloud(browser)
        assert not browser.complaints
