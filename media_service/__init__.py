"""The Cloud Run service that carries a call's audio: listens, answers, and publishes what was said."""

__version__ = "0.1.0"
