"""Compare detectors of speech activity on one generated set of telephone audio.

`python -m evals.speech_activity` prints the tables of docs/decisions/0004-speech-activity.md.
"""
