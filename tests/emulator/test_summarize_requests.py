"""The function as it is deployed: started by functions-framework as a CloudEvent function, Firestore behind it."""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import functions_framework
import grpc
import pytest
from flask.testing import FlaskClient
from google.cloud import firestore
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from calls.event_wire import as_dict, encode
from calls.json_logging import TextFormatter
from calls.records import new_call, new_lead
from functions.summarize.store import REJECTED_EVENTS
from tests.functions.summarize.example_calls import CALL_SID, CALLER, demo_call, said

pytestmark = pytest.mark.emulator

SOURCE = Path(__file__).parents[2] / "functions" / "summarize" / "main.py"
BINARY = {
    "ce-id": "1",
    "ce-specversion": "1.0",
    "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
    "ce-source": "//pubsub.googleapis.com/projects/p/topics/call-events",
}
JSON = {"Content-Type": "application/json"}
GOOD = encode(said(1, "שלום"))


@pytest.fixture
def loaded_function(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put back what the framework and the function leave in the process: modules, search path, logging."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "path", sys.path[:])
    for name in ("FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE"):
        monkeypatch.setenv(name, "")
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in [name for name in sys.modules if name == "main" or name.startswith("main.")]:
        del sys.modules[name]


@pytest.fixture
def function(firestore_project: str, loaded_function: None, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setenv("REPLY_ENGINE", "script")
    monkeypatch.setenv("NEW_LEADS_TOPIC", "")
    return _started()


def _started() -> FlaskClient:
    app = functions_framework.create_app("summarize", str(SOURCE), "cloudevent")
    client: FlaskClient = app.test_client()
    return client


@pytest.fixture
def client(firestore_project: str) -> Iterator[firestore.Client]:
    client = firestore.Client(project=firestore_project)
    yield client
    client.close()


def _pushed(data: bytes, message_id: str = "7") -> dict[str, Any]:
    message = {"data": base64.b64encode(data).decode(), "messageId": message_id, "attributes": {}}
    return {"message": message, "subscription": "projects/p/subscriptions/s"}


def _rejected(client: firestore.Client) -> dict[str, dict[str, Any]]:
    return {snapshot.id: snapshot.to_dict() or {} for snapshot in client.collection(REJECTED_EVENTS).get()}


def _envelope(data: object) -> dict[str, Any]:
    return {"specversion": "1.0", "id": "9", "type": BINARY["ce-type"], "source": "//p", "data": data}


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (JSON, _pushed(GOOD)),
        (JSON | BINARY, _pushed(GOOD)),
        (JSON | BINARY, {"message": {"data": base64.b64encode(GOOD).decode()}}),
        ({"Content-Type": "application/cloudevents+json"}, _envelope(_pushed(GOOD))),
    ],
    ids=["raw push", "binary", "binary, message alone", "structured"],
)
def test_an_event_is_taken_in_every_form_it_is_delivered_in(
    function: FlaskClient, client: firestore.Client, headers: dict[str, str], body: dict[str, Any]
) -> None:
    answer = function.post("/", data=json.dumps(body), headers=headers)
    assert (answer.status_code, answer.text) == (200, "OK")
    assert client.document(f"calls/{CALL_SID}/utterances/1-00001").get().exists
    assert _rejected(client) == {}


def test_a_whole_call_becomes_a_lead(function: FlaskClient, client: firestore.Client) -> None:
    for number, event in enumerate(demo_call()):
        assert function.post("/", json=_pushed(encode(event), str(number))).status_code == 200
    lead = client.document(f"leads/{CALL_SID}").get().to_dict() or {}
    assert (lead["name"], lead["status"]) == ("דנה לוי", "captured")


def _event(**changed: Any) -> bytes:
    return json.dumps(as_dict(said(1, "שלום")) | changed).encode()


MALFORMED: dict[str, bytes] = {
    "empty": b"",
    "not JSON": b"hello",
    "bad UTF-8": b'{"message": "\xff\xfe"}',
    "null": b"null",
    "list": b"[]",
    "number": b"7",
    "no message": b"{}",
    "message is null": b'{"message": null, "subscription": "s"}',
    "no data": json.dumps({"message": {"messageId": "7"}, "subscription": "s"}).encode(),
    "bad base64": json.dumps({"message": {"data": "%%%", "messageId": "7"}, "subscription": "s"}).encode(),
    "batch": json.dumps([_envelope(_pushed(GOOD))]).encode(),
    "deep nesting": b"[" * 200_000,
    "data is no JSON": json.dumps(_pushed(b"hello")).encode(),
    "data is a list": json.dumps(_pushed(b"[]")).encode(),
    "data is bad UTF-8": json.dumps(_pushed(b"\xff")).encode(),
    "data is nested": json.dumps(_pushed(b"[" * 200_000)).encode(),
    "unknown version": json.dumps(_pushed(_event(version=2))).encode(),
    "no name for a type": json.dumps(_pushed(_event(type="an utterance"))).encode(),
    "version true": json.dumps(_pushed(_event(version=True))).encode(),
    "bad call SID": json.dumps(_pushed(_event(call_sid="../leads"))).encode(),
    "call SID with a line end": json.dumps(_pushed(_event(call_sid=CALL_SID + "\n"))).encode(),
    "seq 0": json.dumps(_pushed(_event(seq=0))).encode(),
    "text is a number": json.dumps(_pushed(_event(text=5))).encode(),
    "time without a zone": json.dumps(_pushed(_event(started_at="2026-01-01T00:00:00"))).encode(),
    "time before time": json.dumps(_pushed(_event(started_at="0001-01-01T00:00:00+14:00"))).encode(),
    "endless number": json.dumps(_pushed(_event(confidence=10**400))).encode(),
    "bad message id": json.dumps(_pushed(b"{}", "../../leads/1")).encode(),
}


