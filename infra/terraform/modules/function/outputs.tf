output "name" {
  description = "Name of the Cloud Run service beneath the function, known once it exists."
  value       = element(split("/", google_cloudfunctions2_function.this.service_config[0].service), length(split("/", google_cloudfunctions2_function.this.service_config[0].service)) - 1)
}

output "uri" {
  description = "Address as Google reports it; the one to give to Twilio is computed in the root."
  value       = google_cloudfunctions2_function.this.service_config[0].uri
}

output "environment" {
  description = "Environment variables it runs with."
  value       = google_cloudfunctions2_function.this.service_config[0].environment_variables
}
