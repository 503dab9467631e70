# Terraform makes the secrets and says who reads them. Their values are added with `gcloud secrets versions add` and are
# in no file, plan or state.
locals {
  secret_ids = {
    TWILIO_AUTH_TOKEN   = "twilio-auth-token"
    STREAM_TOKEN_SECRET = "stream-token-secret"
  }

  secret_versions = {
    TWILIO_AUTH_TOKEN   = var.secret_versions.twilio_auth_token
    STREAM_TOKEN_SECRET = var.secret_versions.stream_token_secret
  }

  secret_readers = merge([
    for deployable, names in local.secret_environment : {
      for name in names : "${deployable}/${local.secret_ids[name]}" => { account = deployable, secret = local.secret_ids[name] }
    }
  ]...)
}

resource "google_secret_manager_secret" "this" {
  for_each = toset(values(local.secret_ids))

  secret_id           = each.key
  deletion_protection = local.protected

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = local.secret_readers

  secret_id = google_secret_manager_secret.this[each.value.secret].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.this[each.value.account].member
}
