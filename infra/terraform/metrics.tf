# What the log says, counted. The names are what objectives.tf, monitoring/alerts.yaml and dashboards/ refer to.

locals {
  log_metrics = yamldecode(file("${path.module}/monitoring/metrics.yaml"))
}

resource "google_logging_metric" "this" {
  for_each = local.log_metrics

  name        = each.key
  description = each.value.says
  filter = join(" AND ", concat(
    can(each.value.job) ? [
      "resource.type=\"cloud_scheduler_job\"",
      "resource.labels.job_id=\"${each.value.job}\"",
      ] : [
      "resource.type=\"cloud_run_revision\"",
      "resource.labels.service_name=(${join(" OR ", formatlist("\"%s\"", each.value.services))})",
    ],
    [each.value.where],
  ))
  value_extractor  = try(each.value.value, null)
  label_extractors = try(each.value.labels, null)

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = can(each.value.value) ? "DISTRIBUTION" : "INT64"
    unit        = try(each.value.unit, "1")

    dynamic "labels" {
      for_each = try(each.value.labels, {})
      content {
        key        = labels.key
        value_type = "STRING"
      }
    }
  }

  dynamic "bucket_options" {
    for_each = can(each.value.buckets) ? [each.value.buckets] : []
    content {
      explicit_buckets {
        bounds = bucket_options.value
      }
    }
  }

  depends_on = [google_project_service.this]
}
