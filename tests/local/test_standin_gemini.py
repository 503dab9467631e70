"""The Gemini stand-in answers Google's own client, well and in every bad way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from google import genai
from google.genai import errors, types
from google.oauth2.credentials import Credentials

from local.standins.gemini.server import GeminiStandIn, Options

MODEL = "gemini-3.5-flash-lite"


@pytest.fixture
async def standin(monkeypatch) -> AsyncIterator[tuple[GeminiStandIn, genai.Client, str]]:
    service = GeminiStandIn(Options(first_delay_s=0.0, chunk_delay_s=0.0))
    async with service.serving() as address:
        monkeypatch.setenv("GOOGLE_VERTEX_BASE_URL", f"http://127.0.0.1:{address.port}")
        client = genai.Client(vertexai=True, project="p", location="global", credentials=Credentials(token="x"))
        yield service, client, f"http://127.0.0.1:{address.control_port}"
        await client.aio.aclose()
        client.close()


async def _streamed(client, *texts, model=MODEL, **config) -> tuple[str, types.FinishReason | None]:
    roles = ["user", "model"] * len(texts)
    contents = [
        types.Content(role=role, parts=[types.Part(text=text)]) for role, text in zip(roles, texts, strict=False)
    ]
    said, finish = "", None
    stream = await client.aio.models.generate_content_stream(
        model=model, contents=contents, config=types.GenerateContentConfig(**config)
    )
    async for chunk in stream:
        said += chunk.text or ""
        finish = chunk.candidates[0].finish_reason if chunk.candidates else finish
    return said, finish


async def test_an_intake_is_led_to_its_end(standin) -> None:
    _, client, _ = standin
    instruction = "כשהכול ידוע כתוב בסוף [סוף]"
    turns = ["אני צריכה הצעת מחיר"]
    for answer in ("דנה לוי", "כן", "מחר בבוקר"):
        said, finish = await _streamed(client, *turns, system_instruction=instruction)
        assert finish is types.FinishReason.STOP
        assert said.endswith("?")
        turns += [said, answer]
    said, _ = await _streamed(client, *turns, system_instruction=instruction)
    assert said.endswith("[סוף]")
    assert len(set(turns)) == len(turns)


async def test_a_time_that_the_instruction_names_is_offered_once(standin) -> None:
    _, client, _ = standin
    instruction = "הצע במקומו: ביום ראשון בתשע בבוקר.\nכתוב בסוף [סוף]"
    turns = ["מזגן", "איך קוראים לכם?", "דנה", "לאיזה מספר?", "כן", "מתי?", "בשבת"]
    said, _ = await _streamed(client, *turns, system_instruction=instruction)
    assert said.endswith("מתאים לכם שנחזור ביום ראשון בתשע בבוקר?")
    said, _ = await _streamed(client, *turns, said, "לא", system_instruction=instruction)
    assert said.endswith("[סוף]")


async def test_a_caller_who_did_not_hear_gets_the_question_again(standin) -> None:
    _, client, _ = standin
    question = "איך קוראים לכם?"
    assert (await _streamed(client, "שלום", question, "סליחה, לא שמעתי"))[0] == question


async def test_json_is_filled_after_the_schema_from_what_the_caller_said(standin) -> None:
    _, client, _ = standin
    field = {
        "type": "OBJECT",
        "nullable": True,
        "properties": {"value": {"type": "STRING"}, "quote": {"type": "STRING"}},
    }
    schema = {
        "type": "OBJECT",
        "properties": {
            "summary": {"type": "STRING"},
            "next_step": {"type": "STRING", "enum": ["call_back", "none"]},
            "fields": {
                "type": "OBJECT",
                "properties": dict.fromkeys(("name", "need", "callback_time", "phone"), field),
            },
        },
    }
    lines = [
        {"speaker": "caller", "text": "שלום, אני צריכה הצעת מחיר להתקנת מזגן."},
        {"speaker": "assistant", "text": "קוראים לי רובוט"},
        {"speaker": "caller", "text": "קוראים לי דנה לוי."},
        {"speaker": "caller", "text": "מחר בבוקר."},
    ]
    response = await client.aio.models.generate_content(
        model=MODEL,
        contents="\n".join(json.dumps(line, ensure_ascii=False) for line in lines),
        config=types.GenerateContentConfig(response_mime_type="application/json", response_schema=schema),
    )
    answer = json.loads(response.text)
    assert answer["fields"]["name"] == {"value": "דנה לוי", "quote": "קוראים לי דנה לוי"}
    assert answer["fields"]["callback_time"]["value"] == "מחר בבוקר"
    assert answer["fields"]["phone"] is None
    assert answer["next_step"] == "call_back"
    assert "הצעת מחיר" in answer["summary"]


async def test_a_script_is_followed_in_order_and_requests_are_kept(standin) -> None:
    _, client, control = standin
    async with aiohttp.ClientSession() as http:
        script = [{"text": "אחת שתיים שלוש ארבע"}, {"status": 503, "message": "overloaded"}]
        await http.post(f"{control}/faults", json={"script": script})
        assert (await _streamed(client, "שלום"))[0] == "אחת שתיים שלוש ארבע"
        with pytest.raises(errors.ServerError, match="overloaded"):
            await _streamed(client, "שלום")
        assert (await _streamed(client, "שלום"))[0]
        state = await (await http.get(f"{control}/state")).json()
        assert [request["status"] for request in state["last_requests"]] == [200, 503, 200]
        assert state["last_requests"][0]["body"]["contents"][0]["parts"][0]["text"] == "שלום"
        assert (await http.post(f"{control}/faults", json={"script": [{"txt": "?"}]})).status == 400


@pytest.mark.parametrize("status", [400, 429])
async def test_ordered_statuses_are_client_errors(standin, status) -> None:
    service, client, _ = standin
    service.change_orders({"always": {"status": status}})
    with pytest.raises(errors.ClientError) as caught:
        await _streamed(client, "שלום")
    assert caught.value.code == status


async def test_a_retired_model_is_not_found(standin) -> None:
    _, client, _ = standin
    with pytest.raises(errors.ClientError) as caught:
        await _streamed(client, "שלום", model="gemini-2.5-flash")
    assert caught.value.code == 404


async def test_both_ways_to_limit_thinking_at_once_are_a_bad_request(standin) -> None:
    service, client, _ = standin
    with pytest.raises(errors.ClientError) as caught:
        await _streamed(client, "שלום", thinking_config={"thinking_budget": 0, "thinking_level": "LOW"})
    assert caught.value.code == 400
    assert (await _streamed(client, "שלום", thinking_config={"thinking_level": "LOW"}))[0]
    service.change_orders({"refused_thinking": True})
    with pytest.raises(errors.ClientError):
        await _streamed(client, "שלום", thinking_config={"thinking_level": "LOW"})


async def test_a_blocked_answer_has_a_reason_and_no_text(standin) -> None:
    service, client, _ = standin
    service.change_orders({"always": {"finish_reason": "SAFETY"}})
    assert await _streamed(client, "שלום") == ("", types.FinishReason.SAFETY)


async def test_a_truncated_answer_has_half_its_text(standin) -> None:
    service, client, _ = standin
    service.change_orders({"always": {"finish_reason": "MAX_TOKENS", "text": "אחת שתיים"}})
    assert await _streamed(client, "שלום") == ("אחת ", types.FinishReason.MAX_TOKENS)


async def test_no_candidates_and_no_finish_reason_raise_nothing(standin) -> None:
    service, client, _ = standin
    service.change_orders({"script": [{"flaw": "no_candidates"}, {"flaw": "no_finish", "text": "שלום לכם"}]})
    assert await _streamed(client, "שלום") == ("", None)
    assert await _streamed(client, "שלום") == ("שלום לכם", None)


@pytest.mark.parametrize(
    ("flaw", "error"),
    [
        ("cut", aiohttp.ClientPayloadError),
        ("bad_line", errors.UnknownApiResponseError),
        ("html", (json.JSONDecodeError, errors.UnknownApiResponseError)),
    ],
)
async def test_a_broken_stream_is_the_transports_error(standin, flaw, error) -> None:
    service, client, _ = standin
    service.change_orders({"always": {"flaw": flaw, "text": "אחת שתיים שלוש ארבע חמש שש שבע שמונה"}})
    with pytest.raises(error):
        await _streamed(client, "שלום")


async def test_a_hanging_answer_is_over_when_the_client_leaves(standin) -> None:
    service, client, _ = standin
    service.change_orders({"script": [{"flaw": "hang", "text": "אחת שתיים שלוש ארבע"}]})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await _streamed(client, "שלום")
    async with asyncio.timeout(2):
        while service.state()["active"]:  # noqa: ASYNC110 - the server notices on its own time
            await asyncio.sleep(0.01)
