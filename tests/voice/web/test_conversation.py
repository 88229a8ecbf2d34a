"""What the page shows and does as a conversation goes on, against a channel that says what each test needs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser
from conftest import Launch
from page_driver import Page
from scripted_channel import ScriptedChannel

STATE = "document.documentElement.dataset"
REPLY = "Today we have lasagna with spinach, a green salad and a chocolate cake for dessert."
METRICS = {"endpoint": 256, "asr": 41, "rasa": 38, "tts_first_audio": 115, "response": 450}

pytestmark = pytest.mark.browser


@pytest.fixture
def channel() -> Iterator[ScriptedChannel]:
    with ScriptedChannel() as channel:
        yield channel


@pytest.fixture
def page(launch: Launch, channel: ScriptedChannel) -> Iterator[Page]:
    """The page, connected, once the person has clicked on it, so that the browser lets sound out."""
    with launch() as browser:
        _open(browser, channel)
        yield browser
        assert browser.complaints == []


def _open(browser: Page, channel: ScriptedChannel) -> None:
    browser.open(channel.url + "talk")
    browser.wait_for(f"{STATE}.connection === 'open'")
    browser.click("h1")


def _played(browser: Page, milliseconds: int) -> None:
    browser.wait_for(f"Number({STATE}.playedMs) > {milliseconds}")


def test_words_appear_while_they_are_spoken(page: Page, channel: ScriptedChannel) -> None:
    channel.send("speech.started")
    page.wait_for("!document.getElementById('hearing').hidden")
    channel.send("transcript.partial", text="what are your")
    page.wait_for("document.getElementById('hearing').textContent === 'what are your'")
    channel.send("speech.stopped")
    channel.send("transcript.final", text="What are your opening hours?", confidence=0.9)
    page.wait_for("document.querySelector('.person') !== null")
    assert page.text(".person .bubble") == "What are your opening hours?"
    assert page.evaluate("document.getElementById('hearing').hidden")
    assert page.evaluate(f"{STATE}.phase") == "thinking"


def test_a_cough_leaves_nothing_behind(page: Page, channel: ScriptedChannel) -> None:
    channel.send("speech.started")
    page.wait_for("!document.getElementById('hearing').hidden")
    channel.send("speech.stopped")
    page.wait_for("document.getElementById('hearing').hidden")
    page.wait_for(f"{STATE}.phase === 'idle'")
    assert page.evaluate("document.querySelectorAll('.person').length") == 0


def test_playback_is_reported_while_it_plays_and_at_its_end(page: Page, channel: ScriptedChannel) -> None:
    channel.say("a", REPLY, 1.5)
    channel.wait_for("playback")
    page.wait_for(f"{STATE}.phase === 'idle'")
    channel.wait_until_heard("a", 1500)
    reports = channel.of_type("playback")
    assert {report["id"] for report in reports} == {"a"}
    positions = [report["played_ms"] for report in reports]
    assert positions == sorted(positions)
    assert positions[-1] == pytest.approx(1500, abs=1)
    steps = [after - before for before, after in zip(positions, positions[1:])]
    assert all(step >= 200 for step in steps[:-1]), "no more than five a second"
    assert len(positions) >= 4


def test_a_greeting_the_browser_kept_silent_counts_as_read(launch: Launch, channel: ScriptedChannel) -> None:
    channel.ready["suggestions"] = ["What is for lunch?"]
    with launch() as browser:
        browser.open(channel.url + "talk")
        assert channel.wait_for("start")["greet"]
        channel.say("a", "Welcome!", 1)
        browser.wait_for("document.getElementById('caption').textContent.includes('to hear the bot')")
        browser.click(".suggestion")
        assert channel.wait_for("text")["text"] == "What is for lunch?"
        channel.wait_until_heard("a", 1000)
        assert browser.text(".bot .remark") == ""
        assert float(browser.evaluate(f"{STATE}.playedMs ?? 0")) == 0
        assert browser.evaluate("document.getElementById('suggestions').hidden")


def test_the_first_press_lets_the_greeting_out_instead_of_cutting_it(launch: Launch, channel: ScriptedChannel) -> None:
    with launch() as browser:
        browser.open(channel.url + "talk")
        browser.wait_for(f"{STATE}.connection === 'open'")
        channel.say("a", "Welcome to the Copper Kettle!", 1.2)
        browser.wait_for(f"{STATE}.output === 'held'")
        browser.click("#talk")
        browser.wait_for(f"{STATE}.microphone === 'on'")
        channel.wait_until_heard("a", 1200)
        assert browser.text(".bot .remark") == ""


def test_a_greeting_is_heard_once_the_browser_lets_sound_out(launch: Launch, channel: ScriptedChannel) -> None:
    with launch() as browser:
        browser.open(channel.url + "talk")
        browser.wait_for(f"{STATE}.connection === 'open'")
        channel.say("a", "Welcome!", 1)
        browser.wait_for("document.querySelector('.bot') !== null")
        browser.click("h1")
        browser.wait_for(f"{STATE}.phase === 'idle'")
        channel.wait_until_heard("a", 1000)


def test_an_interruption_greys_what_was_not_heard_and_can_be_undone(page: Page, channel: ScriptedChannel) -> None:
    channel.say("a", REPLY, 8)
    _played(page, 600)
    channel.send("speech.started")
    channel.send("interrupted", id="a", heard_text="Today we have lasagna")
    page.wait_for("document.querySelector('.unheard') !== null")
    stopped_at = channel.wait_for("playback", len(channel.of_type("playback")))["played_ms"]
    assert page.evaluate(f"{STATE}.phase") == "hearing"
    assert page.text(".unheard").strip() == REPLY.removeprefix("Today we have lasagna ")
    assert page.text(".bot .words") == REPLY
    assert "not heard" in page.text(".bot .remark")

    channel.send("speech.stopped")
    channel.speak("a", REPLY, 3, from_ms=stopped_at - 100)
    page.wait_for("document.querySelector('.unheard') === null")
    assert page.text(".bot .words") == REPLY
    assert page.text(".bot .remark") == ""
    page.wait_for(f"{STATE}.phase === 'idle'")
    channel.wait_until_heard("a", 3000)
    total = float(page.evaluate(f"{STATE}.playedMs"))
    assert total < 3000 + 100, "what had been heard is not played again"


def test_escape_silences_the_bot_for_good(page: Page, channel: ScriptedChannel) -> None:
    channel.send("bot.message", id="a", text=REPLY)
    channel.speak("a", REPLY, 5, complete=False)
    _played(page, 800)
    page.press_key("Escape")
    page.wait_for(f"{STATE}.phase === 'idle'")
    assert page.text(".bot .words") == REPLY
    heard = REPLY.removesuffix(page.text(".unheard").strip())
    assert 0 < len(heard) < len(REPLY) / 2
    cut = channel.of_type("playback")[-1]
    assert (cut["id"], 800 <= cut["played_ms"] < 3000) == ("a", True)
    channel.send("audio.end", id="a")
    channel.say("b", "Anything else?", 0.4)
    page.wait_for("document.querySelectorAll('.bot').length === 2")
    page.wait_for(f"{STATE}.phase === 'idle'")
    channel.wait_until_heard("b", 400)


def test_where_the_time_went_is_shown_and_said(page: Page, channel: ScriptedChannel) -> None:
    channel.send("transcript.final", text="What is for lunch?", confidence=0.9)
    channel.say("a", REPLY, 0.3)
    channel.send("turn.end", metrics=METRICS)
    page.wait_for("document.querySelector('.timing') !== null")
    assert page.text(".timing summary") == "Answered in 450 ms"
    shares = page.evaluate(
        "[...document.querySelectorAll('.segment')].map(s => s.getBoundingClientRect().width)"
        ".map((width, i, all) => width / all.reduce((a, b) => a + b))"
    )
    assert shares == pytest.approx([256 / 450, 41 / 450, 38 / 450, 115 / 450], abs=0.03)
    name = page.evaluate("document.querySelector('.bar[role=img]').getAttribute('aria-label')")
    assert "Recognizing your words: 41 ms" in name
    assert "First sound of the voice: 115 ms" in name


def test_settings_reach_the_server_and_are_remembered(launch: Launch, channel: ScriptedChannel) -> None:
    channel.ready["languages"] = ["en", "de"]
    with launch() as page:
        _open(page, channel)
        _change_settings(page, channel)


def _change_settings(page: Page, channel: ScriptedChannel) -> None:
    start = channel.wait_for("start")
    assert not {"speed", "language", "session_id"} & set(start)
    page.click("#open-settings")
    page.click("#speed")  # its middle is 1.25, the nearest step above
    assert channel.wait_for("settings")["speed"] in (1.2, 1.3)
    choices = page.evaluate("[...document.getElementById('language').options].map((option) => option.text)")
    assert choices == ["As the bot expects", "Detect it", "English", "German"]
    page.evaluate(
        "(s => { s.value = 'de'; s.dispatchEvent(new Event('change')); })(document.getElementById('language'))"
    )
    assert channel.wait_for("settings", 2)["language"] == "de"
    page.click("[name=theme][value=dark]")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 21, 20)"
    page.press_key("Escape")
    page.wait_for("!document.getElementById('settings').open")
    assert page.evaluate("document.activeElement.id") == "open-settings", "the focus returns"

    page.evaluate("location.reload()")
    start = channel.wait_for("start", 2)
    assert (start["speed"] in (1.2, 1.3), start["language"]) == (True, "de")
    page.wait_for(f"{STATE}.theme === 'dark'")


def test_a_lost_connection_comes_back_and_the_rest_is_played(page: Page, channel: ScriptedChannel) -> None:
    channel.say("a", REPLY, 6)
    _played(page, 600)
    channel.ready["resumed"] = True
    channel.cut_wire()
    page.wait_for(f"{STATE}.connection === 'waiting'")
    heard = float(page.evaluate(f"{STATE}.playedMs"))
    assert page.evaluate(f"{STATE}.phase") == "idle", "nothing is played that the server will send again"
    start = channel.wait_for("start", 2)
    assert start["session_id"] == "session-1"
    page.wait_for(f"{STATE}.connection === 'open'")
    channel.speak("a", REPLY, 2, from_ms=heard)
    page.wait_for(f"{STATE}.phase === 'speaking'")
    page.wait_for(f"{STATE}.phase === 'idle'")
    assert page.evaluate("document.querySelector('.divider')") is None
    assert page.text(".bot .remark") == ""
    channel.wait_until_heard("a", 2000)


def test_a_lost_connection_comes_back_to_the_server_that_holds_the_call(page: Page, channel: ScriptedChannel) -> None:
    channel.ready |= {"resumed": True, "replica": "rasa-1"}
    for connections in (2, 3):
        channel.cut_wire()
        channel.wait_for("start", connections)
        page.wait_for(f"{STATE}.connection === 'open'")
    assert channel.addresses == ["/stream", "/stream", "/stream?replica=rasa-1"]


def test_a_conversation_that_cannot_be_resumed_is_called_a_new_one(page: Page, channel: ScriptedChannel) -> None:
    channel.say("a", REPLY, 6)
    _played(page, 600)
    channel.cut_wire()
    channel.wait_for("start", 2)
    page.wait_for("document.querySelector('.divider') !== null")
    assert "new one" in page.text(".divider")
    assert page.text(".unheard").strip().endswith("dessert."), "the rest of the reply will not come"


def test_connecting_again_is_tried_less_and_less_often(page: Page, channel: ScriptedChannel) -> None:
    channel.answers = False
    tried = []
    for attempt in range(2, 5):
        channel.cut_wire()
        channel.wait_for("start", attempt)
        tried.append(time.monotonic())
    first, second = (after - before for before, after in zip(tried, tried[1:]))
    assert second > first


@pytest.mark.parametrize(
    ("farewell", "words"),
    [
        ({"kind": "hangup"}, "The bot has ended the conversation."),
        ({"kind": "transfer", "to": "tel:+441632960000"}, "The bot has handed you over to +441632960000."),
    ],
)
def test_the_bot_ends_the_conversation(
    page: Page, channel: ScriptedChannel, farewell: dict[str, str], words: str
) -> None:
    page.click("#talk")
    page.wait_for(f"{STATE}.phase === 'listening'")
    channel.say("a", "Goodbye!", 1.2)
    channel.send(**farewell)
    channel.close()
    page.wait_for(f"{STATE}.connection === 'ended'")
    assert page.evaluate("document.getElementById('ended').hidden"), "the last words are played first"
    page.wait_for("!document.getElementById('ended').hidden")
    assert float(page.evaluate(f"{STATE}.playedMs")) == pytest.approx(1200, abs=60)
    assert page.text("#ended-words") == words
    assert page.evaluate("document.querySelector('#ended a')?.href ?? null") == farewell.get("to")
    assert page.evaluate("document.activeElement.id") == "again"

    page.press_key("Enter")
    start = channel.wait_for("start", 2)
    assert "session_id" not in start
    assert start["greet"]
    page.wait_for(f"{STATE}.connection === 'open' && document.getElementById('ended').hidden")
    assert page.text(".divider") == "A new conversation"


def test_an_address_that_is_no_telephone_is_no_link(page: Page, channel: ScriptedChannel) -> None:
    channel.send("transfer", to="javascript:alert(1)")
    channel.close()
    page.wait_for("!document.getElementById('ended').hidden")
    assert "javascript:alert(1)" in page.text("#ended-words")
    assert page.evaluate("document.querySelector('#ended a')") is None


def test_the_person_ends_the_conversation(page: Page, channel: ScriptedChannel) -> None:
    channel.say("a", REPLY, 5)
    _played(page, 400)
    page.click("#end")
    channel.wait_for("bye")
    page.wait_for("!document.getElementById('ended').hidden")
    assert page.text("#ended-words") == "You have ended the conversation."
    assert not page.evaluate("document.getElementById('talk').checkVisibility()")


def test_leaving_the_page_says_goodbye(chromium: Launch, channel: ScriptedChannel) -> None:
    """Firefox has closed the connection by then; there the server waits whether it comes back."""
    with chromium() as browser:
        _open(browser, channel)
        browser.evaluate("location.assign('about:blank')")
        channel.wait_for("bye")


def test_a_refused_connection_says_what_to_do(launch: Launch, channel: ScriptedChannel) -> None:
    channel.answers = False
    with launch() as browser:
        browser.open(channel.url + "talk")
        channel.wait_for("start")
        channel.close(4401)
        browser.wait_for(f"{STATE}.connection === 'refused'")
        browser.wait_for("document.querySelector('[data-subject=connection]') !== null")
        assert "#token=" in browser.text("[data-subject=connection]")


def test_the_keyboard_reaches_everything_in_reading_order(page: Page, channel: ScriptedChannel) -> None:
    channel.send("bot.message", id="a", text="For when?", buttons=[{"title": "Today", "payload": "/today"}])
    page.wait_for("document.querySelector('.choice') !== null")
    page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(8):
        page.press_key("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert reached == ["end", "hands-free", "open-settings", "conversation", "choice", "talk", "words", "send"]


def test_reduced_motion_moves_nothing(launch: Launch, channel: ScriptedChannel) -> None:
    picture = "document.getElementById('waves').toDataURL()"
    with launch(still=True) as browser:
        _open(browser, channel)
        channel.send("transcript.final", text="What is for lunch?", confidence=0.9)
        browser.wait_for(f"{STATE}.phase === 'thinking'")
        if isinstance(browser, Browser):  # in Firefox the page believes it, the style sheets do not
            assert browser.evaluate("document.getAnimations().length") == 0
        silent = browser.evaluate(picture)
        channel.say("a", REPLY, 5)
        _played(browser, 500)
        speaking = browser.evaluate(picture)
        assert speaking != silent, "it shows who speaks"
        _played(browser, 1500)
        assert browser.evaluate(picture) == speaking, "and does not follow the sound"


def test_nothing_sticks_out_of_a_narrow_page(launch: Launch, channel: ScriptedChannel, screenshot_dir: Path) -> None:
    with launch(size=(390, 844), dark=True) as browser:
        _open(browser, channel)
        channel.send("transcript.final", text="What is for lunch?", confidence=0.9)
        channel.say("a", REPLY, 0.3, buttons=[{"title": "Book a table", "payload": "/book"}])
        channel.send("turn.end", metrics=METRICS)
        browser.wait_for(f"document.querySelector('.timing') !== null && {STATE}.phase === 'idle'")
        assert browser.evaluate("document.documentElement.scrollWidth") == 390
        browser.click("#open-settings")
        browser.wait_for("document.getElementById('settings').open")
        if isinstance(browser, Browser):
            browser.screenshot(screenshot_dir / "talk-settings.png")
