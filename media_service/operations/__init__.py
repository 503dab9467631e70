"""What keeps a call on record and operators informed: log lines, events on their way out, late records."""
