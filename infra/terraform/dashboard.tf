# What an operator looks at first, top to bottom in the order of questions: are calls answered, quickly, with leads; and
# if not, why.
resource "google_monitoring_dashboard" "calls" {
  dashboard_json = templatefile("${path.module}/dashboards/calls.json", {
    project_id               = var.project_id
    summarize_subscription   = google_pubsub_subscription.summarize.name
    dead_letter_subscription = google_pubsub_subscription.dead_letter.name
    dead_leads_subscription  = google_pubsub_subscription.new_leads_dead.name
  })

  depends_on = [google_logging_metric.this, google_monitoring_slo.this]
}
