"""The page without a bot, in a real browser: its own reckoning, and what it says when something is missing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM_NAMES, Browser, find_chromium
from served import served

import convai_rasa.voice

WEB = Path(convai_rasa.voice.__file__).parent / "web"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_chromium() is None, reason=f"no browser on the PATH: {', '.join(CHROMIUM_NAMES)}"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page's files as the channel lays them out, without the channel: ``…/page.html`` and ``…/talk/<file>``."""
    root = tmp_path_factory.mktemp("site")
    shutil.copytree(WEB, root / "talk")
    shutil.copy(WEB / "index.html", root / "page.html")
    with served(root) as address:
        yield address


@pytest.fixture(scope="module")
def browser(site: str) -> Iterator[Browser]:
    with Browser() as browser:
        browser.open(site + "talk/icon.svg")
        browser.click("svg")  # browsers let no sound out before the person has done something
        yield browser


def _resample(browser: Browser, frequency: float, rate: int, block: int) -> dict[str, float]:
    """Level in dB and length of one second of a sine after it came down to 16 kHz in blocks of ``block`` samples."""
    result: dict[str, float] = browser.evaluate(
        f"""import('/talk/sound/resampler.js').then(({{ Resampler }}) => {{
          const resampler = new Resampler({rate}, 16000);
          const output = [];
          for (let start = 0; start < {rate}; start += {block}) {{
            const length = Math.min({block}, {rate} - start);
            output.push(...resampler.process(Float32Array.from({{ length }},
              (_, i) => Math.sin(2 * Math.PI * {frequency} * (start + i) / {rate}))));
          }}
          const middle = output.slice(2000, 14000);
          const power = middle.reduce((sum, sample) => sum + sample * sample, 0) / middle.length;
          return {{ db: 10 * Math.log10(2 * power + 1e-20), length: output.length }};
        }})"""
    )
    return result


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("frequency", [200, 3_000, 6_500])
def test_resampler_keeps_speech(browser: Browser, rate: int, frequency: float) -> None:
    result = _resample(browser, frequency, rate, block=128)
    assert abs(result["db"]) < 0.1
    assert 15_900 < result["length"] <= 16_000


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("frequency", [8_600, 11_000, 15_500, 20_000])
def test_resampler_removes_what_would_fold_back(browser: Browser, rate: int, frequency: float) -> None:
    assert _resample(browser, frequency, rate, block=128)["db"] < -70


def test_resampler_does_not_care_about_block_sizes(browser: Browser) -> None:
    whole, pieces = (_resample(browser, 440, 48_000, block) for block in (48_000, 37))
    assert whole == pytest.approx(pieces, abs=1e-6)


def test_gate_lets_the_last_moment_through(browser: Browser) -> None:
    passed = browser.evaluate(
        """import('/talk/sound/gate.js').then(({ Gate }) => {
          const gate = new Gate();
          const passed = [gate.pass()];
          gate.open();
          passed.push(gate.pass());
          gate.release();
          for (let i = 0; i < 7; i += 1) passed.push(gate.pass());
          return [passed, gate.state];
        })"""
    )
    assert passed == [[False, True, True, True, True, True, True, False, False], "shut"]


def _player(browser: Browser, script: str) -> Any:
    """Run a script with a ``player`` at 16 kHz, ``tone(ms)`` for PCM16 and ``sleep(ms)``; return its value."""
    return browser.evaluate(
        """import('/talk/sound/player.js').then(async ({ Player }) => {
          const player = new Player();
          player.prepare(16000);
          player.unlock();
          const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
          const tone = (ms) => Int16Array.from({ length: 16 * ms }, (_, i) => 9000 * Math.sin(i / 5)).buffer;
          const reports = [];
          for (const type of ['progress', 'finish']) {
            player.addEventListener(type, ({ detail }) => reports.push([type, detail.id, detail.playedMs]));
          }
          """
        + script
        + "})"
    )


