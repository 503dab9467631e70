"""A release gives everybody the new revision, or leaves everybody with the old one."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSCloseCode, web
from aiohttp.test_utils import TestServer

from calls.twilio_signature import is_signed
from tests.infra.fake_gcloud import REGION, SERVICE, FakeCloud

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "me-west1-docker.pkg.dev/maane/maane/media-service@sha256:" + 64 * "a"
OLD, NEW = f"{SERVICE}-old", f"{SERVICE}-1a2b3c4-5d6e7f"
NAME = NEW.removeprefix(f"{SERVICE}-")
FOLLOWING = [{"latestRevision": True, "percent": 100}]


class Revision:
    """What answers at the tag's address. Takes a call as the media service does, unless told otherwise."""

    def __init__(self) -> None:
        self.ready = 200
        self.signed_over = "media.example"
        self.token = "token"

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/ready", self._ready)
        app.router.add_get("/health", self._health)
        app.router.add_get("/status", self._status)
        app.router.add_get("/ws/twilio-media", self._media)
        return app

    async def _ready(self, _: web.Request) -> web.Response:
        return web.Response(status=self.ready)

    async def _health(self, _: web.Request) -> web.Response:
        return web.Response()

    async def _status(self, _: web.Request) -> web.Response:
        return web.json_response({"version": "1", "draining": False})

    async def _media(self, request: web.Request) -> web.StreamResponse:
        if "Upgrade" not in request.headers:
            return web.Response(status=426)
        url = f"wss://{self.signed_over}/ws/twilio-media"
        if not is_signed([self.token], [url], request.headers.get("X-Twilio-Signature")):
            return web.Response(status=403)
        socket = web.WebSocketResponse(protocols=("audio.twilio.com",))
        await socket.prepare(request)
        await socket.receive(timeout=5)
        await socket.close(code=WSCloseCode.POLICY_VIOLATION)
        return socket


@pytest.fixture
async def revision() -> Revision:
    return Revision()


@pytest.fixture
async def cloud(revision: Revision, tmp_path: Path) -> AsyncIterator[FakeCloud]:
    async with TestServer(revision.app()) as server:
        yield FakeCloud.in_folder(tmp_path, url=str(server.make_url("")).rstrip("/"), traffic=FOLLOWING)


