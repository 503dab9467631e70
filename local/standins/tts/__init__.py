"""A stand-in of Google Text-to-Speech that speaks with espeak-ng."""
