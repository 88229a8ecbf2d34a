"""The chat channels of the documentation in a real Sanic server, between a chat platform on this machine and a bot."""

from __future__ import annotations

import contextlib
import functools
from typing import Any, AsyncIterator, Callable, Dict, List

import aiohttp
import pytest
from aiogram.bot.api import TelegramAPIServer
from aiohttp import web
from rasa.core.channels.channel import UserMessage
from sanic import Sanic
from snippets import snippets
from twilio.request_validator import RequestValidator

from convai_rasa.audio import wav_bytes
from convai_rasa.launch import free_port
from convai_rasa.tts import SharedVoice
from convai_rasa.voice import transcribe_attachment

pytestmark = pytest.mark.models

TOKEN = "123456:telegram"
ACCOUNT, SECRET = "AC1", "12345"


def channel_class(name: str) -> Any:
    """The class as the documentation has it, but that recordings may come from this machine."""
    (snippet,) = [snippet for snippet in snippets("python") if f"class {name}" in snippet.code]
    namespace: Dict[str, Any] = {}
    exec(compile(snippet.code, str(snippet), "exec"), namespace)
    here = functools.partial(transcribe_attachment, model="whisper/tiny.en", allow_private=True)
    namespace["transcribe_attachment"] = here
    return namespace[name]


@pytest.fixture
def recording(voice: SharedVoice) -> bytes:
    return wav_bytes(voice.synthesize("What are your opening hours?"), voice.sample_rate)


class Platform:
    """What a chat platform offers, as far as the channels ask for it."""

    def __init__(self, recording: bytes) -> None:
        self.recording = recording
        self.sent: List[str] = []
        self.url = ""

    async def telegram(self, request: web.Request) -> web.Response:
        method = request.match_info["method"].lower()
        if method == "sendmessage":
            self.sent.append((await request.post())["text"])  # type: ignore[arg-type]
        results: Dict[str, Any] = {
            "getme": {"id": 1, "is_bot": True, "first_name": "Bot", "username": "thebot"},
            "getfile": {"file_id": "F1", "file_unique_id": "U1", "file_path": "voice/file_1.oga"},
            "setwebhook": True,
            "sendmessage": {"message_id": 2, "date": 0, "chat": {"id": 7, "type": "private"}},
        }
        return web.json_response({"ok": True, "result": results[method]})

    async def file(self, request: web.Request) -> web.Response:
        return web.Response(body=self.recording)

    async def media(self, request: web.Request) -> web.Response:
        given = request.headers.get("Authorization")
        return web.Response(body=self.recording) if given else web.Response(status=401)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post(f"/bot{TOKEN}/{{method}}", self.telegram)
        app.router.add_get(f"/file/bot{TOKEN}/{{path:.*}}", self.file)
        app.router.add_get("/media", self.media)
        return app


@pytest.fixture
async def platform(recording: bytes, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Platform]:
    platform = Platform(recording)
    runner = web.AppRunner(platform.app())
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    platform.url = f"http://127.0.0.1:{port}"
    local = TelegramAPIServer.from_base(platform.url)
    api, file = local.base, local.file
    monkeypatch.setattr(
        TelegramAPIServer, "api_url", lambda self, token, method: api.format(token=token, method=method)
    )
    monkeypatch.setattr(TelegramAPIServer, "file_url", lambda self, token, path: file.format(token=token, path=path))
    yield platform
    await runner.cleanup()


@contextlib.asynccontextmanager
async def serving(channel: Any, on_message: Callable[[UserMessage], Any]) -> AsyncIterator[str]:
    port = free_port()
    app = Sanic(f"chat_{port}")
    app.blueprint(channel.blueprint(on_message), url_prefix="/webhooks/chat")
    server = await app.create_server("127.0.0.1", port, return_asyncio_server=True)
    await server.startup()
    await server.start_serving()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.close()
        await server.wait_closed()


class Bot:
    def __init__(self) -> None:
        self.heard: List[UserMessage] = []

    async def __call__(self, message: UserMessage) -> None:
        self.heard.append(message)


def telegram(monkeypatch: pytest.MonkeyPatch) -> Any:
    channel = channel_class("HearingTelegram")(TOKEN, "thebot", "https://bot.example.com")
    # Rasa's channel registers itself with Telegram in an event loop of its own, before Sanic has one.
    from rasa.core.channels.telegram import TelegramOutput

    monkeypatch.setattr(type(channel), "get_output_channel", lambda self: TelegramOutput(self.access_token))
    return channel


async def post(url: str, **content: Any) -> int:
    async with aiohttp.ClientSession() as session, session.post(url, **content) as reply:
        await reply.read()
        return reply.status


def update(**content: Any) -> Dict[str, Any]:
    chat = {"id": 7, "type": "private"}
    return {"update_id": 1, "message": {"message_id": 1, "date": 0, "chat": chat, **content}}


VOICE = {"voice": {"file_id": "F1", "file_unique_id": "U1", "duration": 2}}


async def test_telegram_hears_and_still_reads(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    bot = Bot()
    async with serving(telegram(monkeypatch), bot) as url:
        assert await post(f"{url}/webhooks/chat/webhook", json=update(**VOICE)) == 200
        assert await post(f"{url}/webhooks/chat/webhook", json=update(text="hello")) == 200
    spoken, typed = bot.heard
    assert "opening hours" in spoken.text.lower()
    assert 0 < spoken.metadata["voice"]["confidence"] <= 1
    assert (typed.text, typed.metadata) == ("hello", None)


async def test_telegram_says_what_is_wrong_with_a_recording(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.recording = b"no recording"
    bot = Bot()
    async with serving(telegram(monkeypatch), bot) as url:
        assert await post(f"{url}/webhooks/chat/webhook", json=update(**VOICE)) == 200
    assert bot.heard == []
    assert len(platform.sent) == 1
    assert "not a recording" in platform.sent[0]
    assert TOKEN not in platform.sent[0]


async def test_whatsapp_hears_and_still_reads(platform: Platform) -> None:
    bot = Bot()
    channel = channel_class("HearingWhatsApp")(ACCOUNT, SECRET, "whatsapp:+441632960002")
    async with serving(channel, bot) as url:
        channel.public_url = url
        webhook = f"{url}/webhooks/chat/webhook"
        media = {"NumMedia": "1", "MediaContentType0": "audio/ogg", "MediaUrl0": f"{platform.url}/media"}
        spoken = {"From": "whatsapp:+441632960001", "Body": "", **media}
        typed = {"From": "whatsapp:+441632960001", "Body": "hello", "NumMedia": "0"}
        for form in (spoken, typed):
            signature = RequestValidator(SECRET).compute_signature(webhook, form)
            assert await post(webhook, data=form, headers={"X-Twilio-Signature": signature}) == 204
            assert await post(webhook, data=form, headers={"X-Twilio-Signature": "forged"}) == 403
    heard, read = bot.heard
    assert "opening hours" in heard.text.lower()
    assert 0 < heard.metadata["voice"]["confidence"] <= 1
    assert (read.text, read.metadata) == ("hello", None)
