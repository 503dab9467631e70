# Where Twilio calls, with and without a load balancer.

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
  mock_resource "google_compute_security_policy" {
    override_during = plan
    defaults        = { id = "projects/maane-test/global/securityPolicies/maane-edge" }
  }
}
mock_provider "google-beta" {}

variables {
  project_id  = "maane-test"
  environment = "dev"
  alert_email = "oncall@example.com"
  image       = "me-west1-docker.pkg.dev/maane-test/maane/media-service@sha256:0000000000000000000000000000000000000000000000000000000000000000"
}

run "without_a_domain_twilio_calls_the_services_themselves" {
  command = plan

  assert {
    condition     = output.incoming_call_url == "https://incoming-call-${data.google_project.this.number}.me-west1.run.app"
    error_message = "The address for Twilio has to be the fixed one, which the function checks signatures against."
  }
  assert {
    condition     = google_cloud_run_v2_service.media.ingress == "INGRESS_TRAFFIC_ALL" && length(google_compute_global_forwarding_rule.this) == 0
    error_message = "Without a load balancer the media service has to be reachable by itself."
  }
}

run "with_a_domain_the_services_can_be_closed" {
  command = plan

  variables {
    public_domain              = "calls.example.com"
    only_through_load_balancer = true
  }

  assert {
    condition     = google_cloud_run_v2_service.media.ingress == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
    error_message = "The media service is reached through the load balancer only."
  }
  assert {
    condition     = output.incoming_call_url == "https://calls.example.com/webhook/incoming_call" && output.public_host == "calls.example.com"
    error_message = "Twilio is given the domain."
  }
  assert {
    condition     = length(google_compute_backend_service.this) == 3 && alltrue([for service in google_compute_backend_service.this : service.security_policy == "projects/maane-test/global/securityPolicies/maane-edge"])
    error_message = "Cloud Armor stands before every one of them."
  }
}
