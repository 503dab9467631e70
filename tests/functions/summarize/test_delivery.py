import base64
import json

import pytest

from functions.summarize.delivery import delivery_id, message_in
from functions.summarize.errors import Rejected

EVENT = b'{"version":1}'
PUSHED = {
    "message": {"data": base64.b64encode(EVENT).decode(), "messageId": "77", "attributes": {}},
    "subscription": "projects/p/subscriptions/s",
}


def _body(content: object) -> bytes:
    return json.dumps(content).encode()


def test_a_raw_push_body_holds_its_message() -> None:
    message = message_in({"content-type": "application/json"}, _body(PUSHED))
    assert (message.id, message.data) == ("77", EVENT)


def test_a_binary_cloud_event_is_read_like_a_push() -> None:
    headers = {"content-type": "application/json", "ce-id": "78", "ce-specversion": "1.0"}
    body = _body({"message": {"data": base64.b64encode(EVENT).decode()}})
    assert (message_in(headers, body).id, message_in(headers, body).data) == ("78", EVENT)


def test_a_structured_cloud_event_is_opened_first() -> None:
    headers = {"content-type": "application/cloudevents+json; charset=utf-8"}
    assert message_in(headers, _body({"specversion": "1.0", "id": "79", "data": PUSHED})).data == EVENT


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b'{"message": null}',
        b'{"message": []}',
        b'{"message": {}}',
        b'{"message": {"data": ""}}',
        b'{"message": {"data": 5}}',
        b'{"message": {"data": "***"}}',
        b'{"message": {"data": "abc"}}',
        b'{"message": {"data": "\xd7\x90"}}',
        b'[{"message": {"data": "e30="}}]',
        b"[" * 100_000,
        b'{"message":' * 50_000,
    ],
    ids=lambda body: repr(body[:30]),
)
def test_a_body_without_a_message_is_rejected_and_still_has_an_id(body: bytes) -> None:
    with pytest.raises(Rejected):
        message_in({}, body)
    assert delivery_id({}, body).startswith("sha256-")
    assert delivery_id({}, body) == delivery_id({}, body)


@pytest.mark.parametrize("name", ["a/b", "..", "__id__", "", "x" * 2000, "7\n7", 5, None])
def test_an_id_that_cannot_name_a_document_is_replaced(name: object) -> None:
    body = _body({"message": {"data": "e30=", "messageId": name}})
    assert delivery_id({}, body).startswith("sha256-")
