# One function from one bundle.
resource "google_storage_bucket_object" "bundle" {
  name   = "${var.name}-${substr(filesha256(var.bundle), 0, 16)}.zip"
  bucket = var.bucket
  source = var.bundle
  # What ran before stays in the bucket, so going back needs no build of old sources.
  deletion_policy = "ABANDON"
}

resource "google_cloudfunctions2_function" "this" {
  #checkov:skip=CKV_GCP_124: Twilio calls from the internet; a policy test holds which functions that opens
  name     = var.name
  location = var.region

  build_config {
    runtime           = var.runtime
    entry_point       = var.entry_point
    docker_repository = var.repository
    service_account   = var.build_account

    source {
      storage_source {
        bucket = var.bucket
        object = google_storage_bucket_object.bundle.name
      }
    }
  }

  service_config {
    service_account_email            = var.service_account_email
    ingress_settings                 = var.ingress
    min_instance_count               = var.scaling.min
    max_instance_count               = var.scaling.max
    max_instance_request_concurrency = var.concurrency
    available_cpu                    = "1" # less allows one request at a time only
    available_memory                 = var.memory
    timeout_seconds                  = var.timeout_s

    environment_variables = merge(var.environment, {
      # The functions framework starts as many threads as an instance gets requests: fewer, and requests would queue
      # inside where no other instance can help.
      THREADS = tostring(var.concurrency)
      # Cloud Functions sets this by itself; said here, it is no difference at the next plan.
      LOG_EXECUTION_ID = "true"
    })

    dynamic "secret_environment_variables" {
      for_each = var.secrets
      content {
        key        = secret_environment_variables.key
        project_id = var.project_id
        secret     = secret_environment_variables.value.secret
        version    = secret_environment_variables.value.version
      }
    }
  }
}
