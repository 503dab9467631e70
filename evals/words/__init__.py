"""How much of what Hebrew callers say is understood: `make eval WHAT=words`, on the project's sets or on a given one."""
