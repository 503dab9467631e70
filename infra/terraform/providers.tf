provider "google" {
  project        = var.project_id
  region         = var.region
  default_labels = local.labels
  # Budgets are asked for in the name of this project instead of the tool's own.
  billing_project       = var.project_id
  user_project_override = true
}

provider "google-beta" {
  project = var.project_id
  region  = var.region
}
