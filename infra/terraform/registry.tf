resource "google_artifact_registry_repository" "images" {
  #checkov:skip=CKV_GCP_84: images hold programs and no secrets; Google's keys do
  repository_id = "maane"
  location      = var.region
  format        = "DOCKER"
  description   = "Images of the media service and of the functions"

  # Cloud Functions moves a tag of its own with each build, so tags cannot be immutable here: releases name digests.
  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"
    most_recent_versions {
      keep_count = 10
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      tag_state  = "ANY"
      older_than = "2592000s" # 30 days; the ten newest stay all the same
    }
  }

  depends_on = [google_project_service.this]
}
