# One account a workload. What each may do is granted beside the thing it may do it to; here stand only those grants that
# Google knows for a whole project. The default compute account is used by nothing.
resource "google_service_account" "this" {
  for_each = {
    media-service = "Carries the audio of calls"
    incoming-call = "Answers Twilio when the phone rings"
    stream-status = "Keeps the state of a call's stream"
    summarize     = "Stores what was said and writes the lead"
    pubsub-push   = "Calls summarize in the name of Pub/Sub"
    sweep         = "Asks summarize for calls that nobody ended"
    build         = "Builds the functions' images"
    deploy        = "Runs the pipeline: releases, and applies what a release may change"
  }

  account_id   = lookup({ build = "function-build", sweep = "sweep-scheduler" }, each.key, each.key) # six characters at least
  display_name = each.value
  depends_on   = [google_project_service.this]
}

# Firestore has no grants on a database; the condition makes one of the project's.
resource "google_project_iam_member" "firestore" {
  for_each = toset(["media-service", "incoming-call", "stream-status", "summarize"])

  project = var.project_id
  role    = "roles/datastore.user"
  member  = google_service_account.this[each.key].member

  condition {
    title       = "this_database_only"
    description = "Reads and writes documents of the one database"
    expression  = "resource.name == \"projects/${var.project_id}/databases/${google_firestore_database.main.name}\""
  }
}

# Text-to-Speech asks for no role; it charges the project the account belongs to.
resource "google_project_iam_member" "speech" {
  project = var.project_id
  role    = "roles/speech.client"
  member  = google_service_account.this["media-service"].member
}

# roles/aiplatform.user could also train, deploy and delete models.
resource "google_project_iam_custom_role" "gemini" {
  role_id     = "maaneGeminiCaller"
  title       = "Ask Gemini"
  description = "Ask a published model, and nothing else of Vertex AI"
  permissions = ["aiplatform.endpoints.predict"]
  depends_on  = [google_project_service.this]
}

resource "google_project_iam_member" "gemini" {
  for_each = toset(["media-service", "summarize"])

  project = var.project_id
  role    = google_project_iam_custom_role.gemini.name
  member  = google_service_account.this[each.key].member
}

# Pub/Sub's own identity: it forwards to the dead-letter topic and signs the pushes.
resource "google_project_service_identity" "pubsub" {
  provider = google-beta

  project    = var.project_id
  service    = "pubsub.googleapis.com"
  depends_on = [google_project_service.this]
}
