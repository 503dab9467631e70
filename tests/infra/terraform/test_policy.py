"""What may never be planned, whatever else changes: who may call, who may do what, what is protected and pinned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest

from tests.infra.terraform.conftest import TERRAFORM
from tests.infra.terraform.planned import DEPLOYABLES, Plan, after, environment, everything, functions, media_container

pytestmark = pytest.mark.terraform

TWILIO_CALLS: Final = {"media-service", "incoming-call", "stream-status"}

PROJECT_WIDE: Final = {
    "roles/cloudfunctions.developer",
    "roles/datastore.user",
    "roles/logging.logWriter",
    "roles/speech.client",
    "roles/storage.objectViewer",
}
"""Roles that no single resource can grant; two of them are narrowed by a condition. Own roles are tested below."""


def iam_members(plan: Plan) -> dict[str, dict[str, str]]:
    """Role and member of each grant, by address; empty where known only after apply (own roles, Google's accounts)."""
    return {
        address: {"role": each.get("role") or "", "member": each.get("member") or ""}
        for address, each in everything(plan).items()
        if "_iam_member." in address
    }


def service_accounts(plan: Plan) -> dict[str, str]:
    """E-mail of what runs code, by address."""
    found = {
        address: each["template"][0]["service_account"]
        for address, each in after(plan, "google_cloud_run_v2_service").items()
    }
    for address, each in after(plan, "google_cloudfunctions2_function").items():
        found[address] = each["service_config"][0]["service_account_email"]
    return found


def leaves(value: object) -> Iterator[str]:
    """Every text in a planned value."""
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, str):
        yield value


# What checkov does not see


def test_strangers_may_call_what_twilio_calls_and_nothing_else(plan: Plan) -> None:
    public = {
        address: each
        for address, each in iam_members(plan).items()
        if each["member"] in {"allUsers", "allAuthenticatedUsers"}
    }

    assert {each["role"] for each in public.values()} == {"roles/run.invoker"}
    assert {address.partition('["')[2].rstrip('"]') for address in public} == TWILIO_CALLS
    assert all(address.startswith("google_cloud_run_v2_service_iam_member.twilio[") for address in public)


def test_no_service_goes_without_the_callers_check(plan: Plan) -> None:
    for service in after(plan, "google_cloud_run_v2_service").values():
        assert not service["invoker_iam_disabled"]


def test_only_pubsub_and_the_sweep_may_call_summarize_and_they_nothing_else(plan: Plan) -> None:
    invokers = {
        address: each["member"] for address, each in iam_members(plan).items() if each["role"] == "roles/run.invoker"
    }
    named = {address: member.partition("@")[0] for address, member in invokers.items() if member != "allUsers"}

    assert named == {
        "google_cloud_run_v2_service_iam_member.push": "serviceAccount:pubsub-push",
        "google_cloud_run_v2_service_iam_member.sweep": "serviceAccount:sweep-scheduler",
    }
    for each in ("pubsub-push", "sweep-scheduler"):
        roles = {grant["role"] for grant in iam_members(plan).values() if f":{each}@" in grant["member"]}
        assert roles == {"roles/run.invoker"}
    assert functions(plan)["summarize"]["service_config"][0]["ingress_settings"] == "ALLOW_INTERNAL_ONLY"


def test_calls_that_nobody_ended_are_looked_for_every_two_minutes(plan: Plan) -> None:
    """Five minutes are promised. No attempt outlives the time to the next, so that no two run beside each other."""
    [job] = after(plan, "google_cloud_scheduler_job").values()
    [target] = job["http_target"]

    assert job["schedule"] == "*/2 * * * *"
    assert not job.get("paused")
    assert target["http_method"] == "POST"
    assert target["oidc_token"][0]["service_account_email"].startswith("sweep-scheduler@")
    assert float(job["attempt_deadline"].rstrip("s")) < 120
    summarize = functions(plan)["summarize"]["service_config"][0]
    assert float(job["attempt_deadline"].rstrip("s")) <= summarize["timeout_seconds"]


