"""The reply engine against an HTTP server in this process that answers as Vertex AI does. FAULTS names in brackets."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import google.auth.exceptions
import pytest
from aiohttp import ClientPayloadError, web
from google.genai import errors, types

from media_service.adapters.gemini import (
    GENAI_FAILURES,
    GeminiReplies,
    GeminiSettings,
    contents_of,
    gemini_replies,
    vendor_error_of,
)
from media_service.core.conversation import Conversation, Turn
from media_service.errors import VendorError, VendorExhausted, VendorRefused, VendorUnavailable
from media_service.ports import ReplyPart

MARKER = "[סוף]"
ASKED = Conversation(turns=(Turn("assistant", "שלום, איך אפשר לעזור?"), Turn("caller", "אני צריכה מזגן")))

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FakeGemini:
    """Answers each request with the next of the scripted answers, the last one for ever."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.bodies: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.headers: list[str] = []
        self.left = asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.json())
        self.paths.append(request.path_qs)
        self.headers.append(request.headers.get("Authorization", ""))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        try:
            return await answer(request)
        except (asyncio.CancelledError, ConnectionResetError):
            self.left.set()
            raise


def chunk(text: str | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    candidate: dict[str, Any] = {}
    if text is not None:
        candidate["content"] = {"role": "model", "parts": [{"text": text}]}
    if finish is not None:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], **more}


