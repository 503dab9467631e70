# Alerts beside the burning budgets of objectives.tf, from monitoring/alerts.yaml.

locals {
  alerts = yamldecode(templatefile("${path.module}/monitoring/alerts.yaml", {
    summarize_subscription   = google_pubsub_subscription.summarize.name
    dead_letter_subscription = google_pubsub_subscription.dead_letter.name
    dead_leads_subscription  = google_pubsub_subscription.new_leads_dead.name
    # With one or two instances there is nothing to say before the last.
    nearly_all_instances = max(1, floor(0.8 * var.media_max_instances))
  }))
}

resource "google_monitoring_alert_policy" "this" {
  for_each = local.alerts

  display_name          = each.value.display_name
  combiner              = try(each.value.combiner, "OR")
  severity              = each.value.severity
  notification_channels = each.value.severity == "CRITICAL" ? local.pages : local.tickets

  dynamic "conditions" {
    for_each = each.value.conditions
    content {
      display_name = conditions.value.display_name

      dynamic "condition_threshold" {
        for_each = can(conditions.value.condition_threshold) ? [conditions.value.condition_threshold] : []
        iterator = threshold
        content {
          filter          = threshold.value.filter
          comparison      = threshold.value.comparison
          threshold_value = threshold.value.threshold_value
          duration        = threshold.value.duration

          dynamic "aggregations" {
            for_each = threshold.value.aggregations
            content {
              alignment_period     = aggregations.value.alignment_period
              per_series_aligner   = aggregations.value.per_series_aligner
              cross_series_reducer = try(aggregations.value.cross_series_reducer, null)
              group_by_fields      = try(aggregations.value.group_by_fields, null)
            }
          }
        }
      }

      dynamic "condition_matched_log" {
        for_each = can(conditions.value.condition_matched_log) ? [conditions.value.condition_matched_log] : []
        iterator = matched
        content {
          filter = matched.value.filter
        }
      }

      dynamic "condition_absent" {
        for_each = can(conditions.value.condition_absent) ? [conditions.value.condition_absent] : []
        iterator = absent
        content {
          filter   = absent.value.filter
          duration = absent.value.duration

          dynamic "aggregations" {
            for_each = absent.value.aggregations
            content {
              alignment_period     = aggregations.value.alignment_period
              per_series_aligner   = aggregations.value.per_series_aligner
              cross_series_reducer = try(aggregations.value.cross_series_reducer, null)
              group_by_fields      = try(aggregations.value.group_by_fields, null)
            }
          }
        }
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"

    # For matched lines there has to be one.
    dynamic "notification_rate_limit" {
      for_each = anytrue([for condition in each.value.conditions : can(condition.condition_matched_log)]) ? ["300s"] : []
      content {
        period = notification_rate_limit.value
      }
    }
  }

  documentation {
    subject   = "[${var.environment}] ${each.value.display_name}"
    mime_type = "text/markdown"
    content   = "${each.value.says} [What to do](${var.runbook_url}#${each.value.runbook})"
  }

  depends_on = [google_logging_metric.this]
}