def test_the_sweep_goes_to_summarize_with_a_token_made_out_to_it(prod: Plan) -> None:
    """Known only after the apply; what it will be is what it refers to."""
    [target] = [
        each["expressions"]["http_target"][0]
        for each in prod["configuration"]["root_module"]["resources"]
        if each["address"] == "google_cloud_scheduler_job.sweep"
    ]
    summarize = 'module.function["summarize"].uri'

    assert summarize in target["uri"]["references"]
    assert summarize in target["oidc_token"][0]["audience"]["references"]
    assert "/sweep" in (TERRAFORM / "sweep.tf").read_text("utf-8")


def test_only_summarize_tells_of_leads(plan: Plan) -> None:
    publishers = {
        address: each["member"].partition("@")[0]
        for address, each in iam_members(plan).items()
        if each["role"] == "roles/pubsub.publisher" and each["member"]
    }

    assert publishers == {
        "google_pubsub_topic_iam_member.media_service": "serviceAccount:media-service",
        "google_pubsub_topic_iam_member.new_leads": "serviceAccount:summarize",
    }
    assert environment(plan, "summarize")["NEW_LEADS_TOPIC"] == "new-leads"


def test_without_a_webhook_leads_are_pushed_to_nobody(dev: Plan) -> None:
    names = {each["name"] for each in after(dev, "google_pubsub_subscription").values()}

    assert names == {"summarize", "call-events-dead", "new-leads-dead"}


def test_the_webhook_gets_every_lead_in_order_with_a_token_made_out_to_it(prod_with_everything: Plan) -> None:
    subscriptions = {each["name"]: each for each in after(prod_with_everything, "google_pubsub_subscription").values()}
    webhook = subscriptions["lead-webhook"]
    [push] = webhook["push_config"]

    assert push["push_endpoint"] == push["oidc_token"][0]["audience"] == "https://crm.example.com/maane"
    assert push["oidc_token"][0]["service_account_email"].startswith("lead-webhook@")
    assert push["no_wrapper"][0]["write_metadata"] is True
    assert webhook["enable_message_ordering"] is True
    assert webhook["expiration_policy"][0]["ttl"] == ""
    assert webhook["retry_policy"] == [{"minimum_backoff": "10s", "maximum_backoff": "600s"}]
    assert webhook["dead_letter_policy"][0]["max_delivery_attempts"] >= 20
    assert not [
        each["role"] for each in iam_members(prod_with_everything).values() if ":lead-webhook@" in each["member"]
    ]


def test_images_are_pinned_by_digest(plan: Plan) -> None:
    for service in after(plan, "google_cloud_run_v2_service").values():
        for container in service["template"][0]["containers"]:
            assert re.search(r"@sha256:[0-9a-f]{64}\Z", container["image"])


def test_every_workload_has_an_account_of_its_own(plan: Plan) -> None:
    mails = list(service_accounts(plan).values())

    assert len(mails) == len(DEPLOYABLES)
    assert all(mails)
    assert len(set(mails)) == len(mails)


def test_the_default_account_is_used_by_nothing(plan: Plan) -> None:
    """It may do nearly everything, and functions use it silently wherever an account is left out."""
    assert not [text for each in everything(plan).values() for text in leaves(each) if "compute@developer" in text]
    for function in functions(plan).values():
        assert function["service_config"][0]["service_account_email"]
    built_by = [
        resource["expressions"]["build_config"][0]["service_account"]["references"][0]
        for resource in plan["configuration"]["root_module"]["module_calls"]["function"]["module"]["resources"]
        if resource["type"] == "google_cloudfunctions2_function"
    ]
    assert built_by == ["var.build_account"]


def test_no_secret_stands_in_an_environment(plan: Plan) -> None:
    telling = re.compile(r"TOKEN$|SECRET|PASSWORD|CREDENTIAL|(API|PRIVATE)_?KEY", re.IGNORECASE)
    for deployable in DEPLOYABLES:
        assert not [name for name in environment(plan, deployable) if telling.search(name)]


