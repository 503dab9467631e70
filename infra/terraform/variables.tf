variable "project_id" {
  description = "Google Cloud project that holds one environment of the system, and nothing else."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id is 6 to 30 lowercase letters, digits and hyphens, like \"maane-prod\"."
  }
}

variable "environment" {
  description = "dev can be destroyed; prod is protected against deletion."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "environment is \"dev\" or \"prod\"."
  }
}

variable "region" {
  description = "Region of every regional resource."
  type        = string
  default     = "me-west1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region is a Google Cloud region, like \"me-west1\"."
  }
}

variable "firestore_location" {
  description = "Where leads and calls are kept. It can never be changed afterwards."
  type        = string
  default     = "me-west1"

  validation {
    condition     = can(regex("^(eur3|nam5|nam7|[a-z]+-[a-z]+[0-9]+)$", var.firestore_location))
    error_message = "firestore_location is a region or multi-region of Firestore, like \"me-west1\" or \"eur3\"."
  }
}

variable "image" {
  description = "Image of the media service the service is created with; later ones come from the release."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image is pinned by digest, like \"me-west1-docker.pkg.dev/maane-prod/maane/media-service@sha256:<64 hexadecimal digits>\"."
  }
}

variable "media_min_instances" {
  description = "Instances of the media service that are always up. A ringing phone does not wait for a start."
  type        = number
  default     = 1

  validation {
    condition     = var.media_min_instances >= 1 && floor(var.media_min_instances) == var.media_min_instances
    error_message = "media_min_instances is a whole number of at least 1: a call that has to wait for an instance is lost."
  }
}

variable "media_max_instances" {
  description = "Most instances of the media service; times max_concurrent_calls it is the most calls at once."
  type        = number
  default     = 10

  validation {
    condition     = var.media_max_instances >= var.media_min_instances && var.media_max_instances <= 1000
    error_message = "media_max_instances is at least media_min_instances and at most 1000, like 10."
  }
}

variable "max_concurrent_calls" {
  description = "MAX_CONCURRENT_CALLS: calls that one instance takes; more are refused before the upgrade."
  type        = number
  default     = 30

  validation {
    condition     = var.max_concurrent_calls >= 1 && var.max_concurrent_calls <= 900 && floor(var.max_concurrent_calls) == var.max_concurrent_calls
    error_message = "max_concurrent_calls is a whole number from 1 to 900, like 30: Cloud Run gives an instance at most 1000 requests."
  }
}

variable "call_events_topic" {
  description = "CALL_EVENTS_TOPIC: the topic from the media service to summarize."
  type        = string
  default     = "call-events"

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9._~+%-]{2,245}$", var.call_events_topic)) && !startswith(var.call_events_topic, "goog")
    error_message = "call_events_topic is a Pub/Sub topic name without its project, like \"call-events\"."
  }
}

variable "toggles" {
  description = "Environment variables committed for this environment, by name; each goes to every deployable that reads it. The names are those of steerable.json."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.toggles), flatten(values(jsondecode(file("${path.module}/steerable.json")))))) == 0
    error_message = "toggles holds a name that no deployable reads or that is not for operators; steerable.json lists the names, for instance { REPLY_ENGINE = \"script\" }."
  }
}

variable "operator_toggles" {
  description = "What operators have set on the live services with gcloud, by deployable and name. Written by infra/operator_toggles.py into operator.auto.tfvars.json before each plan, never by hand."
  type        = map(map(string))
  default     = {}

  validation {
    condition = alltrue([
      for name, variables in var.operator_toggles :
      length(setsubtract(keys(variables), lookup(jsondecode(file("${path.module}/steerable.json")), name, []))) == 0
    ])
    error_message = "operator_toggles holds a name that steerable.json does not list for its deployable; make it anew with python -m infra.operator_toggles."
  }
}

variable "secret_versions" {
  description = "Pinned version of each secret. Cloud Run reads a secret when an instance starts, so a change here is what makes all instances agree."
  type = object({
    twilio_auth_token   = optional(string, "1")
    stream_token_secret = optional(string, "1")
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for version in values(var.secret_versions) : can(regex("^[1-9][0-9]*$", version))])
    error_message = "secret_versions holds version numbers, like { twilio_auth_token = \"2\" }; \"latest\" would differ between instances."
  }
}

variable "bundles" {
  description = "Folder of the functions' zips, relative to this one or absolute; `make bundle` fills it."
  type        = string
  default     = "../../build/functions"
}

variable "repository" {
  description = "GitHub repository whose branch is deployed by Cloud Build; null: no trigger. It must have been connected to Cloud Build in the console."
  type = object({
    owner  = string
    name   = string
    branch = optional(string, "main")
  })
  default = null
}

variable "state_bucket" {
  description = "Bucket of this configuration's state, for the deploying account's grant; null: no grant."
  type        = string
  default     = null
}

variable "public_domain" {
  description = "Host of an optional load balancer in front of everything Twilio calls; null: Twilio calls the run.app addresses."
  type        = string
  default     = null

  validation {
    condition     = var.public_domain == null ? true : can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$", var.public_domain))
    error_message = "public_domain is a bare host name in lower case, like \"calls.example.com\"."
  }
}

variable "only_through_load_balancer" {
  description = "Close the run.app addresses of what stands behind the load balancer. The release then needs a private pool to smoke-test a revision by its tag."
  type        = bool
  default     = false

  validation {
    condition     = var.only_through_load_balancer ? var.public_domain != null : true
    error_message = "only_through_load_balancer needs public_domain, like \"calls.example.com\": otherwise nobody could call."
  }
}

variable "requests_per_minute_per_address" {
  description = "Requests a minute that Cloud Armor lets through from one address. Twilio calls from few addresses."
  type        = number
  default     = 6000

  validation {
    condition     = var.requests_per_minute_per_address >= 60
    error_message = "requests_per_minute_per_address is at least 60, like 6000: three requests begin each call, and all come from Twilio."
  }
}

variable "alert_email" {
  description = "Where alerts and the budget's notices go."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.alert_email))
    error_message = "alert_email is an address, like \"oncall@example.com\"."
  }
}

variable "billing_account" {
  description = "Billing account of the budget; null: no budget. Whoever applies needs to administer budgets there."
  type        = string
  default     = null

  validation {
    condition     = var.billing_account == null ? true : can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "billing_account has the form \"012345-6789AB-CDEF01\"."
  }
}

variable "budget_amount" {
  description = "Monthly budget, in whole units of budget_currency."
  type        = number
  default     = 500

  validation {
    condition     = var.budget_amount >= 1 && floor(var.budget_amount) == var.budget_amount
    error_message = "budget_amount is a whole number of at least 1, like 500."
  }
}

variable "budget_currency" {
  description = "Currency of the billing account, as ISO 4217 has it."
  type        = string
  default     = "USD"

  validation {
    condition     = can(regex("^[A-Z]{3}$", var.budget_currency))
    error_message = "budget_currency has three capital letters and is the billing account's own, like \"ILS\"."
  }
}
