"""What can go wrong between a function and its records."""

from __future__ import annotations


class RecordsUnavailable(Exception):
    """Firestore did not take it, or did not answer, in time.

    The message names the kind of error only: the text of the vendor's names documents, and leads are named by phone
    numbers.
    """

    def __init__(self, problem: str, *, permanent: bool = False) -> None:
        """`permanent`: Firestore refuses what it was given, whenever it is given again."""
        super().__init__(problem)
        self.permanent = permanent
