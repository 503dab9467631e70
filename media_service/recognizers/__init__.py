"""What stands between the calls and a vendor's recogniser: a breaker, retries, a fallback."""
