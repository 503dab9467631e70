project_id  = "maane-prod"
environment = "prod"
alert_email = "oncall@example.com"
# Given by the pipeline (-var=image=...); this one only lets a plan be made without it.
image = "me-west1-docker.pkg.dev/maane-prod/maane/media-service@sha256:0000000000000000000000000000000000000000000000000000000000000000"

media_min_instances = 2
media_max_instances = 20
budget_amount       = 2000
