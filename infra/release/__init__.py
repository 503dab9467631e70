"""Bring an image of the media service to the callers, or leave them with the one they have.

`python -m infra.release` does it; `python -m infra.release.smoke` only asks a revision whether it would take calls.
Standard library only, and Python 3.11: it runs beside gcloud, wherever that is.
"""
