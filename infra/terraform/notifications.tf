# Who hears of it. An alert of severity CRITICAL goes to everybody here, any other to the mail address.

variable "paging_channels" {
  description = "Further notification channels for what cannot wait, by their full names; made by hand, since pagers need a secret."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.paging_channels : can(regex("^projects/[^/]+/notificationChannels/[0-9]+$", name))])
    error_message = "paging_channels are full names, like [\"projects/maane-prod/notificationChannels/1234567890\"]."
  }
}

variable "runbook_url" {
  description = "Where docs/runbook.md can be read; alerts link to its sections."
  type        = string
  default     = "docs/runbook.md"
}

resource "google_monitoring_notification_channel" "email" {
  display_name = "Operators"
  type         = "email"
  labels       = { email_address = var.alert_email }

  depends_on = [google_project_service.this]
}

locals {
  tickets = [google_monitoring_notification_channel.email.id]
  pages   = concat(local.tickets, var.paging_channels)
}
