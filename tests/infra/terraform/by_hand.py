"""What others than Terraform do to the live services: the same change, made to a copy of the configuration."""

from __future__ import annotations

import re
from pathlib import Path


def toggle_media(folder: Path, name: str, value: str) -> None:
    """As `gcloud run services update media-service --update-env-vars` leaves the service."""
    replace(
        folder / "run.tf",
        'for_each = local.environment["media-service"]',
        f'for_each = merge(local.environment["media-service"], {{ {name} = "{value}" }})',
    )


def toggle_function(folder: Path, function: str, name: str, value: str) -> None:
    """As `gcloud run services update summarize --update-env-vars` leaves it."""
    replace(
        folder / "functions.tf",
        "= local.environment[each.key]\n",
        f'= each.key == "{function}" ? merge(local.environment[each.key], {{ {name} = "{value}" }}) '
        ": local.environment[each.key]\n",
    )


def release(folder: Path) -> None:
    """As a release leaves the service: another image, its revision by name, and the traffic pinned to it."""
    replace(folder / "run.tf", "image = var.image", f'image = "r/p/maane/media-service@sha256:{"1" * 64}"')
    replace(
        folder / "run.tf",
        "  template {\n",
        '  client         = "gcloud"\n  client_version = "999.0.0"\n'
        '  traffic {\n    type    = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"\n    percent = 100\n'
        '    tag     = "c-1a2b3c4"\n  }\n'
        '  template {\n    revision = "media-service-1a2b3c4"\n'
        '    labels = { "client.knative.dev/nonce" = "abc" }\n',
    )


def leave_instances_to_cloud_run(folder: Path) -> None:
    """As Cloud Run reports every service, whether its scaling was asked for or not."""
    _scale(folder, 'scaling_mode = "AUTOMATIC"\n    min_instance_count = 0\n    manual_instance_count = 0')


def fix_the_number_of_instances(folder: Path) -> None:
    """As `gcloud run services update media-service --scaling=3` leaves it: the limits of a revision count no more."""
    _scale(folder, 'scaling_mode = "MANUAL"\n    manual_instance_count = 3')


def _scale(folder: Path, of_the_service: str) -> None:
    file = folder / "run.tf"
    undeclared = re.sub(
        r"^  scaling \{\n.*?^  \}\n", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    file.write_text(undeclared, encoding="utf-8")
    replace(file, "  template {\n", f"  scaling {{\n    {of_the_service}\n  }}\n  template {{\n")


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file.name}"
    file.write_text(text.replace(old, new), encoding="utf-8")
