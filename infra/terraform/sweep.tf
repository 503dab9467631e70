# A call that nobody ended (its instance lost, its `call.ended` lost, its stream never started) is ended by summarize, which
# is asked to look for such calls every two minutes: within the five that are promised, with one attempt to spare.
resource "google_cloud_scheduler_job" "sweep" {
  name             = "sweep"
  description      = "Ends the calls that nobody ended"
  region           = var.region
  schedule         = "*/2 * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "110s" # over before the next begins

  # What one attempt leaves undone the next one does.
  retry_config {
    retry_count = 0
  }

  http_target {
    http_method = "POST"
    uri         = "${module.function["summarize"].uri}/sweep"

    oidc_token {
      service_account_email = google_service_account.this["sweep"].email
      audience              = module.function["summarize"].uri
    }
  }

  depends_on = [google_project_service.this, google_cloud_run_v2_service_iam_member.sweep]
}

# Its account may call summarize, and nothing else.
resource "google_cloud_run_v2_service_iam_member" "sweep" {
  location = var.region
  name     = module.function["summarize"].name
  role     = "roles/run.invoker"
  member   = google_service_account.this["sweep"].member
}
