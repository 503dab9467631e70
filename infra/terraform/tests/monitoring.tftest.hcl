# Who is woken, and who reads it in the morning.

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

run "pagers_get_what_cannot_wait_and_nothing_else" {
  command = plan

  override_resource {
    target          = google_monitoring_notification_channel.email
    override_during = plan
    values          = { id = "projects/maane-test/notificationChannels/2" }
  }

  variables {
    paging_channels = ["projects/maane-test/notificationChannels/1"]
  }

  assert {
    condition = alltrue([
      for alert in concat(values(google_monitoring_alert_policy.this), values(google_monitoring_alert_policy.burn)) :
      contains(alert.notification_channels, "projects/maane-test/notificationChannels/1") == (alert.severity == "CRITICAL")
    ])
    error_message = "A pager is called for each alert of severity CRITICAL, and for no other."
  }

  assert {
    condition = alltrue([
      for alert in concat(values(google_monitoring_alert_policy.this), values(google_monitoring_alert_policy.burn)) :
      contains(alert.notification_channels, "projects/maane-test/notificationChannels/2")
    ])
    error_message = "Every alert goes to the mail address."
  }
}

run "one_instance_at_most_is_no_reason_for_an_alert" {
  command = plan

  variables {
    media_max_instances = 1
  }

  assert {
    condition     = google_monitoring_alert_policy.this["max-instances"].conditions[0].condition_threshold[0].threshold_value == 1
    error_message = "With one instance allowed, one instance is nothing to be told of."
  }
}

run "a_pager_is_named_in_full" {
  command = plan

  variables {
    paging_channels = ["1234567890"]
  }

  expect_failures = [var.paging_channels]
}
