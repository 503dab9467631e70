project_id  = "maane-dev"
environment = "dev"
alert_email = "oncall@example.com"
# Given by the pipeline (-var=image=...); this one only lets a plan be made without it.
image = "me-west1-docker.pkg.dev/maane-dev/maane/media-service@sha256:0000000000000000000000000000000000000000000000000000000000000000"

media_min_instances = 1
media_max_instances = 2
budget_amount       = 200
