"""A stand-in of Google Speech-to-Text that recognizes the phrases of `local/phrases/he.toml` by their sound."""
