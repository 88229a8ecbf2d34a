"""What goes wrong in a conversation: a permission withdrawn, a network gone; and how soon the voice falls silent."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM_NAMES, Browser, find_chromium
from conftest import Launch
from firefox import FIREFOX_NAMES, Firefox, find_firefox
from page_driver import Page
from scripted_channel import ScriptedChannel
from served import served

from convai_rasa.voice.http.page import WEB

STATE = "document.documentElement.dataset"
BLOCK = 128  # samples: one step of a browser's audio thread

RECORDER = """
registerProcessor('recorder', class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.last = 0;
    this.port.onmessage = () => this.port.postMessage(this.last);
  }
  process([input]) {
    (input[0] ?? []).forEach((sample, i) => { if (sample !== 0) this.last = currentFrame + i; });
    return true;
  }
});
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_chromium() is None, reason=f"no browser on the PATH: {', '.join(CHROMIUM_NAMES)}"),
]


@pytest.fixture
def channel() -> Iterator[ScriptedChannel]:
    with ScriptedChannel() as channel:
        yield channel


def _open(browser: Page, channel: ScriptedChannel) -> None:
    browser.open(channel.url + "talk")
    browser.wait_for(f"{STATE}.connection === 'open'")


def test_a_permission_withdrawn_in_mid_call_is_explained(channel: ScriptedChannel) -> None:
    with Browser() as browser:
        _open(browser, channel)
        browser.click("#hands-free")
        browser.wait_for(f"{STATE}.microphone === 'on' && {STATE}.phase === 'listening'")
        browser.forbid_microphone()
        browser.wait_for(f"{STATE}.microphone === 'refused'")
        assert "microphone is blocked" in browser.text("[data-subject=microphone]")
        channel.wait_for("stop")  # what was being said when it happened is answered
        browser.type("#words", "hello")
        browser.press_key("Enter")
        assert channel.wait_for("text")["text"] == "hello"
        assert browser.complaints == []


def test_a_missing_microphone_is_explained(channel: ScriptedChannel) -> None:
    with Browser(has_microphone=False) as browser:
        _open(browser, channel)
        browser.click("#talk")
        browser.wait_for(f"{STATE}.microphone === 'missing'")
        assert "No microphone was found" in browser.text("[data-subject=microphone]")
        assert browser.text("#caption") == "No microphone. You can type"
        assert browser.text("#welcome h2") == "Ask in writing."


@pytest.mark.skipif(find_firefox() is None, reason=f"no browser on the PATH: {', '.join(FIREFOX_NAMES)}")
def test_firefox_without_a_loudspeaker_shows_the_answers_and_says_so(channel: ScriptedChannel) -> None:
    """It never starts an AudioContext then, and says nothing about it."""
    with Firefox(has_output=False) as firefox, firefox.page() as page:
        _open(page, channel)
        channel.say("a", "Welcome!", 1)
        page.wait_for(f"{STATE}.output === 'held'")
        page.click("h1")
        page.wait_for(f"{STATE}.output === 'none'")
        channel.wait_until_heard("a", 1000)
        assert "no loudspeaker" in page.text("[data-subject=output]")
        assert page.text("#caption") == "Hold to talk, or tap"
        channel.say("b", "It is shown.", 2)
        channel.wait_until_heard("b", 2000)
        assert page.evaluate(f"{STATE}.phase") == "idle"
        page.click("#talk")
        page.wait_for(f"{STATE}.microphone === 'stalled'")
        assert "does not start its sound" in page.text("[data-subject=microphone]")


@pytest.mark.skipif(find_firefox() is None, reason=f"no browser on the PATH: {', '.join(FIREFOX_NAMES)}")
def test_firefox_that_denies_the_microphone_is_explained(channel: ScriptedChannel) -> None:
    with Firefox(has_output=False, allow_microphone=False) as firefox, firefox.page() as page:
        _open(page, channel)
        page.click("#talk")
        page.wait_for(f"{STATE}.microphone === 'refused'")
        assert "microphone is blocked" in page.text("[data-subject=microphone]")
        assert page.text("#caption") == "Microphone blocked. You can type"


