output "incoming_call_url" {
  description = "At Twilio, the number's \"A call comes in\": webhook, HTTP POST."
  value       = module.function["incoming-call"].environment["INCOMING_CALL_URL"]
}

output "stream_status_url" {
  description = "Where Twilio reports on streams; the TwiML names it, nothing is to be pasted."
  value       = module.function["stream-status"].environment["STREAM_STATUS_URL"]
}

output "public_host" {
  description = "Host Twilio opens the media stream to."
  value       = local.public_host
}

output "media_service_uri" {
  description = "Address of the media service as Google reports it, for /status."
  value       = google_cloud_run_v2_service.media.uri
}

output "image_repository" {
  description = "Where images are pushed, without image name."
  value       = google_artifact_registry_repository.images.registry_uri
}

output "service_accounts" {
  description = "E-mail of each account, by workload."
  value       = { for name, account in google_service_account.this : name => account.email }
}

output "topics" {
  description = "Id of each topic."
  value = {
    call_events = google_pubsub_topic.call_events.id
    dead_letter = google_pubsub_topic.dead_letter.id
    new_leads   = google_pubsub_topic.new_leads.id
  }
}

output "lead_webhook_account" {
  description = "E-mail that the webhook's OIDC tokens are made out for, to be checked by the receiver; null without a webhook."
  value       = one(google_service_account.lead_webhook[*].email)
}

output "load_balancer_address" {
  description = "Point the A record of public_domain here; null without a load balancer."
  value       = one(google_compute_global_address.this[*].address)
}

output "release_trigger" {
  description = "Id of the Cloud Build trigger; null without a repository."
  value       = one(google_cloudbuild_trigger.release[*].trigger_id)
}
