# The three promises, each over 28 days, and alerts on how fast their error budgets burn.
#
# Each alert looks through a long window, so that it means something, and a short one, so that it ends when the trouble
# does. A rate of 1 uses up exactly the budget in 28 days; 14.4 uses 2 % of it in an hour, 6 uses 5 % in six hours.
# Cloud Monitoring looks back a day at most here, so the slow window is a day.

locals {
  objectives = {
    answered-calls = {
      display_name = "Calls that ring are connected to the assistant"
      goal         = 0.995
      runbook      = "calls-are-not-answered"
      good         = "metric.type=\"logging.googleapis.com/user/calls_connected\" resource.type=\"cloud_run_revision\" metric.label.leg=\"1\""
      total        = "metric.type=\"logging.googleapis.com/user/calls_ringing\" resource.type=\"cloud_run_revision\" metric.label.answer=\"Connect\""
    }
    # That 95 % of the turns take a second at most is the same as a 95th percentile of at most a second.
    turn-latency = {
      display_name = "Turns are answered within a second"
      goal         = 0.95
      runbook      = "answers-are-slow"
      distribution = "metric.type=\"logging.googleapis.com/user/turn_latency\" resource.type=\"cloud_run_revision\""
      at_most      = 1
    }
    leads-in-time = {
      display_name = "Leads are complete two minutes after the call"
      goal         = 0.99
      runbook      = "leads-are-late-or-missing"
      good         = "metric.type=\"logging.googleapis.com/user/leads_in_time\" resource.type=\"cloud_run_revision\""
      total        = "metric.type=\"logging.googleapis.com/user/calls_ended\" resource.type=\"cloud_run_revision\" metric.label.reason!=\"drained\""
    }
  }

  # With few calls one lost call is a burning budget; whoever is woken should have more to look at than that. The slow
  # window takes any number.
  burn_windows = {
    fast   = { rate = 14.4, long = "3600s", short = "300s", least_calls = 10, severity = "CRITICAL" }
    medium = { rate = 6, long = "21600s", short = "1800s", least_calls = 20, severity = "CRITICAL" }
    slow   = { rate = 3, long = "86400s", short = "7200s", least_calls = 0, severity = "WARNING" }
  }

  burns = {
    for pair in setproduct(keys(local.objectives), keys(local.burn_windows)) :
    "${pair[0]}-${pair[1]}" => merge(local.burn_windows[pair[1]], { objective = pair[0], window = pair[1] })
  }
}

resource "google_monitoring_custom_service" "calls" {
  service_id   = "calls"
  display_name = "Phone calls"

  depends_on = [google_project_service.this]
}

resource "google_monitoring_slo" "this" {
  for_each = local.objectives

  service             = google_monitoring_custom_service.calls.service_id
  slo_id              = each.key
  display_name        = each.value.display_name
  goal                = each.value.goal
  rolling_period_days = 28

  request_based_sli {
    dynamic "good_total_ratio" {
      for_each = can(each.value.good) ? [each.value] : []
      content {
        good_service_filter  = good_total_ratio.value.good
        total_service_filter = good_total_ratio.value.total
      }
    }

    dynamic "distribution_cut" {
      for_each = can(each.value.distribution) ? [each.value] : []
      content {
        distribution_filter = distribution_cut.value.distribution
        range {
          max = distribution_cut.value.at_most
        }
      }
    }
  }

  depends_on = [google_logging_metric.this]
}

resource "google_monitoring_alert_policy" "burn" {
  for_each = local.burns

  display_name          = "${local.objectives[each.value.objective].display_name}: budget burns ${each.value.rate} times too fast"
  combiner              = "AND"
  severity              = each.value.severity
  notification_channels = each.value.severity == "CRITICAL" ? local.pages : local.tickets
  user_labels           = { objective = each.value.objective, window = each.value.window }

  dynamic "conditions" {
    for_each = { long = each.value.long, short = each.value.short }
    content {
      display_name = "Burn rate over ${conditions.value}"
      condition_threshold {
        filter = format(
          "select_slo_burn_rate(\"projects/%s/services/%s/serviceLevelObjectives/%s\", \"%s\")",
          var.project_id, google_monitoring_custom_service.calls.service_id,
          google_monitoring_slo.this[each.value.objective].slo_id, conditions.value,
        )
        comparison      = "COMPARISON_GT"
        threshold_value = each.value.rate
        duration        = "0s"
      }
    }
  }

  dynamic "conditions" {
    for_each = each.value.least_calls > 0 ? [each.value] : []
    content {
      display_name = "At least ${conditions.value.least_calls} calls over ${conditions.value.long}"
      condition_threshold {
        filter          = "metric.type=\"logging.googleapis.com/user/calls_ringing\" AND resource.type=\"cloud_run_revision\""
        comparison      = "COMPARISON_GT"
        threshold_value = conditions.value.least_calls - 1
        duration        = "0s"
        aggregations {
          alignment_period     = conditions.value.long
          per_series_aligner   = "ALIGN_DELTA"
          cross_series_reducer = "REDUCE_SUM"
        }
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  documentation {
    subject   = "[${var.environment}] ${local.objectives[each.value.objective].display_name}"
    mime_type = "text/markdown"
    content   = "The error budget of `${each.value.objective}` burns at least ${each.value.rate} times as fast as it may. [What to do](${var.runbook_url}#${local.objectives[each.value.objective].runbook})"
  }

  depends_on = [google_logging_metric.this]
}
