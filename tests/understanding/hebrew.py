"""The Hebrew the system understands, loaded once for the tests of `understanding`."""

from understanding.language import load

HEBREW = load()