def test_no_value_of_a_secret_is_terraforms(plan: Plan) -> None:
    """What Terraform writes it keeps in its state, or needs again at each apply."""
    assert not after(plan, "google_secret_manager_secret_version")
    assert len(after(plan, "google_secret_manager_secret")) == 2


def test_no_account_has_a_key(plan: Plan) -> None:
    assert not after(plan, "google_service_account_key")


# Who may do what


def test_grants_are_additive(plan: Plan) -> None:
    """A binding or a policy would take away what others have granted."""
    assert not [address for address in everything(plan) if re.search(r"_iam_(binding|policy)\.", address)]


def test_basic_roles_are_granted_to_nobody(plan: Plan) -> None:
    basic = {"roles/owner", "roles/editor", "roles/viewer", "roles/browser"}
    assert not [address for address, each in iam_members(plan).items() if each["role"] in basic]


def test_what_a_resource_can_grant_is_not_granted_for_the_project(plan: Plan) -> None:
    granted = {each["role"] for each in after(plan, "google_project_iam_member").values() if each.get("role")}
    assert granted == PROJECT_WIDE


def test_grants_on_data_are_narrowed_to_it(plan: Plan) -> None:
    narrowed = {"roles/datastore.user": "/databases/(default)", "roles/storage.objectViewer": "gcf-v2-sources-"}
    for each in after(plan, "google_project_iam_member").values():
        if each.get("role") in narrowed:
            assert narrowed[each["role"]] in each["condition"][0]["expression"]


def test_own_roles_hold_no_right_to_change_anything(plan: Plan) -> None:
    """What they are for is reading a configuration, reading log entries and asking a model."""
    permissions = {
        permission
        for role in after(plan, "google_project_iam_custom_role").values()
        for permission in role["permissions"]
    }
    harmless = {"aiplatform.endpoints.predict", "logging.logEntries.list", "serviceusage.services.use"}

    assert not [
        each for each in permissions - harmless if not re.search(r"\.(get|list|getIamPolicy|getMetadata)\Z", each)
    ]
    # Reading documents, messages or secrets is not reading the configuration.
    assert not [
        each for each in permissions if re.search(r"entities|secretmanager\.versions|storage\.objects|consume", each)
    ]


def test_the_pipeline_cannot_make_itself_owner(plan: Plan) -> None:
    """Whoever may push would be whoever may do everything."""
    deploy = [each for each in iam_members(plan).values() if each["member"].startswith("serviceAccount:deploy@")]

    assert deploy
    assert not [each["role"] for each in deploy if re.search(r"[aA]dmin|owner|editor|TokenCreator", each["role"])]


def test_acting_as_an_account_is_granted_by_account(plan: Plan) -> None:
    acting = {
        address: each for address, each in iam_members(plan).items() if each["role"] == "roles/iam.serviceAccountUser"
    }
    assert acting
    assert all(address.startswith("google_service_account_iam_member.") for address in acting)


# Pinned decisions that cost money, calls or data when they change unseen


def test_the_media_service_answers_at_once_and_lets_calls_last(plan: Plan) -> None:
    [service] = after(plan, "google_cloud_run_v2_service").values()
    template, container = service["template"][0], media_container(plan)

    assert template["scaling"][0]["min_instance_count"] >= 1
    assert service["scaling"][0]["scaling_mode"] == "AUTOMATIC"
    assert template["timeout"] == "3600s"
    assert template["session_affinity"] is True
    assert template["execution_environment"] == "EXECUTION_ENVIRONMENT_GEN2"
    assert container["resources"][0]["cpu_idle"] is False
    assert container["resources"][0]["startup_cpu_boost"] is True
    assert container["startup_probe"][0]["http_get"][0]["path"] == "/ready"
    assert container["liveness_probe"][0]["http_get"][0]["path"] == "/health"
    assert container["ports"][0]["name"] == "http1"


def test_an_instance_takes_all_its_calls_and_still_answers_probes(plan: Plan) -> None:
    [service] = after(plan, "google_cloud_run_v2_service").values()
    calls = int(environment(plan, "media-service")["MAX_CONCURRENT_CALLS"])

    assert calls < service["template"][0]["max_instance_request_concurrency"] <= calls + 20


