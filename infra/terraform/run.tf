locals {
  # Beside calls an instance answers probes, /status, and refusals when it is full: with exactly as many requests as calls
  # Cloud Run would hold these back in a queue, and a ringing phone with them.
  requests_beside_calls = 10
  calls_per_instance    = tonumber(local.environment["media-service"]["MAX_CONCURRENT_CALLS"])
}

resource "google_cloud_run_v2_service" "media" {
  name                = "media-service"
  location            = var.region
  ingress             = local.closed ? "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" : "INGRESS_TRAFFIC_ALL"
  deletion_protection = local.protected

  # Cloud Run reports this block for every service. Undeclared, each plan wants to remove it, or (newer providers) takes over
  # whatever is found there. Declared and not ignored, because how many instances there are is media_min_instances and
  # media_max_instances, and no operator's toggle: a number fixed by hand (`--scaling=3`) overrides both, and forgotten it
  # would refuse callers while no plan says so.
  scaling {
    scaling_mode          = "AUTOMATIC"
    min_instance_count    = 0 # those of each revision stand in its template
    manual_instance_count = 0
  }

  template {
    service_account                  = google_service_account.this["media-service"].email
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"
    max_instance_request_concurrency = local.calls_per_instance + local.requests_beside_calls
    session_affinity                 = true
    # A WebSocket is one request, and this is its limit in all, not its idle time: the longest call there can be.
    timeout = "3600s"

    scaling {
      min_instance_count = var.media_min_instances
      max_instance_count = var.media_max_instances
    }

    containers {
      name  = "media-service"
      image = var.image

      ports {
        name           = "http1" # end-to-end HTTP/2 would carry no WebSocket
        container_port = 8080
      }

      resources {
        limits = { cpu = "1", memory = "1Gi" }
        # A call's last events are published after its socket has closed, and idle instances keep the greeting warm.
        cpu_idle          = false
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = local.environment["media-service"]
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = toset(local.secret_environment["media-service"])
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = google_secret_manager_secret.this[local.secret_ids[env.key]].secret_id
              version = local.secret_versions[env.key]
            }
          }
        }
      }

      # Ready when clients and greeting are warm: two minutes for that, asked every two seconds.
      startup_probe {
        period_seconds    = 2
        timeout_seconds   = 2
        failure_threshold = 60
        http_get {
          path = "/ready"
        }
      }

      # A restart hangs up on every caller of the instance, so it takes a minute of silence, not one slow answer.
      liveness_probe {
        period_seconds    = 10
        timeout_seconds   = 5
        failure_threshold = 6
        http_get {
          path = "/health"
        }
      }
    }
  }

  # The release owns image, revision and traffic; gcloud leaves its name in the others. Everything else is Terraform's,
  # the environment included: what operators set there arrives by var.operator_toggles.
  lifecycle {
    ignore_changes = [
      client,
      client_version,
      template[0].annotations,
      template[0].containers[0].image,
      template[0].labels,
      template[0].revision,
      traffic,
    ]

    precondition {
      condition     = alltrue([for host in values(local.run_app) : length(split(".", host)[0]) <= 63])
      error_message = "A service's name with the project number is longer than the 63 characters a DNS label may have: it would get no fixed address, and Twilio's signatures could not be checked."
    }

    precondition {
      condition     = local.calls_per_instance + local.requests_beside_calls <= 1000
      error_message = "MAX_CONCURRENT_CALLS is at most 990: Cloud Run gives an instance at most 1000 requests."
    }
  }

  # Secrets are read, and grants checked, when the first instance starts.
  depends_on = [google_secret_manager_secret_iam_member.reader, google_project_service.this]
}

# Twilio has no Google identity to show. What keeps strangers out is its signature, checked before the upgrade.
resource "google_cloud_run_v2_service_iam_member" "twilio" {
  for_each = {
    media-service = google_cloud_run_v2_service.media.name
    incoming-call = module.function["incoming-call"].name
    stream-status = module.function["stream-status"].name
  }

  location = var.region
  name     = each.value
  role     = "roles/run.invoker"
  member   = "allUsers"
}
