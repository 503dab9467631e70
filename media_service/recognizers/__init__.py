"""What stands between the calls and a vendor's recognizer: a breaker, retries, a fallback."""
