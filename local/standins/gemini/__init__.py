"""A stand-in of Gemini on Vertex AI: a few canned Hebrew replies, and every way of answering badly."""
