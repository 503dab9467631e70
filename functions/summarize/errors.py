"""What can go wrong in this function, and whose fault it is.

Rejected            what was delivered is no event; delivering it again will not help
NotNow              it could not be done now; delivering it again will help
EngineError         the summary model did not give a usable answer; the rules take over
    EngineUnavailable   network, overload, quota, time-out: another try may work
    EngineRefused       permission, configuration, or an answer withheld by a safety filter
    UnusableAnswer      an answer that is empty, cut off or not of the schema
"""

from __future__ import annotations


class Rejected(Exception):
    """The message says why, and never quotes what was delivered."""


class NotNow(Exception):
    """Contention, or another run that is still at work on the same summary."""


class EngineError(Exception):
    """The vendor's own exception, where there is one, is the cause (`raise ... from`)."""


class EngineUnavailable(EngineError):
    pass


class EngineRefused(EngineError):
    pass


class UnusableAnswer(EngineError):
    pass
