"""What a caller's words mean. Pure; uses `calls` and the standard library only, and language is data (`he/`).

One reader for the whole system: the media service reads each utterance as it is said, and `summarize` reads the same
words again from the stored events.
"""
