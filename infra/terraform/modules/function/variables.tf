variable "name" {
  description = "Name of the function and of the Cloud Run service beneath it."
  type        = string
}

variable "entry_point" {
  description = "Python function in the bundle's main.py."
  type        = string
}

variable "bundle" {
  description = "Path of the zip that infra/bundle_functions.py has built."
  type        = string

  validation {
    condition     = fileexists(var.bundle)
    error_message = "There is no bundle at ${var.bundle}: run make bundle first."
  }
}

variable "runtime" {
  description = "Runtime id of Cloud Run functions."
  type        = string
  default     = "python313"
}

variable "region" {
  description = "Where it runs."
  type        = string
}

variable "project_id" {
  description = "Project of the function and its secrets."
  type        = string
}

variable "bucket" {
  description = "Bucket that takes the bundle."
  type        = string
}

variable "repository" {
  description = "Artifact Registry repository of the built image, as projects/.../repositories/..."
  type        = string
}

variable "build_account" {
  description = "Account that builds, as projects/.../serviceAccounts/..."
  type        = string
}

variable "service_account_email" {
  description = "Account it runs as."
  type        = string
}

variable "ingress" {
  description = "ALLOW_ALL, ALLOW_INTERNAL_ONLY or ALLOW_INTERNAL_AND_GCLB."
  type        = string
}

variable "scaling" {
  description = "Fewest and most instances."
  type        = object({ min = number, max = number })
}

variable "concurrency" {
  description = "Requests, and so threads, an instance."
  type        = number
}

variable "memory" {
  description = "Memory of an instance, like \"512Mi\"."
  type        = string
}

variable "timeout_s" {
  description = "Seconds a request may take."
  type        = number
}

variable "environment" {
  description = "Environment variables by name."
  type        = map(string)
}

variable "secrets" {
  description = "Environment variables that come from Secret Manager, by name."
  type        = map(object({ secret = string, version = string }))
}
