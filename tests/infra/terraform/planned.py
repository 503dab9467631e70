"""Read a plan: what will be there, by type and address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Plan = Mapping[str, Any]

DEPLOYABLES: Final = ("media-service", "incoming-call", "stream-status", "summarize")

MEDIA: Final = "google_cloud_run_v2_service.media"
"""Address of the media service."""


def after(plan: Plan, kind: str) -> dict[str, dict[str, Any]]:
    """The planned values of every resource of this type, by address; what is known only after apply is missing."""
    return {
        each["address"]: each["change"]["after"]
        for each in plan["resource_changes"]
        if each["type"] == kind and each["mode"] == "managed" and each["change"]["after"] is not None
    }


def everything(plan: Plan) -> dict[str, dict[str, Any]]:
    return {
        each["address"]: each["change"]["after"]
        for each in plan["resource_changes"]
        if each["mode"] == "managed" and each["change"]["after"] is not None
    }


def media_container(plan: Plan) -> dict[str, Any]:
    [service] = after(plan, "google_cloud_run_v2_service").values()
    [container] = service["template"][0]["containers"]
    found: dict[str, Any] = container
    return found


def functions(plan: Plan) -> dict[str, dict[str, Any]]:
    """By name."""
    return {each["name"]: each for each in after(plan, "google_cloudfunctions2_function").values()}


def environment(plan: Plan, deployable: str) -> dict[str, str]:
    """Plain variables of a deployable."""
    if deployable == "media-service":
        return {each["name"]: each["value"] for each in media_container(plan)["env"] if not each["value_source"]}
    variables: dict[str, str] = functions(plan)[deployable]["service_config"][0]["environment_variables"]
    return dict(variables)


def secrets(plan: Plan, deployable: str) -> dict[str, str]:
    """Variables that come from Secret Manager, with the version each is pinned to."""
    if deployable == "media-service":
        return {
            each["name"]: each["value_source"][0]["secret_key_ref"][0]["version"]
            for each in media_container(plan)["env"]
            if each["value_source"]
        }
    config = functions(plan)[deployable]["service_config"][0]
    return {each["key"]: each["version"] for each in config["secret_environment_variables"]}


def changes(plan: Plan) -> dict[str, list[str]]:
    """What an apply would do, by address; what stays as it is is left out."""
    found = {
        each["address"]: each["change"]["actions"] for each in plan["resource_changes"] if each["mode"] == "managed"
    }
    return {address: actions for address, actions in found.items() if actions != ["no-op"]}
