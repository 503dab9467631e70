# Who wins over whom in a deployable's environment.

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
}
mock_provider "google-beta" {}

variables {
  project_id  = "maane-test"
  environment = "dev"
  alert_email = "oncall@example.com"
  image       = "me-west1-docker.pkg.dev/maane-test/maane/media-service@sha256:0000000000000000000000000000000000000000000000000000000000000000"
}

run "committed_toggles_go_where_they_are_read" {
  command = plan

  variables {
    toggles = { REPLY_ENGINE = "script", RETENTION_DAYS = "90" }
  }

  assert {
    condition     = local.environment["media-service"]["REPLY_ENGINE"] == "script" && local.environment["summarize"]["REPLY_ENGINE"] == "script"
    error_message = "Both that read REPLY_ENGINE have to get it."
  }
  assert {
    condition     = !contains(keys(local.environment["incoming-call"]), "REPLY_ENGINE")
    error_message = "incoming-call does not read REPLY_ENGINE."
  }
  assert {
    condition     = alltrue([for name in ["incoming-call", "stream-status", "summarize"] : local.environment[name]["RETENTION_DAYS"] == "90"])
    error_message = "All that write documents have to agree when they expire."
  }
}

run "an_operator_wins_over_what_is_committed" {
  command = plan

  variables {
    toggles          = { REPLY_ENGINE = "gemini" }
    operator_toggles = { media-service = { REPLY_ENGINE = "script" } }
  }

  assert {
    condition     = local.environment["media-service"]["REPLY_ENGINE"] == "script" && local.environment["summarize"]["REPLY_ENGINE"] == "gemini"
    error_message = "The operator has set it on the media service, and there only."
  }
  assert {
    condition     = jsondecode(local.environment["media-service"]["COMMITTED_ENVIRONMENT"])["REPLY_ENGINE"] == "gemini"
    error_message = "The record has to hold what is committed, or the operator's value would pass for it next time."
  }
}

run "calls_and_requests_go_together" {
  command = plan

  variables {
    max_concurrent_calls = 40
  }

  assert {
    condition     = local.environment["media-service"]["MAX_CONCURRENT_CALLS"] == "40" && google_cloud_run_v2_service.media.template[0].max_instance_request_concurrency == 50
    error_message = "An instance needs as many requests as calls, and ten beside them."
  }
}

run "toggles_set_to_nothing_stay_set_to_nothing" {
  command = plan

  variables {
    toggles = { STREAM_STATUS_EVENTS = "" }
  }

  assert {
    condition     = local.environment["incoming-call"]["STREAM_STATUS_EVENTS"] == ""
    error_message = "An empty STREAM_STATUS_EVENTS leaves the attribute out of the TwiML; that differs from its default."
  }
}
