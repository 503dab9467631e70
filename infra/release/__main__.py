"""Release an image of the media service.

    TWILIO_AUTH_TOKEN=... python -m infra.release --region me-west1 \
        --image me-west1-docker.pkg.dev/<project>/maane/media-service@sha256:... --name 1a2b3c4-5d6e7f

`--check` changes nothing, and only tells whether a release may begin.

Ends with 0 when the revision has all callers, with 1 when they are with the one before, with 2 when nothing was begun.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from functools import partial
from types import FrameType
from typing import Any

from infra.release import release, smoke
from infra.release.release import GcloudFailed, Plan, Release, ReleaseFailed
from infra.release.service import NotToBeReleased


class CommandLine:
    """gcloud, of whichever project and account it is set to."""

    def run(self, *arguments: str) -> None:
        self._ended(subprocess.run(["gcloud", *arguments, "--quiet"], check=False))  # noqa: S603, S607 - on PATH

    def json(self, *arguments: str) -> Any:
        command = ["gcloud", *arguments, "--format", "json", "--quiet"]
        ended = self._ended(subprocess.run(command, check=False, stdout=subprocess.PIPE))  # noqa: S603
        try:
            return json.loads(ended.stdout)
        except ValueError as error:
            raise GcloudFailed(f"gcloud {' '.join(arguments[:3])} printed no JSON") from error

    def _ended(self, process: subprocess.CompletedProcess[bytes]) -> subprocess.CompletedProcess[bytes]:
        if process.returncode:
            raise GcloudFailed(f"gcloud {' '.join(process.args[1:4])} ended with {process.returncode}")
        return process


def _end(signal_number: int, _: FrameType | None) -> None:
    # As an exception, so that a build which is cancelled still rolls back; and once, so that it can finish that.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(128 + signal_number)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.release", description="Release an image, or roll back.")
    parser.add_argument("--service", default="media-service")
    parser.add_argument("--region", required=True)
    parser.add_argument("--check", action="store_true", help="only tell whether a release may begin")
    parser.add_argument("--image", default="", help="by digest: ...@sha256:...")
    parser.add_argument("--name", default="", help="of the revision, after the service's; never used before")
    parser.add_argument("--canary-percent", type=int, default=10)
    parser.add_argument("--watch", type=float, default=600, metavar="SECONDS", help="before everybody is sent to it")
    parser.add_argument("--compare-every", type=float, default=60, metavar="SECONDS")
    parser.add_argument("--ready-within", type=float, default=120, metavar="SECONDS")
    chosen = parser.parse_args()
    plan = Plan(
        service=chosen.service,
        region=chosen.region,
        image=chosen.image,
        name=chosen.name,
        canary_percent=chosen.canary_percent,
        watch_s=chosen.watch,
        compare_every_s=chosen.compare_every,
    )
    tokens = smoke.auth_tokens(os.environ)
    found = [] if chosen.check else release.problems(plan)
    if not tokens and not chosen.check:
        found.append("TWILIO_AUTH_TOKEN is not set: without it the new revision cannot be asked to take a call")
    if found:
        print("nothing was begun:\n" + release.shown(found), file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _end)
    try:
        releasing = Release(plan, CommandLine(), partial(smoke.check, ready_within_s=chosen.ready_within), tokens)
        if chosen.check:
            print(f"{releasing.serving()} has the callers; a release may begin")
        else:
            releasing.run()
    except NotToBeReleased as error:
        print(f"nothing was begun: {error}", file=sys.stderr)
        return 2
    except ReleaseFailed as error:
        print(f"release: failed: {error}", file=sys.stderr)
        return 1
    except GcloudFailed as error:
        print(f"nothing was begun: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