@pytest.mark.parametrize("form", [JSON, JSON | BINARY, {"Content-Type": "application/cloudevents+json"}, {}])
def test_a_malformed_body_is_put_away_and_never_delivered_again(
    function: FlaskClient, client: firestore.Client, form: dict[str, str]
) -> None:
    statuses = {name: function.post("/", data=body, headers=form).status_code for name, body in MALFORMED.items()}
    assert set(statuses.values()) == {200}, statuses
    kept = _rejected(client)
    assert kept
    assert all(document["reason"] and document["expires_at"] for document in kept.values())
    assert list(client.collection("calls").list_documents()) == []


def test_an_event_of_a_type_not_known_yet_is_kept_among_those_of_its_call(
    function: FlaskClient, client: firestore.Client
) -> None:
    """The media service may be released first; what it says then is neither lost nor a gap."""
    new = _event(type="call.transferred", seq=4, to={"number": "+97231234567", "__x__": [2**70, "\u202e"]})
    assert function.post("/", json=_pushed(new)).status_code == 200
    kept = client.document(f"calls/{CALL_SID}/utterances/1-00004").get().to_dict() or {}
    assert (kept["type"], kept["seq"]) == ("call.transferred", 4)
    assert "+97231234567" in kept["body"]
    assert _rejected(client) == {}


@pytest.mark.parametrize("depth", [400, 900, 980])
def test_a_type_not_known_yet_may_hold_anything(function: FlaskClient, depth: int) -> None:
    nested = _event(type="call.transferred", deep=0)[:-2] + b"[" * depth + b"]" * depth + b"}"
    assert function.post("/", json=_pushed(nested)).status_code == 200


def test_a_batch_of_events_is_put_away_too(function: FlaskClient, client: firestore.Client) -> None:
    batch = json.dumps([_envelope(_pushed(GOOD))])
    answer = function.post("/", data=batch, headers={"Content-Type": "application/cloudevents-batch+json"})
    assert answer.status_code == 200
    assert len(_rejected(client)) == 1


def test_a_rejected_body_is_kept_once_and_bounded(function: FlaskClient, client: firestore.Client) -> None:
    body = json.dumps(_pushed(b"x" * 3_000_000))
    for _ in range(3):
        assert function.post("/", data=body, headers=JSON).status_code == 200
    [(name, document)] = _rejected(client).items()
    assert name == "7"
    assert len(document["body"]) <= 8_000


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_only_posts_are_events(function: FlaskClient, method: str) -> None:
    assert function.open("/", method=method).status_code == 405


def test_the_path_does_not_matter(function: FlaskClient) -> None:
    assert function.post("/projects/p/topics/call-events", json=_pushed(GOOD)).status_code == 200


def test_no_word_and_no_number_of_a_caller_is_logged(function: FlaskClient) -> None:
    log = io.StringIO()
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler) and isinstance(handler.formatter, TextFormatter):
            handler.setStream(log)
    for number, event in enumerate(demo_call()):
        function.post("/", json=_pushed(encode(event), str(number)))
    function.post("/", json=_pushed(b'{"text": "secret words"}', "x"))
    shown = log.getvalue()
    assert f"call_summarised call_sid={CALL_SID}" in shown
    assert "event_rejected" in shown
    for private in ("דנה", "מזגן", "972501234567", "secret"):
        assert private not in shown


def test_while_firestore_is_away_events_are_deferred_and_malformed_ones_dropped(
    loaded_function: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    monkeypatch.setenv("REPLY_ENGINE", "script")
    function = _started()
    assert function.post("/", json=_pushed(GOOD)).status_code == 503
    assert function.post("/", data=b"hello").status_code == 200


def test_the_sweep_is_a_path_of_its_own(function: FlaskClient, client: firestore.Client) -> None:
    """Cloud Scheduler posts to it, with an empty body."""
    long_ago = datetime.now(UTC) - timedelta(minutes=10)
    client.document(f"calls/{CALL_SID}").set(new_call(CALL_SID, CALLER, "", "assistant", long_ago, 365))
    client.document(f"leads/{CALLER[1:]}").set(new_lead(CALL_SID, CALLER, "", long_ago, 365))
    assert function.post("/sweep").status_code == 200
    lead = client.document(f"leads/{CALLER[1:]}").get().to_dict() or {}
    assert (lead["status"], lead["calls_count"]) == ("needs_callback", 1)
    assert (_rejected(client), function.get("/sweep").status_code) == ({}, 405)


def test_a_lead_is_told_to_the_topic_in_the_order_of_its_revisions(
    function: FlaskClient, client: firestore.Client, pubsub_project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", client.project)
    topic, name = f"projects/{client.project}/topics/new-leads", f"projects/{client.project}/subscriptions/crm"
    channel = grpc.insecure_channel(os.environ["PUBSUB_EMULATOR_HOST"])
    publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
    subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
    publisher.create_topic(name=topic)
    subscriber.create_subscription(name=name, topic=topic)
    monkeypatch.setenv("NEW_LEADS_TOPIC", "new-leads")
    told = _started()
    told.post("/", json=_pushed(encode(demo_call()[0])))
    client.document(f"calls/{CALL_SID}").update({"from": CALLER})
    for number, event in enumerate(demo_call()):
        told.post("/", json=_pushed(encode(event), str(number)))
    (received,) = subscriber.pull(subscription=name, max_messages=10, timeout=5).received_messages
    body = json.loads(received.message.data)
    assert (body["type"], body["revision"], body["name"]) == ("lead.ready", 1, "דנה לוי")
    assert received.message.ordering_key == body["lead_id"]
    assert dict(received.message.attributes) == {"type": "lead.ready", "revision": "1"}
    channel.close()
