"""The receiver that docs/new-leads.md shows does what the document says a receiver has to do."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

DOCUMENT = (Path(__file__).parents[2] / "docs" / "new-leads.md").read_text("utf-8")
LEAD: dict[str, Any] = json.loads(re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)[0])
ACCOUNT = "lead-webhook@p.iam.gserviceaccount.com"
ENVIRON = {
    "WEBHOOK_URL": "https://here.example/lead",
    "LEAD_WEBHOOK_ACCOUNT": ACCOUNT,
    "CHAT_URL": "https://chat.example/hook",
    "CRM_URL": "https://crm.example",
    "CRM_KEY": "k",
}


class Sent:
    """`requests`, which remembers what was sent. A record is known in the revision that is given."""

    def __init__(self, revision: int | None = None) -> None:
        self.revision = revision
        self.sent: list[tuple[str, str, Any]] = []

    def post(self, url: str, json: Any, **_: Any) -> Any:
        self.sent.append(("POST", url, json))
        return SimpleNamespace(raise_for_status=lambda: None)

    def put(self, url: str, json: Any, **_: Any) -> Any:
        self.sent.append(("PUT", url, json))
        return SimpleNamespace(raise_for_status=lambda: None)

    def get(self, url: str, **_: Any) -> Any:
        return SimpleNamespace(ok=self.revision is not None, json=lambda: {"revision": self.revision})


def verified(token: str, _: object, audience: str) -> dict[str, Any]:
    if token != "good" or audience != ENVIRON["WEBHOOK_URL"]:
        raise ValueError("not a token of Google's")
    return {"email": ACCOUNT, "email_verified": True}


def receiver(monkeypatch: pytest.MonkeyPatch, tell: str, requests: Sent) -> dict[str, Any]:
    monkeypatch.setattr(os, "environ", {**os.environ, **ENVIRON, "TELL": tell})
    monkeypatch.setitem(sys.modules, "requests", requests)
    for name in ("google.auth.transport.requests", "google.oauth2.id_token"):
        stand_in: Any = SimpleNamespace(Request=object, verify_oauth2_token=verified)
        monkeypatch.setitem(sys.modules, name, stand_in)
    monkeypatch.setattr("google.oauth2.id_token", sys.modules["google.oauth2.id_token"], raising=False)
    [code] = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    names: dict[str, Any] = {"__name__": "receiver"}
    exec(compile(code, "docs/new-leads.md", "exec"), names)  # noqa: S102 - our own document
    return names


def posted(token: str) -> Any:
    body = json.dumps(LEAD).encode()
    return SimpleNamespace(headers={"Authorization": f"Bearer {token}"}, get_data=lambda: body)


def test_a_lead_reaches_the_chat_and_a_strangers_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = Sent()
    names = receiver(monkeypatch, "chat", requests)
    assert names["lead"](posted("bad")) == ("", 403)
    assert requests.sent == []
    assert names["lead"](posted("good")) == ("", 204)
    [(_, url, body)] = requests.sent
    assert url == ENVIRON["CHAT_URL"]
    assert LEAD["phone"] in body["text"]
    assert LEAD["summary"] in body["text"]


@pytest.mark.parametrize(("known", "written"), [(None, True), (2, True), (3, False), (4, False)])
def test_a_crm_has_one_record_a_lead_and_never_an_older_version(
    known: int | None, written: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = Sent(known)
    receiver(monkeypatch, "crm", requests)["to_crm"](LEAD)
    assert [(method, url) for method, url, _ in requests.sent] == (
        [("PUT", "https://crm.example/contacts/972501234567")] if written else []
    )


def test_the_body_that_is_shown_holds_every_promised_field() -> None:
    promised = (
        "version type lead_id call_sid status name phone need callback_time callback_at summary next_step urgency"
    )
    assert {*promised.split(), "fields", "ready_after_s", "revision"} <= set(LEAD)
