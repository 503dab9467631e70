"""The Hebrew the service ships with, for tests of what depends on it."""

from media_service.texts import load

TEXTS = load()
INTAKE = TEXTS.intake
