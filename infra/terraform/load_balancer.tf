# Optional: one host in front of everything Twilio calls, with Cloud Armor before it. Paths go through unchanged; the
# functions know the path of their public URL.
locals {
  behind_balancer = var.public_domain == null ? {} : {
    media-service = google_cloud_run_v2_service.media.name
    incoming-call = module.function["incoming-call"].name
    stream-status = module.function["stream-status"].name
  }
  balancer_count = var.public_domain == null ? 0 : 1
}

resource "google_compute_region_network_endpoint_group" "this" {
  for_each = local.behind_balancer

  name                  = each.key
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = each.value
  }
}

resource "google_compute_security_policy" "edge" {
  count = local.balancer_count

  name        = "maane-edge"
  description = "What may reach the webhooks and the media service"

  rule {
    description = "Known attacks on Log4j"
    action      = "deny(403)"
    priority    = 100
    match {
      expr {
        expression = "evaluatePreconfiguredWaf('cve-canary')"
      }
    }
  }

  rule {
    description = "A flood from one address"
    action      = "throttle"
    priority    = 1000
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"
      rate_limit_threshold {
        count        = var.requests_per_minute_per_address
        interval_sec = 60
      }
    }
  }

  # Twilio publishes no addresses for webhooks; its signature is what decides.
  rule {
    description = "Everybody else"
    action      = "allow"
    priority    = 2147483647
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }
}

resource "google_compute_backend_service" "this" {
  for_each = local.behind_balancer

  name                  = each.key
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = google_compute_security_policy.edge[0].id

  backend {
    group = google_compute_region_network_endpoint_group.this[each.key].id
  }

  log_config {
    enable      = true
    sample_rate = 1
  }
}

resource "google_compute_url_map" "this" {
  count = local.balancer_count

  name            = "maane"
  default_service = google_compute_backend_service.this["media-service"].id

  host_rule {
    hosts        = [var.public_domain]
    path_matcher = "twilio"
  }

  path_matcher {
    name            = "twilio"
    default_service = google_compute_backend_service.this["media-service"].id

    path_rule {
      paths   = ["/webhook/incoming_call", "/webhook/incoming_call/*"]
      service = google_compute_backend_service.this["incoming-call"].id
    }
    path_rule {
      paths   = ["/webhook/stream_status"]
      service = google_compute_backend_service.this["stream-status"].id
    }
    path_rule {
      paths   = ["/ws/twilio-media", "/ws/twilio-media/"]
      service = google_compute_backend_service.this["media-service"].id
    }
  }
}

resource "google_compute_managed_ssl_certificate" "this" {
  count = local.balancer_count

  name = "maane-${replace(var.public_domain, ".", "-")}"

  managed {
    domains = [var.public_domain]
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_compute_ssl_policy" "this" {
  count = local.balancer_count

  name            = "maane"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_target_https_proxy" "this" {
  count = local.balancer_count

  name             = "maane"
  url_map          = google_compute_url_map.this[0].id
  ssl_certificates = [google_compute_managed_ssl_certificate.this[0].id]
  ssl_policy       = google_compute_ssl_policy.this[0].id
}

resource "google_compute_global_address" "this" {
  count = local.balancer_count

  name       = "maane"
  depends_on = [google_project_service.this]
}

resource "google_compute_global_forwarding_rule" "this" {
  count = local.balancer_count

  name                  = "maane"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.this[0].id
  port_range            = "443"
  target                = google_compute_target_https_proxy.this[0].id
}
