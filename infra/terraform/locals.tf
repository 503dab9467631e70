locals {
  labels    = { app = "maane", environment = var.environment }
  protected = var.environment == "prod"

  # Fixed by name, project number and region, so they are known before anything exists: each deployable can be told the
  # addresses Twilio signs over. The `uri` a service reports may be another form of its address.
  run_app = { for name in ["media-service", "incoming-call", "stream-status", "summarize"] : name => "${name}-${data.google_project.this.number}.${var.region}.run.app" }

  public_host       = var.public_domain == null ? local.run_app["media-service"] : var.public_domain
  incoming_call_url = var.public_domain == null ? "https://${local.run_app["incoming-call"]}" : "https://${var.public_domain}/webhook/incoming_call"
  stream_status_url = var.public_domain == null ? "https://${local.run_app["stream-status"]}" : "https://${var.public_domain}/webhook/stream_status"

  # A load balancer that can be walked around protects nothing; but see only_through_load_balancer.
  closed = var.only_through_load_balancer
}
