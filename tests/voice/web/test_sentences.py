"""What the page says in every state it can be in: one true sentence, and the same states in all its languages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Launch
from page_driver import Page
from served import served

from convai_rasa.voice.http.page import WEB

pytestmark = pytest.mark.browser

CALM = {
    "connection": "open",
    "why": None,
    "device": "off",
    "output": "ready",
    "handsFree": False,
    "latched": False,
    "silent": False,
    "phase": "idle",
    "outdated": False,
    "trouble": None,
}
HOLD = "Hold to talk, or tap"


def waits(code: str, **more: Any) -> dict[str, Any]:
    return {"connection": "waiting", "why": {"code": code}, **more}


def refused(code: str, **more: Any) -> dict[str, Any]:
    return {"connection": "refused", "why": {"code": code, **more}}


# What is different from a calm page → the line under the button, and how each notice begins.
STATES: list[tuple[str, dict[str, Any], str, list[str]]] = [
    ("nothing happens", {}, HOLD, []),
    ("nothing happens, hands-free", {"handsFree": True}, "Tap to start listening", []),
    ("first connection", {"connection": "connecting"}, "Connecting…", []),
    ("just lost", {"connection": "waiting"}, "Reconnecting…", []),
    ("lost", waits("lost"), "Reconnecting…", ["The connection was lost"]),
    (
        "server down, microphone tapped",
        waits("unreachable", device="off"),
        "Reconnecting…",
        ["The bot cannot be reached"],
    ),
    ("a proxy without WebSockets", waits("turnedAway"), "Reconnecting…", ["The bot is running but closes"]),
    ("full", waits("busy"), "Waiting for a place…", ["All places are taken"]),
    ("starting", waits("starting"), "The bot is starting…", ["The bot is still loading"]),
    ("restarting", waits("stopping"), "The bot is starting…", ["The bot is being restarted"]),
    ("no token", refused("unauthorized"), "Not connected", ["The bot wants a token"]),
    ("wrong token", refused("wrongToken"), "Not connected", ["The bot does not accept this token"]),
    (
        "another machine",
        refused("forbidden_machine", message="This machine only."),
        "Not connected",
        ["This machine only."],
    ),
    ("refused without a word", {"connection": "refused"}, "Not connected", ["The bot refused"]),
    ("ended", {"connection": "ended", "device": "refused", "outdated": True}, "", []),
    ("asked for the microphone", {"device": "asking"}, "Waiting for the microphone…", []),
    ("denied", {"device": "refused"}, "Microphone blocked. You can type", ["The microphone is blocked"]),
    ("denied, hands-free", {"device": "refused", "handsFree": True}, "Microphone blocked. You can type", ["The mic"]),
    ("none there", {"device": "missing"}, "No microphone. You can type", ["No microphone was found"]),
    ("unplugged", {"device": "lost"}, "No microphone. You can type", ["The microphone was disconnected"]),
    ("taken", {"device": "busy"}, "No microphone. You can type", ["The microphone is in use"]),
    ("http", {"device": "insecure"}, "No microphone. You can type", ["Browsers allow the microphone only on https"]),
    ("old browser", {"device": "unsupported"}, "No microphone. You can type", ["This browser cannot record"]),
    ("Firefox without sound", {"device": "stalled"}, "No microphone. You can type", ["The browser does not start"]),
    ("server gone meanwhile", {"device": "unfinished"}, "No microphone. You can type", ["The microphone could not"]),
    ("muted by the system", {"device": "muted", "phase": "listening"}, "The microphone is muted. You can type", []),
    ("greeting held back", {"output": "held", "phase": "speaking"}, "Press any key or tap to hear the bot", []),
    ("no loudspeaker", {"output": "none"}, HOLD, ["This browser found no loudspeaker"]),
    ("held", {"device": "on", "phase": "listening"}, "Listening. Let go when you have finished", []),
    ("tapped", {"device": "on", "phase": "listening", "latched": True}, "Listening. Just stop when you have", []),
    ("tapped, speaking", {"device": "on", "phase": "hearing", "latched": True}, "Listening. Just stop when you", []),
    ("hands-free", {"device": "on", "phase": "listening", "handsFree": True}, "Listening. Just speak", []),
    ("hands-free, speaking", {"device": "on", "phase": "hearing", "handsFree": True}, "Listening…", []),
    ("words are on their way", {"device": "on", "phase": "thinking"}, "One moment…", []),
    ("the bot speaks", {"phase": "speaking"}, "Speaking", []),
    ("it speaks, hands-free", {"device": "on", "phase": "speaking", "handsFree": True}, "Speaking. You can talk", []),
    ("no words", {"device": "on", "silent": True}, "I did not hear any words. Please try again", []),
    ("a newer page", {"outdated": True}, HOLD, ["The bot was updated"]),
    ("a failed turn", {"trouble": {"code": "bot_failed", "message": "x"}}, HOLD, ["The bot failed to answer"]),
    ("another failure", {"trouble": {"code": "frame_too_large", "message": "A frame."}}, HOLD, ["A frame."]),
    (
        "typed while away",
        waits("lost", trouble={"code": "notSent"}),
        "Reconnecting…",
        ["The connection was lost", "Not sent"],
    ),
    ("a failure, then away", {"connection": "waiting", "trouble": {"code": "bot_failed"}}, "Reconnecting…", []),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("site")
    shutil.copytree(WEB, root / "talk")
    with served(root) as address:
        yield address


def _said(page: Page, situation: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = page.evaluate(
        f"""import('/talk/state/sentences.js').then((said) => {{
          const now = {situation!r};
          return {{ caption: said.caption(now), button: said.talkButton(now), welcome: said.welcome(now, true),
            notices: said.notices(now) }};
        }})""".replace("None", "null")
        .replace("True", "true")
        .replace("False", "false")
    )
    return said


def test_every_state_has_its_sentence(launch: Launch, site: str) -> None:
    with launch() as page:
        page.open(site + "talk/icon.svg")
        for name, difference, caption, beginnings in STATES:
            said = _said(page, {**CALM, **difference})
            assert said["caption"].startswith(caption), name
            texts = [notice["text"] for notice in said["notices"]]
            assert len(texts) == len(beginnings), (name, texts)
            assert all(text.startswith(begin) for text, begin in zip(texts, beginnings)), (name, texts)


def test_nobody_is_invited_to_hold_a_button_that_cannot_listen(chromium: Launch, site: str) -> None:
    with chromium() as page:
        page.open(site + "talk/icon.svg")
        for device in ("refused", "missing", "busy", "lost", "insecure", "unsupported", "stalled"):
            said = _said(page, {**CALM, "device": device})
            everything = f"{said['caption']} {said['button']} {said['welcome']}".lower()
            assert "hold" not in everything
            assert said["button"] == "Try the microphone again"
            assert said["welcome"]["title"] == "Ask in writing."


def test_every_language_has_every_text(chromium: Launch, site: str) -> None:
    with chromium() as page:
        page.open(site + "talk/icon.svg")
        shapes = page.evaluate(
            """Promise.all(['en', 'de', 'es'].map(async (code) => {
              const shape = (value) => (typeof value === 'object'
                ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, shape(value[key])])) : typeof value);
              return shape((await import(`/talk/texts/${code}.js`)).default);
            }))"""
        )
        assert shapes[0] == shapes[1] == shapes[2]
        chosen = page.evaluate(
            "import('/talk/texts/index.js').then(({ choose }) =>"
            " [['de-AT', 'en'], ['fr', 'es-MX', 'en'], ['pl'], [], ['EN-gb', 'de']].map((wanted) => choose(wanted)))"
        )
        assert chosen == ["de", "es", "en", "en", "en"]


def test_the_microphone_that_is_allowed_again_takes_its_notice_away(chromium: Launch, site: str) -> None:
    """A notice leaves with its cause; one that was dismissed comes back only with a new one."""
    with chromium() as page:
        page.open(site + "talk/icon.svg")
        seen = page.evaluate(
            """import('/talk/controls/notices.js').then(({ Notices }) => {
              const html = document.implementation.createHTMLDocument();
              const create = document.createElement.bind(document);
              document.createElement = (tag) => html.createElement(tag);
              const list = html.createElement('div');
              const notices = new Notices(list);
              const lost = { subject: 'connection', text: 'lost' };
              const blocked = { subject: 'microphone', text: 'blocked' };
              const seen = [];
              const look = (...wanted) => {
                notices.show(wanted);
                seen.push([...list.children].map((notice) => notice.querySelector('p').textContent));
              };
              look(lost); look(lost, blocked);
              list.querySelector('[data-subject=microphone] button').click();
              look(lost, blocked);
              look(lost); look(lost, blocked); look();
              document.createElement = create;
              return seen;
            })"""
        )
        assert seen == [["lost"], ["lost", "blocked"], ["lost"], ["lost"], ["lost", "blocked"], []]
