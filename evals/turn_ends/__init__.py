"""Whether the end of a caller's turn is told by the words: `python -m evals.turn_ends`."""
