# Its location can never be changed, and one database named (default) is what every client finds without being told.
resource "google_firestore_database" "main" {
  name                              = "(default)"
  location_id                       = var.firestore_location
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "OPTIMISTIC"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = local.protected ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  # The default only forgets the database on destroy, and the next apply then fails because it is still there.
  deletion_policy = local.protected ? "ABANDON" : "DELETE"

  depends_on = [google_project_service.this]
}

# expires_at, set from RETENTION_DAYS, deletes. Subcollections do not go with their parent, so utterances have their own.
# No index on it: values that only grow would make one end of the index hot, and nobody asks by them.
resource "google_firestore_field" "expiry" {
  for_each = toset(["leads", "calls", "utterances", "rejected_events"])

  database   = google_firestore_database.main.name
  collection = each.key
  field      = "expires_at"

  ttl_config {}
  index_config {}
}

# Long texts and maps nobody queries: an indexed value is cut at 1,500 bytes anyway, and each entry costs a write.
resource "google_firestore_field" "unindexed" {
  for_each = {
    for each in [
      ["calls", "transcript"],
      ["calls", "summary"],
      ["calls", "summary_basis"],
      ["calls", "model_answer"],
      ["calls", "latency"],
      ["calls", "turns"],
      ["calls", "usage"],
      ["leads", "summary"],
      ["leads", "summary_basis"],
      ["leads", "next_step"],
      ["leads", "fields"],
      ["leads", "calls"],
      ["utterances", "text"],
      # Times only grow, like expires_at above; utterances are read in the order of their names.
      ["utterances", "started_at"],
      ["utterances", "ended_at"],
      ["rejected_events", "body"],
    ] : join("/", each) => { collection = each[0], field = each[1] }
  }

  database   = google_firestore_database.main.name
  collection = each.value.collection
  field      = each.value.field

  index_config {}
}

# The two lists the staff want in the console. By the second one incoming-call finds what a caller has used today.
resource "google_firestore_index" "leads_by_status" {
  database   = google_firestore_database.main.name
  collection = "leads"

  fields {
    field_path = "status"
    order      = "ASCENDING"
  }
  fields {
    field_path = "last_call_at"
    order      = "DESCENDING"
  }
}

resource "google_firestore_index" "calls_of_a_lead" {
  database   = google_firestore_database.main.name
  collection = "calls"

  fields {
    field_path = "lead_id"
    order      = "ASCENDING"
  }
  fields {
    field_path = "started_at"
    order      = "DESCENDING"
  }
}

# MINUTES_PER_DAY: the sum over the calls of the last day.
resource "google_firestore_index" "minutes_of_a_day" {
  database   = google_firestore_database.main.name
  collection = "calls"

  fields {
    field_path = "started_at"
    order      = "ASCENDING"
  }
  fields {
    field_path = "duration_s"
    order      = "ASCENDING"
  }
}

resource "google_firestore_backup_schedule" "daily" {
  database  = google_firestore_database.main.name
  retention = "604800s" # 7 days

  daily_recurrence {}
}

resource "google_firestore_backup_schedule" "weekly" {
  database  = google_firestore_database.main.name
  retention = "8467200s" # 14 weeks, the longest there is

  weekly_recurrence {
    day = "SUNDAY"
  }
}

# Programs with a service account pass the rules by; these close the door that phones and browsers would use.
resource "google_firebaserules_ruleset" "deny_all" {
  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/firestore.rules")
    }
  }

  lifecycle {
    create_before_destroy = true # a release must always have a ruleset to point at
  }

  depends_on = [google_firestore_database.main]
}

resource "google_firebaserules_release" "firestore" {
  name         = "cloud.firestore"
  ruleset_name = google_firebaserules_ruleset.deny_all.name

  lifecycle {
    replace_triggered_by = [google_firebaserules_ruleset.deny_all]
  }
}