def test_player_plays_in_order_and_reports(browser: Browser) -> None:
    reports, level, speaking = _player(
        browser,
        """player.begin('a', 16000); player.push(tone(400)); player.push(tone(300)); player.end('a');
        player.begin('b', 16000); player.push(tone(200)); player.end('b');
        await sleep(400); const level = player.level;
        for (let i = 0; i < 100 && player.speaking; i += 1) await sleep(50);
        return [reports, level, player.speaking];""",
    )
    assert [report for report in reports if report[0] == "finish"] == [["finish", "a", 700], ["finish", "b", 200]]
    assert level == pytest.approx(9000 / 32768 / 2**0.5, rel=0.05)
    assert not speaking


def test_player_refuses_what_was_still_to_come(browser: Browser) -> None:
    cut, level, after, total = _player(
        browser,
        """player.announce('a'); player.announce('b');
        player.begin('a', 16000); player.push(tone(2000));
        await sleep(500);
        const cut = player.refuse();
        player.push(tone(500)); player.end('a');
        player.begin('b', 16000); player.push(tone(500)); player.end('b');
        await sleep(100);
        const level = player.level, after = player.speaking;
        player.announce('c'); player.begin('c', 16000); player.push(tone(100)); player.end('c');
        for (let i = 0; i < 40 && player.speaking; i += 1) await sleep(50);
        return [cut, level, after, player.totalMs - cut.playedMs];""",
    )
    assert cut["id"] == "a"
    assert 200 < cut["playedMs"] < 800
    assert (level, after) == (0, False)
    assert total == pytest.approx(100, abs=2), "only what was said after the interruption is heard after it"


def test_player_goes_on_where_it_fell_silent(browser: Browser) -> None:
    """The server's idea of where that was is a little behind: what was heard is not heard again."""
    cut, silent, played, finished = _player(
        browser,
        """player.begin('a', 16000); player.push(tone(2000)); player.end('a');
        await sleep(400);
        const cut = player.flush();
        player.push(tone(500)); const silent = !player.speaking && player.level === 0;
        player.begin('a', 16000, cut.playedMs - 150); player.push(tone(2000 - cut.playedMs + 150)); player.end('a');
        for (let i = 0; i < 100 && player.speaking; i += 1) await sleep(50);
        return [cut, silent, player.totalMs, reports.at(-1)];""",
    )
    assert (cut["lengthMs"], silent) == (2000, True)
    assert finished == ["finish", "a", 2000]
    assert played == pytest.approx(2000, abs=5)


@pytest.mark.parametrize(
    ("shown", "heard", "spoken", "before"),
    [
        ("We have soup. And bread.", "We have soup.", None, "We have soup."),
        ("We have soup.", "", None, ""),
        ("We have soup.", "We have soup.", None, "We have soup."),
        ("It costs $5 today", "It costs five", "It costs five dollars today", "It costs"),
        ("line one\n\nline two", "line one line", None, "line one\n\nline"),
    ],
)
def test_heard_words(browser: Browser, shown: str, heard: str, spoken: str | None, before: str) -> None:
    parts = browser.evaluate(
        f"import('/talk/conversation/heard.js').then(m => m.splitHeard({json.dumps(shown)}, {json.dumps(heard)},"
        f" {json.dumps(spoken) if spoken else 'undefined'}))"
    )
    assert parts == [before, shown.removeprefix(before)]


def test_words_heard_until_a_moment(browser: Browser) -> None:
    spoken = "one two three four"
    ask = "import('/talk/conversation/heard.js').then(m => [0, 250, 600, 1000].map(ms => m.heardUntil({}, ms, {})))"
    assert browser.evaluate(ask.format(json.dumps(spoken), 1000)) == ["", "one", "one two", spoken]
    # Not all of it has arrived: 18 letters take about 1170 ms.
    assert browser.evaluate(ask.format(json.dumps(spoken), "undefined")) == ["", "one", "one two", "one two three"]
    assert browser.evaluate("import('/talk/conversation/heard.js').then(m => m.heardUntil('', 500))") == ""


