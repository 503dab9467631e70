# Somebody is told of each lead: summarize publishes it, and whoever wants it subscribes. docs/new-leads.md has the
# messages, and what a receiver has to do.

variable "new_leads_topic" {
  description = "NEW_LEADS_TOPIC: the topic on which summarize tells of leads."
  type        = string
  default     = "new-leads"

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9._~+%-]{2,245}$", var.new_leads_topic)) && !startswith(var.new_leads_topic, "goog")
    error_message = "new_leads_topic is a Pub/Sub topic name without its project, like \"new-leads\"."
  }
}

variable "lead_webhook_url" {
  description = "Where each lead is posted; \"\": nowhere. It has to check the OIDC token (docs/new-leads.md)."
  type        = string
  default     = ""

  validation {
    condition     = var.lead_webhook_url == "" ? true : can(regex("^https://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[^\\s#]*)?$", var.lead_webhook_url))
    error_message = "lead_webhook_url begins with https:// and a host, without user or password, like \"https://crm.example.com/hooks/maane\"."
  }
}

locals {
  webhooks = var.lead_webhook_url == "" ? 0 : 1
}

resource "google_pubsub_topic" "new_leads" {
  #checkov:skip=CKV_GCP_83: Google's keys; a lost key of our own would lose every lead's message
  name                       = var.new_leads_topic
  message_retention_duration = "604800s" # a week that a new subscription can be rewound to

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.this]
}

resource "google_pubsub_topic_iam_member" "new_leads" {
  topic  = google_pubsub_topic.new_leads.name
  role   = "roles/pubsub.publisher"
  member = google_service_account.this["summarize"].member
}

resource "google_pubsub_topic" "new_leads_dead" {
  #checkov:skip=CKV_GCP_83: Google's keys; a lost key of our own would lose every lead's message
  name                       = "new-leads-dead"
  message_retention_duration = "2678400s" # 31 days

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.this]
}

resource "google_pubsub_subscription" "new_leads_dead" {
  name                       = "new-leads-dead"
  topic                      = google_pubsub_topic.new_leads_dead.id
  ack_deadline_seconds       = 60
  message_retention_duration = "2678400s"
  retain_acked_messages      = true # one that was pulled by mistake can be had again
  deletion_policy            = local.protected ? "PREVENT" : "DELETE"

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_subscription" "lead_webhook" {
  count = local.webhooks

  name  = "lead-webhook"
  topic = google_pubsub_topic.new_leads.id

  # By lead: a message that is not taken holds back the later ones of its own lead, of no other.
  enable_message_ordering    = true
  ack_deadline_seconds       = 30
  message_retention_duration = "604800s"

  push_config {
    push_endpoint = var.lead_webhook_url

    # Whose account it is, the receiver can check; an address alone is no secret.
    oidc_token {
      service_account_email = google_service_account.lead_webhook[0].email
      audience              = var.lead_webhook_url
    }

    # The body is the lead itself, and what Pub/Sub knows of the message is in headers: receivers need not know Pub/Sub.
    no_wrapper {
      write_metadata = true
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  # Four hours of retries: 10, 20, ... 320 s, then every 600 s. A receiver may be down over an update of its own.
  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.new_leads_dead.id
    max_delivery_attempts = 30
  }

  expiration_policy {
    ttl = ""
  }

  # Until Pub/Sub may forward, a delivery that has failed often enough would be tried for ever.
  depends_on = [google_pubsub_topic_iam_member.forward_leads]
}

resource "google_service_account" "lead_webhook" {
  count = local.webhooks

  account_id   = "lead-webhook"
  display_name = "Posts leads to the webhook in the name of Pub/Sub; may do nothing here"
  depends_on   = [google_project_service.this]
}

resource "google_service_account_iam_member" "lead_tokens" {
  count = local.webhooks

  service_account_id = google_service_account.lead_webhook[0].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_project_service_identity.pubsub.member
}

# Forwarding needs both: to publish there, and to acknowledge here.
resource "google_pubsub_topic_iam_member" "forward_leads" {
  count = local.webhooks

  topic  = google_pubsub_topic.new_leads_dead.name
  role   = "roles/pubsub.publisher"
  member = google_project_service_identity.pubsub.member
}

resource "google_pubsub_subscription_iam_member" "forward_leads" {
  count = local.webhooks

  subscription = google_pubsub_subscription.lead_webhook[0].name
  role         = "roles/pubsub.subscriber"
  member       = google_project_service_identity.pubsub.member
}