def test_a_ringing_phone_finds_its_function_warm(plan: Plan) -> None:
    config = functions(plan)["incoming-call"]["service_config"][0]

    assert config["min_instance_count"] >= 1
    assert config["max_instance_request_concurrency"] <= 8


def test_every_function_has_a_thread_for_each_request(plan: Plan) -> None:
    for name, function in functions(plan).items():
        config = function["service_config"][0]
        assert environment(plan, name)["THREADS"] == str(config["max_instance_request_concurrency"])


def test_a_bundle_is_named_by_its_content(plan: Plan) -> None:
    objects = [each["name"] for each in after(plan, "google_storage_bucket_object").values()]

    assert sorted(name.rsplit("-", 1)[0] for name in objects) == sorted(functions(plan))
    assert all(re.search(r"-[0-9a-f]{16}\.zip\Z", name) for name in objects)


def test_an_event_is_tried_again_and_never_lost(plan: Plan) -> None:
    subscriptions = {each["name"]: each for each in after(plan, "google_pubsub_subscription").values()}
    summarize, dead = subscriptions["summarize"], subscriptions["call-events-dead"]

    assert (
        summarize["ack_deadline_seconds"] > functions(plan)["summarize"]["service_config"][0]["timeout_seconds"] >= 180
    )
    assert summarize["dead_letter_policy"][0]["max_delivery_attempts"] >= 5
    assert summarize["retry_policy"][0]["minimum_backoff"] == "10s"
    assert summarize["push_config"][0]["oidc_token"][0]["service_account_email"].startswith("pubsub-push@")
    assert [each["expiration_policy"][0]["ttl"] for each in (summarize, dead)] == ["", ""]


def test_events_are_pushed_to_summarize_with_a_token_made_out_to_it(prod: Plan) -> None:
    """Both are known only after the apply; what they will be is what they refer to."""
    [push] = [
        each["expressions"]["push_config"][0]
        for each in prod["configuration"]["root_module"]["resources"]
        if each["address"] == "google_pubsub_subscription.summarize"
    ]
    summarize = 'module.function["summarize"].uri'

    assert summarize in push["push_endpoint"]["references"]
    assert summarize in push["oidc_token"][0]["audience"]["references"]


def test_dead_letters_may_be_forwarded(plan: Plan) -> None:
    """Pub/Sub needs both grants; with one of them it tries for ever and says nothing."""
    granted = {
        (address.partition(".")[0], each["role"]) for address, each in iam_members(plan).items() if "forward" in address
    }

    assert granted == {
        ("google_pubsub_topic_iam_member", "roles/pubsub.publisher"),
        ("google_pubsub_subscription_iam_member", "roles/pubsub.subscriber"),
    }


def test_leads_that_the_webhook_does_not_take_may_be_forwarded(prod_with_everything: Plan) -> None:
    grants = set(iam_members(prod_with_everything))

    assert {
        "google_pubsub_topic_iam_member.forward_leads[0]",
        "google_pubsub_subscription_iam_member.forward_leads[0]",
        "google_service_account_iam_member.lead_tokens[0]",
    } <= grants


def test_what_callers_say_stays_in_the_region(plan: Plan) -> None:
    for topic in after(plan, "google_pubsub_topic").values():
        assert topic["message_storage_policy"][0]["allowed_persistence_regions"] == ["me-west1"]


def test_everything_with_personal_data_expires(plan: Plan) -> None:
    expiring = {each["collection"] for each in after(plan, "google_firestore_field").values() if each["ttl_config"]}
    assert expiring == {"leads", "calls", "utterances", "rejected_events"}


