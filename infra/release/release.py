"""The order of a release, and the way back from each step of it.

Nobody is sent to a revision that was not asked first (`smoke`), ten percent before all, and everybody back to the
revision before it if anything goes wrong. Traffic ends at `--to-latest`: left pinned, it would keep operators' next
change of a variable from reaching any caller.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from infra.release import comparison
from infra.release.service import CANDIDATE, ROLLED_BACK, NotToBeReleased, Service, read, serving_revision
from infra.release.smoke import Target

_DIGEST: Final = re.compile(r".+@sha256:[0-9a-f]{64}")
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?")
_ROLLBACK_ATTEMPTS: Final = 3
_ROLLBACK_PAUSE_S: Final = 1.0
_MOST_ENTRIES: Final = 20_000


class ReleaseFailed(Exception):
    """The callers are, or stay, with the revision before; the message says why."""


class GcloudFailed(Exception):
    """A command of gcloud ended with an error; it has said which."""


class Gcloud(Protocol):
    def run(self, *arguments: str) -> None:
        """Raises `GcloudFailed`."""

    def json(self, *arguments: str) -> Any:
        """What the command prints. Raises `GcloudFailed`."""


@dataclass(frozen=True, slots=True)
class Plan:
    service: str
    region: str
    image: str
    """By digest."""
    name: str
    """Of the new revision, after the service's: lowercase letters, digits and hyphens, never used before."""
    canary_percent: int
    watch_s: float
    """How long the new revision is compared before everybody is sent to it."""
    compare_every_s: float

    @property
    def tag(self) -> str:
        return CANDIDATE + self.name

    @property
    def revision(self) -> str:
        return f"{self.service}-{self.name}"


def problems(plan: Plan) -> list[str]:
    found = []
    if not _DIGEST.fullmatch(plan.image):
        found.append(f"image {plan.image!r}: give it by digest (...@sha256:...); what a tag names can change")
    if not _NAME.fullmatch(plan.name):
        found.append(f"name {plan.name!r}: up to 30 lowercase letters, digits and hyphens, like 1a2b3c4-5d6e7f")
    if not 1 <= plan.canary_percent <= 50:
        found.append("between 1 and 50 percent go first")
    return found


class Release:
    """One release. `run` is called once."""

    def __init__(
        self,
        plan: Plan,
        gcloud: Gcloud,
        smoke: Callable[[Target], list[str]],
        auth_tokens: tuple[str, ...],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._plan = plan
        self._gcloud = gcloud
        self._smoke = smoke
        self._auth_tokens = auth_tokens
        self._sleep = sleep

    def run(self) -> None:
        """Raises `NotToBeReleased` or `ReleaseFailed`."""
        previous = self.serving()
        self._say(f"{previous} has the callers; deploying {self._plan.revision} without any")
        try:
            self._deploy()
        except GcloudFailed as error:
            # Nobody was sent there, so there is nobody to bring back.
            raise ReleaseFailed(f"the deployment failed, the callers stay with {previous}") from error
        try:
            self._ask()
            self._send_some(previous)
            self._watch(previous)
            self._send_all()
        except BaseException as error:
            # Whatever it is, an operator's Ctrl-C and the end of the build's time included.
            self._roll_back(previous)
            if isinstance(error, (GcloudFailed, NotToBeReleased, ReleaseFailed)):
                raise ReleaseFailed(f"{error or 'gcloud failed'}; the callers are with {previous}") from error
            raise
        self._say(f"{self._plan.revision} has all callers")

    def serving(self) -> str:
        """Who has the callers. Raises `NotToBeReleased` if that is how somebody wants it."""
        return serving_revision(self._described())

    def _deploy(self) -> None:
        plan = self._plan
        self._gcloud.run(
            *("run", "deploy", plan.service, "--region", plan.region, "--image", plan.image),
            *("--no-traffic", "--tag", plan.tag, "--revision-suffix", plan.name),
        )

    def _ask(self) -> None:
        service = self._described()
        url = service.urls.get(self._plan.tag)
        if not url or not service.public_host:
            raise ReleaseFailed("the new revision has no address of its own, or no PUBLIC_HOST")
        found = self._smoke(Target(url, service.public_host, self._auth_tokens))
        if found:
            raise ReleaseFailed("the smoke test failed: " + "; ".join(found))

    def _send_some(self, previous: str) -> None:
        percent = self._plan.canary_percent
        self._say(f"{percent} % of the callers to {self._plan.revision}")
        self._traffic("--to-revisions", f"{previous}={100 - percent},{self._plan.revision}={percent}")

    def _watch(self, previous: str) -> None:
        began = time.monotonic()
        since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        while True:
            left_s = self._plan.watch_s - (time.monotonic() - began)
            self._sleep(max(0.0, min(self._plan.compare_every_s, left_s)))
            last = time.monotonic() - began >= self._plan.watch_s
            self._compare(previous, since)
            if last:
                return

    def _compare(self, previous: str, since: str) -> None:
        plan = self._plan
        wanted = comparison.log_filter(plan.service, plan.region, since)
        entries = self._gcloud.json("logging", "read", wanted, "--limit", str(_MOST_ENTRIES))
        old, new = (comparison.observe(entries, name) for name in (previous, plan.revision))
        self._say(f"{plan.revision}: {new.calls} calls, {new.failures} failures, {len(new.turns_s)} turns")
        if found := comparison.worse(old, new):
            raise ReleaseFailed("it is worse than the one before: " + "; ".join(found))

    def _send_all(self) -> None:
        now = self._described()
        if now.newest != self._plan.revision or now.latest != self._plan.revision:
            raise ReleaseFailed(f"meanwhile somebody has made {now.newest}, which nobody has tested; release again")
        self._say("all callers to it")
        self._traffic("--to-latest", "--remove-tags", ",".join(now.leftovers))

    def _roll_back(self, previous: str) -> None:
        arguments = ("--to-revisions", f"{previous}=100", "--remove-tags", self._plan.tag)
        self._say(f"rolling back: all callers to {previous}")
        for attempt in range(1, _ROLLBACK_ATTEMPTS + 1):
            try:
                self._traffic(*arguments, "--update-tags", f"{ROLLED_BACK}={previous}")
            except GcloudFailed:
                self._say(f"attempt {attempt} to roll back failed")
                self._sleep(_ROLLBACK_PAUSE_S)
            else:
                self._say(
                    f"The traffic is pinned to {previous}: a variable changed now reaches nobody. Release a good image"
                    " to end that; the image from before will do."
                )
                return
        command = " ".join(("gcloud run services update-traffic", self._plan.service, *arguments))
        self._say(f"THE ROLLBACK FAILED. By hand, at once: {command} --region {self._plan.region}")

    def _traffic(self, *arguments: str) -> None:
        plan = self._plan
        self._gcloud.run("run", "services", "update-traffic", plan.service, "--region", plan.region, *arguments)

    def _described(self) -> Service:
        plan = self._plan
        return read(self._gcloud.json("run", "services", "describe", plan.service, "--region", plan.region))

    def _say(self, line: str) -> None:
        print(f"release: {line}", file=sys.stderr, flush=True)


def shown(problems_found: Sequence[str]) -> str:
    return "\n".join(f"  - {line}" for line in problems_found)
