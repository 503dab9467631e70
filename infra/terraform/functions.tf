# A function is its bundle: the zip is named by its content, so a change of it, and nothing else, deploys it again.
locals {
  functions = {
    # One instance is always warm, since Twilio waits for it while the phone rings. A write to Firestore may go on after the
    # answer and needs CPU then, which Cloud Functions has no setting for: `gcloud run services update incoming-call
    # --no-cpu-throttling`, once (docs/deploy.md). Where it was forgotten, whoever touches the call next writes what is missing.
    incoming-call = { min_instances = 1, max_instances = 20, concurrency = 8, memory = "512Mi", timeout_s = 30, public = true }
    stream-status = { min_instances = local.protected ? 1 : 0, max_instances = 20, concurrency = 8, memory = "512Mi", timeout_s = 30, public = true }
    # Two requests to Gemini at 25 s and all writes around them, three times over.
    summarize = { min_instances = 0, max_instances = 20, concurrency = 8, memory = "512Mi", timeout_s = 180, public = false }
  }

  bundles = startswith(var.bundles, "/") ? var.bundles : "${path.module}/${var.bundles}"
}

module "function" {
  source   = "./modules/function"
  for_each = local.functions

  name                  = each.key
  entry_point           = replace(each.key, "-", "_")
  bundle                = "${local.bundles}/${replace(each.key, "-", "_")}.zip"
  region                = var.region
  project_id            = var.project_id
  bucket                = google_storage_bucket.sources.name
  repository            = google_artifact_registry_repository.images.id
  build_account         = google_service_account.this["build"].id
  service_account_email = google_service_account.this[each.key].email
  ingress               = each.value.public ? (local.closed ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_ALL") : "ALLOW_INTERNAL_ONLY"
  scaling               = { min = each.value.min_instances, max = each.value.max_instances }
  concurrency           = each.value.concurrency
  memory                = each.value.memory
  timeout_s             = each.value.timeout_s
  environment           = local.environment[each.key]

  secrets = {
    for name in local.secret_environment[each.key] : name => {
      secret  = google_secret_manager_secret.this[local.secret_ids[name]].secret_id
      version = local.secret_versions[name]
    }
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.build,
    google_project_iam_member.build_logs,
    google_project_iam_member.build_sources,
    google_secret_manager_secret_iam_member.reader,
    google_storage_bucket_iam_member.build,
  ]
}

resource "google_storage_bucket" "sources" {
  #checkov:skip=CKV_GCP_62: it holds our own sources; who reads them is in the audit log
  #checkov:skip=CKV_GCP_63: it does not log to itself, it has no access log; a plan shows that as unknown
  name                        = "${var.project_id}-function-sources"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !local.protected
  deletion_policy             = local.protected ? "PREVENT" : "DELETE"

  versioning {
    enabled = true
  }

  lifecycle_rule {
    condition {
      num_newer_versions = 10
    }
    action {
      type = "Delete"
    }
  }

  depends_on = [google_project_service.this]
}

# Pub/Sub shows this identity; nobody else may call summarize but the sweep (sweep.tf).
resource "google_cloud_run_v2_service_iam_member" "push" {
  location = var.region
  name     = module.function["summarize"].name
  role     = "roles/run.invoker"
  member   = google_service_account.this["pubsub-push"].member
}