def test_a_microphone_tapped_while_the_server_is_away_is_not_blamed(launch: Launch, channel: ScriptedChannel) -> None:
    with launch() as page:
        _open(page, channel)
        channel.answers = False
        channel.cut_wire()
        page.wait_for(f"{STATE}.connection === 'waiting'")
        page.wait_for("document.querySelector('[data-subject=connection]') !== null")
        page.click("#talk")
        assert page.text("#caption") == "Reconnecting…"
        assert page.text("[data-subject=microphone]") == ""
        channel.answers = True
        channel.cut_wire()  # an attempt that nobody answered
        page.click("#talk")
        page.wait_for(f"{STATE}.connection === 'open'")
        assert page.text(".notices") == ""
        assert page.text("#caption") == "Hold to talk, or tap"
        page.click("#talk")
        page.wait_for(f"{STATE}.microphone === 'on'")


def test_a_full_server_is_waited_for(launch: Launch, channel: ScriptedChannel) -> None:
    channel.answers = False
    with launch() as page:
        page.open(channel.url + "talk")
        channel.wait_for("start")
        channel.send("error", code="busy", message="All 16 places are taken.", retry_after_s=1)
        channel.close(1013)
        page.wait_for("document.querySelector('[data-subject=connection]') !== null")
        assert (
            page.text("[data-subject=connection] p")
            == "All places are taken. This page takes the next one that is free."
        )
        assert page.text("#caption") == "Waiting for a place…"
        channel.answers = True
        page.wait_for(f"{STATE}.connection === 'open'")
        assert page.text(".notices") == ""


def test_a_newer_page_is_offered(launch: Launch, channel: ScriptedChannel) -> None:
    with launch() as page:
        _open(page, channel)
        channel.ready["page"] = "2"
        channel.cut_wire()
        channel.wait_for("start", 2)
        page.wait_for("document.querySelector('[data-subject=page]') !== null")
        page.click("[data-subject=page] button")
        channel.wait_for("start", 3)
        page.wait_for(f"{STATE}.connection === 'open' && document.querySelector('[data-subject=page]') === null")


def test_a_microphone_that_is_unplugged_is_told_from_a_refusal(channel: ScriptedChannel) -> None:
    with Browser() as browser:
        browser.call(
            "Page.addScriptToEvaluateOnNewDocument",
            source="const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);"
            "navigator.mediaDevices.getUserMedia = async (w) => (window.microphone = await ask(w));",
        )
        _open(browser, channel)
        browser.click("#hands-free")
        browser.wait_for(f"{STATE}.microphone === 'on'")
        browser.evaluate("window.microphone.getAudioTracks()[0].dispatchEvent(new Event('ended'))")
        browser.wait_for(f"{STATE}.microphone === 'lost'")
        assert "disconnected" in browser.text("[data-subject=microphone]")
        browser.click("#talk")
        browser.wait_for(f"{STATE}.microphone === 'on'")
        assert browser.text("[data-subject=microphone]") == ""


def test_a_network_that_is_gone_is_noticed_and_its_return_used_at_once(channel: ScriptedChannel) -> None:
    """The socket itself stays open without a sign: only the browser knows that there is no network."""
    with Browser() as browser:
        _open(browser, channel)
        session = browser.evaluate(f"{STATE}.session")
        channel.ready["resumed"] = True
        browser.offline(True)
        browser.wait_for(f"{STATE}.connection === 'waiting'")
        browser.wait_for("document.querySelector('[data-subject=connection]') !== null")
        browser.offline(False)
        assert channel.wait_for("start", 2)["session_id"] == session
        browser.wait_for(f"{STATE}.connection === 'open' && {STATE}.session === {session!r}")
        assert browser.text("[data-subject=connection]") == ""
        assert browser.evaluate("document.querySelector('.divider')") is None


