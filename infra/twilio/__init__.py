"""Point a Twilio number at the system. Optional: the same can be done in Twilio's console (docs/deploy.md)."""
