"""How much of what Hebrew callers say is understood: `make eval WHAT=words`, on the project's sets or a given one."""
