# What each deployable is told. A name set here that its settings do not read, or one they require that is missing
# here, fails tests/infra/terraform/test_environment.py.
#
# Later maps win: what the system fixes is last, so that nobody can steer a deployable into another project or past the
# signature check; before it what operators set on the live service; before that what is committed.
locals {
  steerable = jsondecode(file("${path.module}/steerable.json"))

  committed_environment = {
    for deployable, names in local.steerable : deployable => merge(
      contains(names, "MAX_CONCURRENT_CALLS") ? { MAX_CONCURRENT_CALLS = tostring(var.max_concurrent_calls) } : {},
      { for name, value in var.toggles : name => value if contains(names, name) },
    )
  }

  fixed_environment = {
    media-service = {
      GOOGLE_CLOUD_PROJECT = var.project_id
      CALL_EVENTS_TOPIC    = var.call_events_topic
      PUBLIC_HOST          = local.public_host
    }
    incoming-call = {
      GOOGLE_CLOUD_PROJECT = var.project_id
      PUBLIC_HOST          = local.public_host
      INCOMING_CALL_URL    = local.incoming_call_url
      STREAM_STATUS_URL    = local.stream_status_url
    }
    stream-status = {
      GOOGLE_CLOUD_PROJECT = var.project_id
      STREAM_STATUS_URL    = local.stream_status_url
    }
    summarize = {
      GOOGLE_CLOUD_PROJECT = var.project_id
      NEW_LEADS_TOPIC      = var.new_leads_topic
    }
  }

  environment = {
    for deployable, fixed in local.fixed_environment : deployable => merge(
      local.committed_environment[deployable],
      lookup(var.operator_toggles, deployable, {}),
      fixed,
      # Goes along so that infra/operator_toggles.py can tell what an operator has set from what was committed. It is read
      # by nothing else.
      { COMMITTED_ENVIRONMENT = jsonencode(local.committed_environment[deployable]) },
    )
  }

  secret_environment = {
    media-service = ["TWILIO_AUTH_TOKEN", "STREAM_TOKEN_SECRET"]
    incoming-call = ["TWILIO_AUTH_TOKEN", "STREAM_TOKEN_SECRET"]
    stream-status = ["TWILIO_AUTH_TOKEN"]
    summarize     = []
  }
}
