# The account that turns bundles into images.
resource "google_project_iam_member" "build_logs" {
  for_each = toset(["build", "deploy"])

  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = google_service_account.this[each.key].member
}

resource "google_artifact_registry_repository_iam_member" "build" {
  for_each = toset(["build", "deploy"])

  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.this[each.key].member
}

resource "google_storage_bucket_iam_member" "build" {
  bucket = google_storage_bucket.sources.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.this["build"].member
}

# Cloud Functions copies a bundle into a bucket of its own, which does not exist before the first function.
resource "google_project_iam_member" "build_sources" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = google_service_account.this["build"].member

  condition {
    title       = "function_sources_only"
    description = "Only the buckets that Cloud Functions keeps sources in"
    expression  = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${data.google_project.this.number}-\")"
  }
}

# The pipeline's account may change what a release changes: the image and traffic of the media service, the functions and
# their bundles. Everything else it may only read, to plan. A change of the infrastructure itself, grants above all,
# fails there with "permission denied" and is applied by a person; otherwise whoever can push could make themselves owner.
resource "google_cloud_run_v2_service_iam_member" "deploy" {
  location = google_cloud_run_v2_service.media.location
  name     = google_cloud_run_v2_service.media.name
  role     = "roles/run.developer"
  member   = google_service_account.this["deploy"].member
}

# Functions have no grants of their own for who may deploy them.
resource "google_project_iam_member" "deploy_functions" {
  project = var.project_id
  role    = "roles/cloudfunctions.developer"
  member  = google_service_account.this["deploy"].member
}

resource "google_storage_bucket_iam_member" "deploy" {
  bucket = google_storage_bucket.sources.name
  role   = "roles/storage.objectUser"
  member = google_service_account.this["deploy"].member
}

resource "google_storage_bucket_iam_member" "deploy_state" {
  count = var.state_bucket == null ? 0 : 1

  bucket = var.state_bucket
  role   = "roles/storage.objectUser"
  member = google_service_account.this["deploy"].member
}

resource "google_service_account_iam_member" "deploy_acts_as" {
  for_each = toset(["media-service", "incoming-call", "stream-status", "summarize", "build"])

  service_account_id = google_service_account.this[each.key].name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.this["deploy"].member
}

# A plan reads each resource of this configuration. roles/viewer would also show documents, messages and logs.
resource "google_project_iam_custom_role" "planner" {
  role_id     = "maanePlanner"
  title       = "Read the configuration"
  description = "Read what Terraform has made, not what is in it"
  depends_on  = [google_project_service.this]

  permissions = [
    "artifactregistry.repositories.get",
    "artifactregistry.repositories.getIamPolicy",
    "cloudbuild.builds.get",
    "cloudfunctions.functions.get",
    "cloudfunctions.operations.get",
    "cloudscheduler.jobs.get",
    "compute.backendServices.get",
    "compute.globalAddresses.get",
    "compute.globalForwardingRules.get",
    "compute.regionNetworkEndpointGroups.get",
    "compute.securityPolicies.get",
    "compute.sslCertificates.get",
    "compute.sslPolicies.get",
    "compute.targetHttpProxies.get",
    "compute.targetHttpsProxies.get",
    "compute.urlMaps.get",
    "datastore.backupSchedules.get",
    "datastore.backupSchedules.list",
    "datastore.databases.get",
    "datastore.databases.getMetadata",
    "datastore.indexes.get",
    "datastore.indexes.list",
    "firebaserules.releases.get",
    "firebaserules.rulesets.get",
    "iam.roles.get",
    "iam.serviceAccounts.get",
    "iam.serviceAccounts.getIamPolicy",
    "logging.logMetrics.get",
    "monitoring.alertPolicies.get",
    "monitoring.dashboards.get",
    "monitoring.notificationChannels.get",
    "monitoring.services.get",
    "monitoring.slos.get",
    "pubsub.subscriptions.get",
    "pubsub.subscriptions.getIamPolicy",
    "pubsub.topics.get",
    "pubsub.topics.getIamPolicy",
    "resourcemanager.projects.get",
    "resourcemanager.projects.getIamPolicy",
    "run.services.get",
    "run.services.getIamPolicy",
    "run.services.list",
    "secretmanager.secrets.get",
    "secretmanager.secrets.getIamPolicy",
    "serviceusage.services.get",
    "serviceusage.services.list",
    "serviceusage.services.use",
    "storage.buckets.get",
    "storage.buckets.getIamPolicy",
  ]
}

resource "google_project_iam_member" "deploy_plans" {
  project = var.project_id
  role    = google_project_iam_custom_role.planner.name
  member  = google_service_account.this["deploy"].member
}

# A release compares the new revision with the old one by their log lines; roles/logging.viewer could do more than read
# entries.
resource "google_project_iam_custom_role" "release_watcher" {
  role_id     = "maaneReleaseWatcher"
  title       = "Watch a release"
  description = "Read log entries, to compare two revisions"
  permissions = ["logging.logEntries.list"]
  depends_on  = [google_project_service.this]
}

resource "google_project_iam_member" "deploy_watches" {
  project = var.project_id
  role    = google_project_iam_custom_role.release_watcher.name
  member  = google_service_account.this["deploy"].member
}

# The smoke test signs as Twilio does: a revision that admits nobody must not get callers.
resource "google_secret_manager_secret_iam_member" "deploy_smoke" {
  secret_id = google_secret_manager_secret.this["twilio-auth-token"].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.this["deploy"].member
}

resource "google_cloudbuild_trigger" "release" {
  count = var.repository == null ? 0 : 1

  name            = "release"
  description     = "Tests, builds, applies and releases ${var.repository.branch}"
  location        = var.region
  service_account = google_service_account.this["deploy"].id
  filename        = "cloudbuild.yaml"
  ignored_files   = ["docs/**", "**/*.md"]

  github {
    owner = var.repository.owner
    name  = var.repository.name

    push {
      branch = "^${var.repository.branch}$"
    }
  }

  substitutions = {
    _ENVIRONMENT = var.environment
    _REGION      = var.region
    _REPOSITORY  = google_artifact_registry_repository.images.name
  }

  approval_config {
    approval_required = local.protected
  }

  depends_on = [google_project_service.this]
}
