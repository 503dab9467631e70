"""What the assistant says: sentences from memory, the script, the instruction of the model, the team's settings."""
