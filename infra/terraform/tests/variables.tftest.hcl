# A typo stops the plan, with a message that shows a good value.

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
}
mock_provider "google-beta" {}

variables {
  project_id  = "maane-test"
  environment = "prod"
  alert_email = "oncall@example.com"
  image       = "me-west1-docker.pkg.dev/maane-test/maane/media-service@sha256:0000000000000000000000000000000000000000000000000000000000000000"
}

run "good_values_plan" {
  command = plan
}

run "project_number_for_id" {
  command = plan
  variables {
    project_id = "123456789012"
  }
  expect_failures = [var.project_id]
}

run "unknown_environment" {
  command = plan
  variables {
    environment = "production"
  }
  expect_failures = [var.environment]
}

run "zone_for_region" {
  command = plan
  variables {
    region = "me-west1-a"
  }
  expect_failures = [var.region]
}

run "unknown_firestore_location" {
  command = plan
  variables {
    firestore_location = "europe"
  }
  expect_failures = [var.firestore_location]
}

run "image_by_tag" {
  command = plan
  variables {
    image = "me-west1-docker.pkg.dev/maane-test/maane/media-service:latest"
  }
  expect_failures = [var.image]
}

run "no_instance_waiting" {
  command = plan
  variables {
    media_min_instances = 0
  }
  expect_failures = [var.media_min_instances]
}

run "more_at_least_than_at_most" {
  command = plan
  variables {
    media_min_instances = 5
    media_max_instances = 3
  }
  expect_failures = [var.media_max_instances]
}

run "more_calls_than_requests" {
  command = plan
  variables {
    max_concurrent_calls = 1000
  }
  expect_failures = [var.max_concurrent_calls]
}

run "operators_ask_for_more_calls_than_requests" {
  command = plan
  variables {
    operator_toggles = { media-service = { MAX_CONCURRENT_CALLS = "995" } }
  }
  expect_failures = [google_cloud_run_v2_service.media]
}

run "topic_with_its_project" {
  command = plan
  variables {
    call_events_topic = "projects/maane-test/topics/call-events"
  }
  expect_failures = [var.call_events_topic]
}

run "toggle_nobody_reads" {
  command = plan
  variables {
    toggles = { ENABLE_STREAMING = "false" }
  }
  expect_failures = [var.toggles]
}

run "operators_toggle_for_another_deployable" {
  command = plan
  variables {
    operator_toggles = { stream-status = { ENABLE_STREAMING_STT = "false" } }
  }
  expect_failures = [var.operator_toggles]
}

run "secret_not_pinned" {
  command = plan
  variables {
    secret_versions = { twilio_auth_token = "latest" }
  }
  expect_failures = [var.secret_versions]
}

run "domain_with_scheme" {
  command = plan
  variables {
    public_domain = "https://calls.example.com"
  }
  expect_failures = [var.public_domain]
}

run "closed_without_a_load_balancer" {
  command = plan
  variables {
    only_through_load_balancer = true
  }
  expect_failures = [var.only_through_load_balancer]
}

run "throttle_that_cuts_twilio_off" {
  command = plan
  variables {
    requests_per_minute_per_address = 10
  }
  expect_failures = [var.requests_per_minute_per_address]
}

run "no_mail_address" {
  command = plan
  variables {
    alert_email = "oncall"
  }
  expect_failures = [var.alert_email]
}

run "no_billing_account" {
  command = plan
  variables {
    billing_account = "my-billing"
  }
  expect_failures = [var.billing_account]
}

run "budget_of_nothing" {
  command = plan
  variables {
    budget_amount = 0
  }
  expect_failures = [var.budget_amount]
}

run "currency_by_sign" {
  command = plan
  variables {
    budget_currency = "$"
  }
  expect_failures = [var.budget_currency]
}

run "webhook_without_encryption" {
  command = plan
  variables {
    lead_webhook_url = "http://crm.example.com/maane"
  }
  expect_failures = [var.lead_webhook_url]
}

run "webhook_without_a_host" {
  command = plan
  variables {
    lead_webhook_url = "https:///maane"
  }
  expect_failures = [var.lead_webhook_url]
}

run "webhook_with_a_password_in_its_address" {
  command = plan
  variables {
    lead_webhook_url = "https://user:word@crm.example.com/maane"
  }
  expect_failures = [var.lead_webhook_url]
}

run "webhook_with_a_query" {
  command = plan
  variables {
    lead_webhook_url = "https://crm.example.com:8443/hooks/maane?key=1"
  }
}

run "topic_of_leads_by_its_full_name" {
  command = plan
  variables {
    new_leads_topic = "projects/maane-test/topics/new-leads"
  }
  expect_failures = [var.new_leads_topic]
}