Run = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def run(cloud: FakeCloud) -> Run:
    """Returns the exit code and what was printed."""

    async def run(*options: str, until: Callable[[], bool] | None = None) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "infra.release", "--region", REGION, "--image", IMAGE, "--name", NAME),
            *("--watch", "0", "--ready-within", "0", *options),
            cwd=ROOT,
            env={**cloud.environment(), "TWILIO_AUTH_TOKEN": "token, next"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(30):
            while until is not None and not until():  # noqa: ASYNC110 - another process makes it true
                await asyncio.sleep(0.05)
            if until is not None:
                process.send_signal(signal.SIGTERM)
            output, _ = await process.communicate()
        return process.returncode or 0, output.decode()

    return run


def update_traffic(*arguments: str) -> list[str]:
    return ["run", "services", "update-traffic", SERVICE, "--region", REGION, *arguments, "--quiet"]


DEPLOY = [
    *("run", "deploy", SERVICE, "--region", REGION, "--image", IMAGE),
    *("--no-traffic", "--tag", f"c-{NAME}", "--revision-suffix", NAME, "--quiet"),
]
SOME = update_traffic("--to-revisions", f"{OLD}=90,{NEW}=10")
ALL = update_traffic("--to-latest", "--remove-tags", f"c-{NAME}")
BACK = update_traffic(
    "--to-revisions", f"{OLD}=100", "--remove-tags", f"c-{NAME}", "--update-tags", f"rolled-back={OLD}"
)
BACK_WITH_OLD = [{"revisionName": OLD, "percent": 100}]


def entry(revision: str, message: str, **fields: Any) -> dict[str, Any]:
    return {
        "resource": {"labels": {"revision_name": revision}},
        "jsonPayload": {"message": message, **fields},
    }


async def test_a_good_image_is_tried_by_few_and_ends_with_everybody_on_the_latest(cloud: FakeCloud, run: Run) -> None:
    status, output = await run()

    assert status == 0, output
    assert cloud.changes() == [DEPLOY, SOME, ALL]
    assert cloud.calls()[-1] == ALL
    assert cloud.traffic() == FOLLOWING
    assert cloud.tags() == {}


async def test_a_revision_that_never_gets_ready_brings_everybody_back(
    cloud: FakeCloud, run: Run, revision: Revision
) -> None:
    revision.ready = 503

    status, output = await run()

    assert status == 1
    assert "GET /ready: 503, not 200" in output
    assert cloud.changes() == [DEPLOY, BACK]
    assert cloud.traffic() == BACK_WITH_OLD


@pytest.mark.parametrize("change", [{"signed_over": "other.example"}, {"token": "another"}])
async def test_a_revision_that_does_not_take_twilios_signature_gets_no_caller(
    cloud: FakeCloud, run: Run, revision: Revision, change: dict[str, str]
) -> None:
    """It was told another PUBLIC_HOST, or another token: every call would end in error 31920."""
    for name, value in change.items():
        setattr(revision, name, value)

    status, output = await run()

    assert status == 1
    assert "a signed WebSocket: 403, not 101" in output
    assert cloud.changes() == [DEPLOY, BACK]


async def test_while_a_token_is_replaced_either_will_do(cloud: FakeCloud, run: Run, revision: Revision) -> None:
    revision.token = "next"

    status, output = await run()

    assert status == 0, output


async def test_a_failed_deployment_leaves_the_traffic_untouched(cloud: FakeCloud, run: Run) -> None:
    cloud.behave(fails={"deploy": 0})

    status, output = await run()

    assert status == 1
    assert f"the callers stay with {OLD}" in output
    assert cloud.changes() == [DEPLOY]
    assert cloud.traffic() == FOLLOWING


async def test_a_revision_that_breaks_calls_goes_after_ten_percent(cloud: FakeCloud, run: Run) -> None:
    calls = [entry(OLD, f"[WS] connected call=CA{index}") for index in range(50)]
    calls += [entry(NEW, f"[WS] connected call=CB{index}") for index in range(5)]
    cloud.behave(entries=[*calls, entry(NEW, "call_broke")])

    status, output = await run()

    assert status == 1
    assert "1 failures in 5 calls; before: 0 in 50" in output
    assert cloud.changes() == [DEPLOY, SOME, BACK]
    assert cloud.traffic() == BACK_WITH_OLD
    assert cloud.tags() == {"rolled-back": OLD}


async def test_traffic_that_cannot_be_moved_is_moved_back(cloud: FakeCloud, run: Run) -> None:
    cloud.behave(fails={"to-latest": 0})

    status, _ = await run()

    assert status == 1
    assert cloud.changes() == [DEPLOY, SOME, ALL, BACK]
    assert cloud.traffic() == BACK_WITH_OLD


async def test_a_comparison_that_cannot_be_made_is_no_good_comparison(cloud: FakeCloud, run: Run) -> None:
    cloud.behave(fails={"read": 0})

    status, _ = await run()

    assert status == 1
    assert cloud.changes() == [DEPLOY, SOME, BACK]


async def test_a_rollback_that_fails_is_tried_again(cloud: FakeCloud, run: Run, revision: Revision) -> None:
    revision.ready = 503
    cloud.behave(fails={"rollback": 1})

    status, _ = await run()

    assert status == 1
    assert cloud.changes() == [DEPLOY, BACK, BACK]
    assert cloud.traffic() == BACK_WITH_OLD


async def test_a_rollback_that_keeps_failing_says_what_to_type(cloud: FakeCloud, run: Run, revision: Revision) -> None:
    revision.ready = 503
    cloud.behave(fails={"rollback": 0})

    status, output = await run()

    assert status == 1
    assert f"gcloud run services update-traffic {SERVICE} --to-revisions {OLD}=100" in output


async def test_a_cancelled_build_brings_everybody_back(cloud: FakeCloud, run: Run) -> None:
    status, _ = await run("--watch", "60", "--compare-every", "60", until=lambda: SOME in cloud.changes())

    assert status == 128 + signal.SIGTERM
    assert cloud.changes() == [DEPLOY, SOME, BACK]
    assert cloud.traffic() == BACK_WITH_OLD


async def test_traffic_that_somebody_has_pinned_is_not_taken_from_them(cloud: FakeCloud, run: Run) -> None:
    """In the middle of an incident, say; a deployment would undo it."""
    pinned = [{"revisionName": OLD, "percent": 100}]
    cloud.write("service", {"newest": "media-service-bad", "latest": "media-service-bad", "traffic": pinned})

    status, output = await run()

    assert status == 2
    assert f"somebody has pinned the traffic ({OLD} 100 %)" in output
    assert cloud.changes() == []
    assert (await run("--check"))[0] == 2


async def test_whether_a_release_may_begin_can_be_asked_before_anything_is_changed(cloud: FakeCloud, run: Run) -> None:
    status, output = await run("--check")

    assert status == 0
    assert f"{OLD} has the callers" in output
    assert cloud.changes() == []


@pytest.mark.parametrize(
    "left",
    [
        pytest.param(
            [{"revisionName": OLD, "percent": 100}, {"revisionName": OLD, "tag": "rolled-back"}], id="rollback"
        ),
        pytest.param(
            [
                {"revisionName": OLD, "percent": 90},
                {"revisionName": "media-service-bad", "percent": 10},
                {"revisionName": "media-service-bad", "tag": "c-bad"},
            ],
            id="killed",
        ),
    ],
)
async def test_what_an_earlier_release_left_pinned_the_next_one_ends(
    cloud: FakeCloud, run: Run, left: list[dict[str, Any]]
) -> None:
    cloud.write("service", {"newest": "media-service-bad", "latest": "media-service-bad", "traffic": left})

    status, output = await run()

    assert status == 0, output
    assert cloud.traffic() == FOLLOWING
    assert cloud.tags() == {}


async def test_a_revision_that_an_operator_made_meanwhile_is_not_let_in_untested(cloud: FakeCloud, run: Run) -> None:
    """`--to-latest` would send everybody there."""
    cloud.behave(toggled_meanwhile=True)

    status, output = await run()

    assert status == 1
    assert "somebody has made media-service-toggled" in output
    assert cloud.traffic() == BACK_WITH_OLD


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--image", "me-west1-docker.pkg.dev/maane/maane/media-service:latest"], "by digest"),
        (["--name", "Upper_Case"], "lowercase"),
        (["--canary-percent", "90"], "percent"),
    ],
)
async def test_what_cannot_be_released_begins_nothing(cloud: FakeCloud, run: Run, options: list[str], why: str) -> None:
    status, output = await run(*options)

    assert status == 2
    assert why in output
    assert cloud.calls() == []