def test_every_query_of_the_programs_has_its_index(plan: Plan) -> None:
    """One that is missing is an outage of its own: Firestore refuses the query."""
    indexes = {
        (each["collection"], *(f"{part['field_path']} {part['order']}" for part in each["fields"]))
        for each in after(plan, "google_firestore_index").values()
    }

    assert {
        ("calls", "lead_id ASCENDING", "started_at DESCENDING"),
        ("calls", "started_at ASCENDING", "duration_s ASCENDING"),
    } <= indexes
    # By single fields, which Firestore indexes by itself unless it is told not to.
    asked_for = {("calls", "from"), ("calls", "lead_id"), ("calls", "started_at"), ("calls", "sweep_at")}
    asked_for |= {("leads", "phone"), ("leads", "notice"), ("utterances", "type")}
    unindexed = {(each["collection"], each["field"]) for each in after(plan, "google_firestore_field").values()}
    assert not asked_for & unindexed


def test_the_records_can_be_had_back(plan: Plan) -> None:
    [database] = after(plan, "google_firestore_database").values()

    assert database["point_in_time_recovery_enablement"] == "POINT_IN_TIME_RECOVERY_ENABLED"
    assert len(after(plan, "google_firestore_backup_schedule")) == 2


@pytest.mark.parametrize("name", ["prod", "prod_with_everything"])
def test_production_cannot_be_deleted_by_mistake(request: pytest.FixtureRequest, name: str) -> None:
    plan: Plan = request.getfixturevalue(name)
    [database] = after(plan, "google_firestore_database").values()
    [service] = after(plan, "google_cloud_run_v2_service").values()
    [bucket] = after(plan, "google_storage_bucket").values()
    subscriptions = after(plan, "google_pubsub_subscription")
    dead_letters = subscriptions["google_pubsub_subscription.dead_letter"]
    undelivered_leads = subscriptions["google_pubsub_subscription.new_leads_dead"]

    assert database["delete_protection_state"] == "DELETE_PROTECTION_ENABLED"
    assert database["deletion_policy"] == "ABANDON"
    assert service["deletion_protection"] is True
    assert not bucket["force_destroy"]
    assert bucket["deletion_policy"] == dead_letters["deletion_policy"] == "PREVENT"
    assert undelivered_leads["deletion_policy"] == "PREVENT"
    assert all(each["deletion_protection"] for each in after(plan, "google_secret_manager_secret").values())


def test_a_development_project_can_be_taken_down(dev: Plan) -> None:
    [database] = after(dev, "google_firestore_database").values()
    [service] = after(dev, "google_cloud_run_v2_service").values()

    assert database["deletion_policy"] == "DELETE"
    assert service["deletion_protection"] is False


def test_a_budget_is_for_the_projects_number(prod_with_everything: Plan) -> None:
    """With its id each plan would find a difference."""
    [budget] = after(prod_with_everything, "google_billing_budget").values()

    assert budget["budget_filter"][0]["projects"] == ["projects/123456789012"]
    assert {each["spend_basis"] for each in budget["threshold_rules"]} == {"CURRENT_SPEND", "FORECASTED_SPEND"}


def test_the_optional_parts_are_left_out_unless_asked_for(dev: Plan) -> None:
    kinds = {each["type"] for each in dev["resource_changes"]}

    assert not {kind for kind in kinds if kind.startswith("google_compute_")}
    assert not kinds & {"google_billing_budget", "google_cloudbuild_trigger"}


def test_only_known_hosts_and_paths_reach_a_function_through_the_load_balancer(prod_with_everything: Plan) -> None:
    [urls] = after(prod_with_everything, "google_compute_url_map").values()

    paths = {path for rule in urls["path_matcher"][0]["path_rule"] for path in rule["paths"]}
    assert {"/ws/twilio-media", "/webhook/incoming_call", "/webhook/incoming_call/*", "/webhook/stream_status"} <= paths
    assert len(after(prod_with_everything, "google_compute_backend_service")) == 3


# The configuration itself


def test_every_variable_and_output_is_described(prod: Plan) -> None:
    module = prod["configuration"]["root_module"]
    for each in (module, module["module_calls"]["function"]["module"]):
        assert not [name for name, variable in each["variables"].items() if not variable.get("description")]
        assert not [name for name, output in each.get("outputs", {}).items() if not output.get("description")]
