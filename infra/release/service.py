"""Read what `gcloud run services describe --format=json` says of who serves the callers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

CANDIDATE: Final = "c-"
"""Begins the tag of a revision that is being released."""
ROLLED_BACK: Final = "rolled-back"
"""Tag of the revision that got the callers back. While it is there, the release put the traffic as it is."""


class NotToBeReleased(Exception):
    """The service is not as a release needs it; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Service:
    """One moment of it."""

    latest: str
    """Newest revision that is ready."""
    newest: str
    """Newest revision, ready or not."""
    shares: Mapping[str, int]
    """Revision -> percent of the traffic."""
    follows_latest: bool
    """A new revision gets the traffic by itself: nothing is pinned."""
    tags: frozenset[str]
    urls: Mapping[str, str]
    """Tag -> address of its revision."""
    public_host: str

    @property
    def leftovers(self) -> list[str]:
        """Tags that this or an earlier release has set."""
        return sorted(tag for tag in self.tags if tag == ROLLED_BACK or tag.startswith(CANDIDATE))


def read(described: Mapping[str, Any]) -> Service:
    spec, status = described.get("spec", {}), described.get("status", {})
    latest = status.get("latestReadyRevisionName", "")
    wanted, present = spec.get("traffic", []), status.get("traffic", [])
    shares: dict[str, int] = {}
    for each in present:
        if each.get("percent"):
            name = each.get("revisionName") or latest
            shares[name] = shares.get(name, 0) + each["percent"]
    containers = spec.get("template", {}).get("spec", {}).get("containers", [{}])
    environment = {each.get("name"): each.get("value", "") for each in containers[0].get("env", [])}
    return Service(
        latest=latest,
        newest=status.get("latestCreatedRevisionName", ""),
        shares=shares,
        follows_latest=all(each.get("latestRevision", False) for each in wanted if each.get("percent")),
        # What was asked for counts as well: a revision that never became ready has its tag only there.
        tags=frozenset(each["tag"] for each in [*wanted, *present] if each.get("tag")),
        urls={each["tag"]: each["url"] for each in present if each.get("tag") and each.get("url")},
        public_host=environment.get("PUBLIC_HOST", ""),
    )


def serving_revision(service: Service) -> str:
    """The one that has all callers. Raises `NotToBeReleased` if somebody has pinned or split the traffic.

    A pin that a release has left is no such thing: that of a rollback, or of a release that was killed.
    """
    serving = [name for name, percent in service.shares.items() if percent]
    shown = ", ".join(f"{name} {percent} %" for name, percent in service.shares.items()) or "nobody"
    if not service.follows_latest and not service.leftovers:
        raise NotToBeReleased(
            f"somebody has pinned the traffic ({shown}): releasing would undo that. When it may be undone:"
            " gcloud run services update-traffic <service> --region <region> --to-latest"
        )
    if not serving:
        raise NotToBeReleased("no revision has any traffic; is this the first deployment? terraform apply comes first")
    # A release killed halfway leaves two: the callers go back to the one that has most of them.
    return max(serving, key=lambda name: service.shares[name])
