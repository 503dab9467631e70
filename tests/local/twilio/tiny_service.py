"""A service small enough to see through, for the simulator to call: webhooks and a media WebSocket on loopback."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from local.twilio.routes import Routes
from local.twilio.target import CallTarget

TOKEN = "0123456789abcdef"
VOICE_URL = "https://calls.test/webhook/incoming_call"
STATUS_URL = "https://calls.test/webhook/stream_status"
MEDIA_URL = "wss://media.test/ws/twilio-media"
CONNECT = (
    f'<Response><Connect action="{VOICE_URL}/after-stream"><Stream url="{MEDIA_URL}" statusCallback="{STATUS_URL}">'
    '<Parameter name="token" value="t-1"/></Stream></Connect></Response>'
)
HANGUP = "<Response><Hangup/></Response>"


class MediaSession:
    """The service's end of one media stream."""

    def __init__(self, ws: web.WebSocketResponse, request: web.Request) -> None:
        self.ws = ws
        self.request = request
        self.received: list[Any] = []
        self.stream_sid = ""

    async def receive(self) -> dict[str, Any] | None:
        """The next JSON message; None for anything else and at the end."""
        message = await self.ws.receive()
        if message.type is not WSMsgType.TEXT:
            self.received.append(message.type)
            return None
        try:
            parsed: dict[str, Any] = json.loads(message.data)
        except ValueError:
            self.received.append("not JSON")
            return {}
        self.received.append(parsed)
        return parsed

    async def receive_until(self, event: str) -> dict[str, Any]:
        while True:
            message = await self.receive()
            assert message is not None, f"the stream ended before {event!r}"
            if message.get("event") == event:
                return message

    async def begin(self) -> dict[str, Any]:
        start = await self.receive_until("start")
        self.stream_sid = start["streamSid"]
        return start

    async def play(self, audio: bytes) -> None:
        await self.send("media", media={"payload": base64.b64encode(audio).decode()})

    async def send(self, event: str, **body: Any) -> None:
        await self.ws.send_json({"event": event, "streamSid": self.stream_sid, **body})

    async def drain(self) -> None:
        """Read until the other side ends the stream."""
        while not self.ws.closed:
            await self.receive()

    def events(self) -> list[str]:
        return [m["event"] if isinstance(m, dict) else str(m) for m in self.received]


@dataclass
class TinyService:
    answers: dict[str, str] = field(default_factory=dict)
    """TwiML by path; `/after-stream` hangs up unless it says otherwise."""
    content_type: str = "text/xml"
    converse: Callable[[MediaSession], Awaitable[None]] | None = None
    """Talks on each media stream; returning closes it. None refuses every stream."""
    posts: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Path and form of each webhook, in the order received."""
    unsigned: list[str] = field(default_factory=list)
    """Public URLs of requests whose signature Twilio's own validator refuses."""
    sessions: list[MediaSession] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def forms(self, path: str) -> list[dict[str, str]]:
        return [form for posted, form in self.posts if posted == path]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[CallTarget]:
        app = web.Application()
        app.router.add_get("/ws/twilio-media", self._media)
        app.router.add_post("/status", self._status)
        app.router.add_post("/{path:.*}", self._voice)
        runner = web.AppRunner(app, shutdown_timeout=1.0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        here = f"http://{host}:{port}"
        try:
            routes = Routes({VOICE_URL: here, STATUS_URL: f"{here}/status", "media.test": here})
            yield CallTarget(VOICE_URL, TOKEN, routes, asks_after_s=(0.0, 0.05))
        finally:
            await runner.cleanup()

    async def _voice(self, request: web.Request) -> web.Response:
        await self._note(request, VOICE_URL + (request.path if request.path != "/" else ""))
        text = self.answers.get(request.path, HANGUP)
        return web.Response(text=text, content_type=self.content_type)

    async def _status(self, request: web.Request) -> web.Response:
        await self._note(request, STATUS_URL)
        return web.Response(status=204)

    async def _note(self, request: web.Request, public_url: str) -> None:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.posts.append((request.path, form))
        self.headers.append(dict(request.headers))
        if not RequestValidator(TOKEN).validate(public_url, form, request.headers.get("X-Twilio-Signature", "")):
            self.unsigned.append(public_url)

    async def _media(self, request: web.Request) -> web.StreamResponse:
        if not RequestValidator(TOKEN).validate(MEDIA_URL, {}, request.headers.get("X-Twilio-Signature", "")):
            self.unsigned.append(MEDIA_URL)
        if self.converse is None:
            return web.Response(status=503)
        ws = web.WebSocketResponse(protocols=("audio.twilio.com",), compress=False, timeout=1.0)
        await ws.prepare(request)
        session = MediaSession(ws, request)
        self.sessions.append(session)
        await self.converse(session)
        await ws.close()
        return ws
