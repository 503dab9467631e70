"""Start what is deployed as the cloud starts it: from its own requirements, without rights, in its memory.

`python -m infra.artefacts` does it and prints a table.
"""
