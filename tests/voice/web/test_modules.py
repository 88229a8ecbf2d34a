"""The page's own reckoning, run in a real browser: no bot, no model, only the files served from the disk."""

from __future__ import annotations

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM_NAMES, Browser, find_chromium

import convai_rasa.voice

WEB = Path(convai_rasa.voice.__file__).parent / "web"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(find_chromium() is None, reason=f"no browser on the PATH: {', '.join(CHROMIUM_NAMES)}"),
]


class _Files(http.server.SimpleHTTPRequestHandler):
    extensions_map = {".js": "text/javascript", ".html": "text/html", ".css": "text/css", ".svg": "image/svg+xml"}  # noqa: RUF012 -- as the base class has it

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files, directory=str(WEB))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with Browser() as browser:
                browser.open(f"http://127.0.0.1:{server.server_address[1]}/icon.svg")
                yield browser
        finally:
            server.shutdown()
            thread.join(5)


def _resample(browser: Browser, frequency: float, rate: int, block: int) -> dict[str, float]:
    """Level in dB and length of one second of a sine after it came down to 16 kHz in blocks of ``block`` samples."""
    result: dict[str, float] = browser.evaluate(
        f"""import('/resampler.js').then(({{ Resampler }}) => {{
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
        """import('/gate.js').then(({ Gate }) => {
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
        """import('/player.js').then(async ({ Player }) => {
          const player = new Player();
          player.prepare(16000);
          const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
          const tone = (ms) => Int16Array.from({ length: 16 * ms }, (_, i) => 9000 * Math.sin(i / 5)).buffer;
          const reports = [];
          for (const type of ['progress', 'finish']) {
            player.addEventListener(type, ({ detail }) => reports.push([type, detail.id, detail.playedMs]));
          }
          %s
        })"""
        % script
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


def test_player_falls_silent_and_drops_what_was_still_to_come(browser: Browser) -> None:
    cut, level, after, total = _player(
        browser,
        """for (const id of ['a', 'b', 'c']) if (id !== 'c') player.announce(id);
        player.begin('a', 16000); player.push(tone(2000));
        await sleep(500);
        const cut = player.flush();
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


def test_timing_view_puts_the_parts_in_order(browser: Browser) -> None:
    metrics = {"endpoint": 400, "asr": 100, "rasa": 80, "tts_first_audio": 120, "response": 700}
    summary, starts, nothing = browser.evaluate(
        f"""import('/timing.js').then(({{ timingView }}) => {{
          const html = document.implementation.createHTMLDocument();
          const create = document.createElement.bind(document);
          document.createElement = (tag) => html.createElement(tag);
          const view = timingView({json.dumps(metrics)});
          document.createElement = create;
          return [view.querySelector('summary').textContent,
            [...view.querySelectorAll('.bar')].map((bar) => Number(bar.style.getPropertyValue('--start')) * 700),
            timingView({{ endpoint: 512 }})];
        }})"""
    )
    assert summary == "Answered in 700 ms"
    assert starts == pytest.approx([0, 400, 500, 580])
    assert nothing is None, "a turn without an answer has no answering time"
