resource "google_pubsub_topic" "call_events" {
  #checkov:skip=CKV_GCP_83: Google's keys; a lost key of our own would lose every call's events
  name                       = var.call_events_topic
  message_retention_duration = "604800s" # a week in which a subscription can be rewound after a faulty release

  # What callers say is kept in the region until it is delivered. Not enforced in transit as well: a request that Google
  # routes elsewhere would be refused, the operator's who pulls dead letters from abroad among them.
  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.this]
}

resource "google_pubsub_topic" "dead_letter" {
  #checkov:skip=CKV_GCP_83: Google's keys; a lost key of our own would lose every call's events
  name                       = "call-events-dead"
  message_retention_duration = "2678400s" # 31 days

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.this]
}

resource "google_pubsub_topic_iam_member" "media_service" {
  topic  = google_pubsub_topic.call_events.name
  role   = "roles/pubsub.publisher"
  member = google_service_account.this["media-service"].member
}

resource "google_pubsub_subscription" "summarize" {
  name  = "summarize"
  topic = google_pubsub_topic.call_events.id

  # The consumer needs no order, but with it `call.ended` comes after the utterances of its call, and a lead is summarised
  # once instead of again for every straggler. What it costs: an event that has to be delivered again holds back the later
  # ones of its own call, of no other.
  enable_message_ordering = true

  # Longer than summarize may take: sooner, and a second delivery would run beside the first.
  ack_deadline_seconds       = local.functions["summarize"].timeout_s + 60
  message_retention_duration = "604800s"

  push_config {
    push_endpoint = module.function["summarize"].uri

    oidc_token {
      service_account_email = google_service_account.this["pubsub-push"].email
      audience              = module.function["summarize"].uri
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  # An hour and a half of retries: 10, 20, ... 320 s, then every 600 s. What can never succeed is not retried at all.
  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letter.id
    max_delivery_attempts = 15
  }

  expiration_policy {
    ttl = ""
  }

  # Until Pub/Sub may forward, a delivery that has failed often enough would be tried for ever.
  depends_on = [google_pubsub_topic_iam_member.forward]
}

# Without a subscription that outlives idle months a dead letter would vanish unseen.
resource "google_pubsub_subscription" "dead_letter" {
  name                       = "call-events-dead"
  topic                      = google_pubsub_topic.dead_letter.id
  ack_deadline_seconds       = 60
  message_retention_duration = "2678400s"
  retain_acked_messages      = true # one that was pulled by mistake can be had again
  deletion_policy            = local.protected ? "PREVENT" : "DELETE"

  expiration_policy {
    ttl = ""
  }
}

# Forwarding needs both: to publish there, and to acknowledge here.
resource "google_pubsub_topic_iam_member" "forward" {
  topic  = google_pubsub_topic.dead_letter.name
  role   = "roles/pubsub.publisher"
  member = google_project_service_identity.pubsub.member
}

resource "google_pubsub_subscription_iam_member" "forward" {
  subscription = google_pubsub_subscription.summarize.name
  role         = "roles/pubsub.subscriber"
  member       = google_project_service_identity.pubsub.member
}

resource "google_service_account_iam_member" "push_tokens" {
  service_account_id = google_service_account.this["pubsub-push"].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_project_service_identity.pubsub.member
}
