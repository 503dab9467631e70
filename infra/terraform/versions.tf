terraform {
  # Conditions that look at other variables (1.9), and what the tests were run with.
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.45"
    }
    # Only for the identities of Google's own services, which the stable provider cannot make.
    google-beta = {
      source  = "hashicorp/google-beta"
      version = "~> 7.45"
    }
  }

  # Partial: the bucket is named by environments/<environment>.gcs.tfbackend.
  backend "gcs" {}
}