def test_a_name_too_long_for_a_telephone_is_cut(channel: ScriptedChannel) -> None:
    with Browser(size=(390, 844)) as browser:
        _open(browser, channel)
        browser.click("#hands-free")
        channel.say("a", "For how many people?", 5)
        browser.wait_for(f"{STATE}.phase === 'speaking'")
        height = "document.querySelector('.dock').getBoundingClientRect().height"
        before = browser.evaluate(height)
        browser.evaluate("document.getElementById('bot-name').textContent = 'The Copper Kettle at the Old Harbour'")
        assert browser.evaluate("innerWidth") == 390, "a page that is too wide widens the viewport of a telephone"
        assert browser.evaluate("document.getElementById('open-settings').getBoundingClientRect().right") <= 390
        browser.press_key("Escape")
        browser.wait_for(f"{STATE}.phase === 'listening'")
        assert browser.evaluate(height) == before, "the controls stay where they are"


def test_nothing_answers_once_the_conversation_has_ended(channel: ScriptedChannel) -> None:
    with Browser() as browser:
        _open(browser, channel)
        channel.send("bot.message", id="a", text="For when?", buttons=[{"title": "Today", "payload": "/today"}])
        browser.wait_for("document.querySelector('.choice') !== null")
        browser.click("#end")
        browser.wait_for("!document.getElementById('ended').hidden")
        assert browser.evaluate("document.querySelector('.choice').disabled")
        assert not browser.evaluate("document.getElementById('hands-free').checkVisibility()")
        browser.evaluate("document.activeElement.blur()")
        browser.press_key("Space")
        browser.click("#open-settings")
        browser.wait_for("document.getElementById('settings').open")
        assert browser.evaluate(f"{STATE}.microphone") == "off"


def test_unfolded_times_are_in_view(channel: ScriptedChannel) -> None:
    with Browser(size=(390, 500)) as browser:
        _open(browser, channel)
        channel.send("bot.message", id="a", text="For when? " * 40)
        channel.send("turn.end", metrics={"endpoint": 256, "asr": 41, "rasa": 38})
        browser.click(".timing summary")
        browser.wait_for("document.querySelector('.timing').open")
        browser.wait_for(
            "document.querySelector('.timing dl').getBoundingClientRect().bottom"
            " <= document.querySelector('#conversation').getBoundingClientRect().bottom"
        )


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The page's files, and a recorder of what reaches the loudspeaker."""
    shutil.copytree(WEB, tmp_path / "talk")
    (tmp_path / "recorder.js").write_text(RECORDER)
    with served(tmp_path) as address:
        yield address


@pytest.mark.parametrize("how", ["flush", "refuse", "pause"])
def test_the_voice_falls_silent_within_one_step_of_the_audio_thread(site: str, how: str) -> None:
    with Browser() as browser:
        browser.open(site + "talk/icon.svg")
        browser.click("svg")  # browsers let no sound out before the person has done something
        flushed_at, last, step, heard = browser.evaluate(
            f"""import('/talk/sound/player.js').then(async ({{ Player }}) => {{
              let loudspeaker;
              const connect = AudioNode.prototype.connect;
              AudioNode.prototype.connect = function (target, ...rest) {{
                if (target instanceof AudioDestinationNode) loudspeaker = this;
                return connect.call(this, target, ...rest);
              }};
              const player = new Player();
              player.prepare(16000);
              player.unlock();
              const {{ context }} = loudspeaker;
              await context.audioWorklet.addModule('/recorder.js');
              const recorder = new AudioWorkletNode(context, 'recorder');
              loudspeaker.connect(recorder);
              const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
              player.begin('a', 16000);
              player.push(Int16Array.from({{ length: 80000 }}, (_, i) => 5000 + 4000 * Math.sin(i / 5)).buffer);
              while (player.level < 0.1) await sleep(20);
              await sleep(200);
              const before = context.currentTime * 16000;
              const cut = player.{how}();
              await sleep(300);
              const last = await new Promise((resolve) => {{
                recorder.port.onmessage = ({{ data }}) => resolve(data);
                recorder.port.postMessage(null);
              }});
              return [before, last, context.baseLatency * 16000, cut.playedMs];
            }})"""
        )
        assert last > 1000, "the recorder hears the voice"
        # The page's clock may lag behind by one block of the sound device, in which the audio thread works ahead.
        assert last - flushed_at <= step + 2 * BLOCK
        assert 100 < heard <= 1000 * (flushed_at / 16000)