def test_timing_view_puts_the_parts_in_order(browser: Browser) -> None:
    metrics = {"endpoint": 400, "asr": 100, "rasa": 80, "tts_first_audio": 120, "response": 700}
    total, parts, words, nothing = browser.evaluate(
        f"""import('/talk/conversation/timing.js').then(({{ timingView }}) => {{
          const html = document.implementation.createHTMLDocument();
          const create = document.createElement.bind(document);
          document.createElement = (tag) => html.createElement(tag);
          const view = timingView({json.dumps(metrics)});
          document.createElement = create;
          return [view.querySelector('summary').textContent,
            [...view.querySelectorAll('.segment')].map((part) => [part.dataset.part, Number(part.style.flexGrow)]),
            view.querySelector('[role=img]').getAttribute('aria-label'),
            timingView({{ endpoint: 512 }})];
        }})"""
    )
    assert total == "Answered in 700 ms"
    assert parts == [["endpoint", 400], ["asr", 100], ["rasa", 80], ["tts_first_audio", 120]]
    assert words.split(", ")[1] == "Recognizing your words: 100 ms"
    assert nothing is None, "a turn without an answer has no answering time"


def test_unreachable_server_is_explained_and_tried_again(site: str) -> None:
    with Browser() as browser:
        browser.open(site + "page.html")
        browser.wait_for("document.documentElement.dataset.connection === 'waiting'")
        browser.wait_for("document.querySelector('[role=alert]') !== null")
        assert "cannot be reached" in browser.text("[role=alert]")
        assert browser.text("#connection") == "Reconnecting…"
        browser.wait_for("performance.now() > 3000")
        attempts = [url for url in browser.requests if url.startswith("ws:")]
        assert 2 <= len(attempts) <= 5, "it tries again, less and less often"


def test_token_leaves_the_address_and_survives_another_load_of_the_page(site: str) -> None:
    with Browser() as browser:
        browser.open(site + "page.html#token=only-for-this-tab")
        browser.wait_for("location.hash === '' && sessionStorage.length === 1")
        browser.open(
            site + "page.html"
        )  # not location.reload(): what is asked next may still meet the page that leaves
        token = browser.evaluate("import('/talk/controls/settings.js').then(({ takeToken }) => takeToken())")
        assert token == "only-for-this-tab"


@pytest.mark.parametrize("dark", [False, True])
def test_contrast_and_names(site: str, dark: bool) -> None:
    """Text against its background reaches 4.5 to 1 (WCAG 2.1 AA), and every control has a name."""
    with Browser(dark=dark) as browser:
        browser.open(site + "page.html")
        browser.wait_for("document.querySelector('[role=alert]') !== null")
        weak = browser.evaluate(
            """(() => {
              const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
              const luminance = (rgb) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
                const c = rgb[i] / 255;
                return sum + weight * (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
              }, 0);
              const ground = (element) => {
                for (let e = element; e; e = e.parentElement) {
                  const rgba = numbers(getComputedStyle(e).backgroundColor);
                  if ((rgba[3] ?? 1) > 0) return rgba;
                }
                return [255, 255, 255];
              };
              const weak = [];
              for (const element of document.querySelectorAll('body *')) {
                const words = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
                if (!words && !element.matches('button') || !element.checkVisibility()) continue;
                const [high, low] = [numbers(getComputedStyle(element).color), ground(element)]
                  .map(luminance).sort((a, b) => b - a);
                if ((high + 0.05) / (low + 0.05) < 4.5) weak.push(element.outerHTML.slice(0, 80));
              }
              return weak;
            })()"""
        )
        assert weak == []
        tree = browser.call("Accessibility.getFullAXTree")["nodes"]
        controls = [n for n in tree if n.get("role", {}).get("value") in {"button", "switch", "textbox", "meter"}]
        assert len(controls) >= 5
        assert all(control["name"]["value"] for control in controls)