def says(*chunks: dict[str, Any] | str | float, then: str = "end") -> Answer:
    """Chunks to send; a string is sent as it is, a number is a pause in seconds."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for each in chunks:
            if isinstance(each, float):
                await asyncio.sleep(each)
            else:
                line = each if isinstance(each, str) else json.dumps(each, ensure_ascii=False)
                await response.write(f"data: {line}\r\n\r\n".encode())
        if then == "cut" and request.transport:
            await asyncio.sleep(0.01)
            request.transport.abort()
        return response

    return answer


def fails(status: int, message: str = "as scripted") -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response({"error": {"code": status, "message": message, "status": "SCRIPTED"}}, status=status)

    return answer


async def hangs(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    raise AssertionError


async def disconnects(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


@asynccontextmanager
async def answering(*answers: Answer, **more: Any) -> AsyncIterator[tuple[FakeGemini, GeminiReplies]]:
    fake = FakeGemini(*answers)
    app = web.Application()
    app.router.add_post("/{path:.*}", fake.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    settings = GeminiSettings(project="p", base_url=f"http://{host}:{port}", **more)
    try:
        async with gemini_replies(settings, lambda _: "הוראות", MARKER) as engine:
            yield fake, engine
    finally:
        await runner.cleanup()


async def reply_of(engine: GeminiReplies) -> list[ReplyPart]:
    async with asyncio.timeout(5):
        return [part async for part in engine.reply(ASKED)]


async def test_a_reply_comes_in_pieces_as_they_are_ready() -> None:
    async with answering(says(chunk("בשמחה, "), chunk("מה שמך?"), chunk(finish="STOP"))) as (gemini, engine):
        assert await reply_of(engine) == [ReplyPart("בשמחה, "), ReplyPart("מה שמך?")]
    (body,) = gemini.bodies
    assert gemini.paths == [
        "/v1beta1/projects/p/locations/global/publishers/google/models/gemini-3.5-flash-lite"
        ":streamGenerateContent?alt=sse"
    ]
    assert gemini.headers == ["Bearer local"]
    assert body["systemInstruction"]["parts"] == [{"text": "הוראות"}]
    assert [(each["role"], each["parts"][0]["text"]) for each in body["contents"]] == [
        ("user", "(the phone rings)"),
        ("model", "שלום, איך אפשר לעזור?"),
        ("user", "אני צריכה מזגן"),
    ]
    assert body["generationConfig"]["maxOutputTokens"] == 400
    assert "MINIMAL" in json.dumps(body["generationConfig"]["thinkingConfig"])


async def test_what_cannot_be_spoken_is_left_out() -> None:
    async with answering(says(chunk("**בשמחה** 😀\n"), chunk("\u202eדנה", "STOP"))) as (_, engine):
        assert "".join(part.text for part in await reply_of(engine)) == "בשמחה  דנה"


@pytest.mark.parametrize("cut", [(MARKER,), ("[", "סוף]"), ("[סו", "ף", "] ועוד"), tuple(MARKER)])
async def test_the_end_marker_ends_the_call_and_is_never_spoken(cut: tuple[str, ...]) -> None:
    async with answering(says(chunk("להתראות. "), *(chunk(each) for each in cut), chunk(finish="STOP"))) as (_, engine):
        first, *others = await reply_of(engine)
    assert first == ReplyPart("להתראות. ")
    assert [part.ends_call for part in others].count(True) == 1
    assert "".join(part.text for part in others) == ("ועוד" if "ועוד" in cut[-1] else "")


async def test_an_end_marker_before_the_words_ends_the_call_after_them() -> None:
    async with answering(says(chunk("(END) "), chunk("תודה, "), chunk("להתראות.", "STOP"))) as (_, engine):
        parts = await reply_of(engine)
    assert "".join(part.text for part in parts) == "תודה, להתראות."
    assert any(part.ends_call for part in parts)


async def test_what_is_lost_after_the_end_marker_does_not_take_the_end_back() -> None:
    async with answering(says(chunk("להתראות. [סוף]"), "{")) as (_, engine):
        parts = engine.reply(ASKED)
        assert [await anext(parts), await anext(parts)] == [ReplyPart("להתראות. "), ReplyPart(ends_call=True)]
        with pytest.raises(VendorUnavailable):
            await anext(parts)


async def test_a_plan_without_the_thought_flag_is_not_spoken() -> None:
    plan = (chunk("The user wants an AC. "), chunk("I ask for the name.\n"), chunk("assistant: מה שמכם?", "STOP"))
    async with answering(says(*plan)) as (_, engine):
        assert await reply_of(engine) == [ReplyPart("מה שמכם?")]


async def test_thoughts_are_not_spoken() -> None:
    thought = {"candidates": [{"content": {"parts": [{"text": "hm", "thought": True}, {"text": "כן"}]}}]}
    async with answering(says(thought, chunk(finish="STOP"))) as (_, engine):
        assert await reply_of(engine) == [ReplyPart("כן")]


BLOCKED = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (says(chunk(finish="STOP")), VendorUnavailable),
        (says(chunk(" \n", finish="STOP")), VendorUnavailable),
        (says(chunk(MARKER, finish="STOP")), VendorUnavailable),
        (says(chunk("The user wants an AC. I ask for the name.", finish="STOP")), VendorUnavailable),
        (says(chunk("```json\n{}\n```", finish="STOP")), VendorUnavailable),
        (says(chunk("assistant: [END]", finish="STOP")), VendorUnavailable),
        (says({"candidates": []}), VendorUnavailable),
        (says(), VendorUnavailable),
        (says(BLOCKED), VendorRefused),
        (says(chunk(finish="SAFETY")), VendorRefused),
        (says(chunk(finish="PROHIBITED_CONTENT")), VendorRefused),
        (says(chunk(finish="MODEL_ARMOR")), VendorRefused),
        (says(chunk(finish="MALFORMED_FUNCTION_CALL")), VendorUnavailable),
        (says("{"), VendorUnavailable),
        (says("[1]"), VendorUnavailable),
        (says('{"candidates": 5}'), VendorUnavailable),
        (says("<html>"), VendorUnavailable),
        (fails(400), VendorRefused),
        (fails(403), VendorRefused),
        (fails(404), VendorRefused),
        (fails(429), VendorExhausted),
        (fails(500), VendorUnavailable),
        (fails(503), VendorUnavailable),
        (disconnects, VendorUnavailable),
    ],
)
async def test_an_answer_without_words_is_an_error(answer: Answer, expected: type[VendorError]) -> None:
    """[LLM-03, LLM-04, LLM-05] None of these may leave the caller with nothing, nor raise anything else."""
    async with answering(answer, first_token_s=1.0) as (gemini, engine):
        with pytest.raises(VendorError) as failed:
            await reply_of(engine)
    assert type(failed.value) is expected
    assert len(gemini.bodies) <= 2


@pytest.mark.filterwarnings("ignore:BRAND_NEW is not a valid FinishReason:UserWarning")
@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (says(chunk("אני"), chunk(finish="MAX_TOKENS")), VendorUnavailable),
        (says(chunk("אני"), chunk(finish="SAFETY")), VendorRefused),
        (says(chunk("אני"), chunk(finish="BRAND_NEW")), VendorUnavailable),
        (says(chunk("אני")), VendorUnavailable),
        (says(chunk("אני"), "{"), VendorUnavailable),
        (says(chunk("אני"), then="cut"), VendorUnavailable),
        (says(chunk("אני"), 5.0), VendorUnavailable),
    ],
)
async def test_an_answer_that_breaks_off_says_so_after_its_words(rest: Answer, expected: type[VendorError]) -> None:
    """[LLM-05] Words already spoken stay spoken; the rest is not taken for complete, and not asked for again."""
    async with answering(rest, idle_s=0.2) as (gemini, engine):
        parts = engine.reply(ASKED)
        assert await anext(parts) == ReplyPart("אני")
        with pytest.raises(VendorError) as failed:
            await anext(parts)
    assert type(failed.value) is expected
    assert len(gemini.bodies) == 1


GOOD = says(chunk("כן", finish="STOP"))


@pytest.mark.parametrize("first", [fails(503), fails(429), fails(500), disconnects, says("{")])
async def test_a_failure_before_the_first_word_is_repeated_once(first: Answer) -> None:
    """[LLM-03]"""
    async with answering(first, GOOD) as (gemini, engine):
        assert await reply_of(engine) == [ReplyPart("כן")]
        assert len(gemini.bodies) == 2


async def test_a_hanging_model_is_given_up_at_the_first_token_deadline() -> None:
    """[LLM-01]"""
    async with answering(hangs, first_token_s=0.2) as (gemini, engine):
        started = asyncio.get_running_loop().time()
        with pytest.raises(VendorUnavailable):
            await reply_of(engine)
        assert asyncio.get_running_loop().time() - started < 1
        assert len(gemini.bodies) == 1


async def test_a_steady_answer_may_take_longer_than_the_first_token_but_not_for_ever() -> None:
    """[LLM-02] The idle time is between pieces; the total ends an answer that never stops."""
    slow = says(*(each for _ in range(6) for each in (chunk("כן "), 0.1)), chunk(finish="STOP"))
    async with answering(slow, first_token_s=0.3, idle_s=0.3) as (_, engine):
        assert len(await reply_of(engine)) == 6
    async with answering(slow, first_token_s=0.3, idle_s=0.3, total_s=0.35) as (_, engine):
        with pytest.raises(VendorUnavailable):
            await reply_of(engine)


async def test_a_refused_thinking_level_is_left_out_from_then_on(caplog: pytest.LogCaptureFixture) -> None:
    async def picky(request: web.Request) -> web.StreamResponse:
        asked = "thinkingConfig" in (await request.json())["generationConfig"]
        return await (fails(400, "thinking level is not supported") if asked else GOOD)(request)

    async with answering(picky) as (gemini, engine):
        assert await reply_of(engine) == [ReplyPart("כן")]
        assert await reply_of(engine) == [ReplyPart("כן")]
        assert len(gemini.bodies) == 3
    assert [record.message for record in caplog.records if record.levelno == logging.WARNING] == [
        "thinking_level_refused"
    ]


async def test_a_bad_request_for_another_reason_keeps_the_thinking_level() -> None:
    async with answering(fails(400), fails(400), GOOD) as (gemini, engine):
        with pytest.raises(VendorRefused):
            await reply_of(engine)
        await reply_of(engine)
        assert "thinkingConfig" in gemini.bodies[-1]["generationConfig"]


async def test_leaving_a_reply_early_ends_the_request() -> None:
    """A caller who talks over the assistant has made the rest of its answer useless."""
    async with answering(says(chunk("אני"), 30.0)) as (gemini, engine):
        parts = engine.reply(ASKED)
        await anext(parts)
        await parts.aclose()
        async with asyncio.timeout(2):
            await gemini.left.wait()


async def test_warming_up_asks_the_model_and_reports_what_is_wrong() -> None:
    async with answering(GOOD) as (gemini, engine):
        await engine.warm_up()
        assert len(gemini.bodies) == 1
    async with answering(fails(404)) as (_, engine):
        with pytest.raises(VendorRefused):
            await engine.warm_up()


def test_turns_alternate_and_begin_with_the_user() -> None:
    turns = (
        Turn("assistant", "שלום"),
        Turn("assistant", "איך אפשר לעזור?"),
        Turn("caller", "היי"),
        Turn("caller", " "),
        Turn("caller", "מזגן"),
    )
    contents = contents_of(Conversation(turns=turns))
    assert [(each.role, each.parts[0].text) for each in contents if isinstance(each, types.Content) and each.parts] == [
        ("user", "(the phone rings)"),
        ("model", "שלום\nאיך אפשר לעזור?"),
        ("user", "היי\nמזגן"),
    ]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.ClientError(400, {}), VendorRefused),
        (errors.ClientError(408, {}), VendorUnavailable),
        (errors.ClientError(429, {}), VendorExhausted),
        (errors.ServerError(503, {}), VendorUnavailable),
        (errors.APIError(0, {}), VendorUnavailable),
        (errors.UnknownApiResponseError("x"), VendorUnavailable),
        (json.JSONDecodeError("x", "secret words", 0), VendorUnavailable),
        (ClientPayloadError("x"), VendorUnavailable),
        (TimeoutError(), VendorUnavailable),
        (ConnectionResetError(), VendorUnavailable),
        (google.auth.exceptions.RefreshError("x"), VendorRefused),
        (google.auth.exceptions.TransportError("x"), VendorUnavailable),
    ],
)
def test_every_expected_failure_is_mapped(error: Exception, expected: type[VendorError]) -> None:
    assert isinstance(error, GENAI_FAILURES)
    failure = vendor_error_of(error)
    assert type(failure) is expected
    assert "secret words" not in str(failure)
